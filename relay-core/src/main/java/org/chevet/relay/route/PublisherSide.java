package org.chevet.relay.route;

import static org.chevet.codec.wire.BigEndian.u16;

import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.codec.rtp.Red;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.Rtx;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stream.ArrivalTimes;
import org.chevet.relay.stream.ReceiveStats;
import org.jspecify.annotations.Nullable;

/** A publisher: its tracks, what it sent, and the feedback it gets. Lane thread only. */
public final class PublisherSide extends PeerSide {
    /** Between two reports (RFC 3550 section 6.2 with the minimum of a small session). */
    static final long REPORT_NS = 1_000_000_000L;
    /** Between two transport feedbacks, at least; browsers climb their simulcast layers at this pace. */
    static final long TRANSPORT_FEEDBACK_NS = 50_000_000L;
    /**
     * What is due regularly waits this long for a packet of the publisher, in whose turn it leaves; only then it wakes
     * the lane for itself. With audio running a packet comes every 20 ms.
     */
    static final long PATIENCE_NS = 50_000_000L;
    /** Between two looks at the rates of simulcast layers. */
    static final long LAYER_CHOICE_NS = 250_000_000L;
    /** Bytes that one source's NACK may take: {@link #MAX_NACKS} single numbers and the header. */
    private static final int NACK_LENGTH = 12 + 4 * 64;
    private static final int MAX_NACKS = 64;

    final Publication[] publications;
    private final SourceTable sources;
    private final UplinkCap cap;
    /** What its sender reports tell the time by. */
    final PublisherClock clock = new PublisherClock();
    private final ArrivalTimes arrivals = new ArrivalTimes();
    private final int[] lost = new int[MAX_NACKS];
    private final boolean reducedSize;
    private final boolean transportFeedback;
    /** When the lane must be woken. */
    private long deadlineNs = Long.MAX_VALUE;
    /** From when on the next packet takes along what is due. */
    private long dueNs = Long.MAX_VALUE;
    private long reportNs = Long.MAX_VALUE;
    private long feedbackNs = Long.MAX_VALUE;
    private long choiceNs = Long.MAX_VALUE;
    private int reportCursor;
    private boolean reporting;
    private int feedbackCount;
    private int anySsrc;

    PublisherSide(final MediaRouter router, final int peer, final PeerMedia media) {
        super(router, peer, media);
        boolean reduced = true;
        boolean twcc = false;
        publications = new Publication[(int) media.sections().stream()
            .filter(section -> section.flow() == Flow.RECEIVE).count()];
        int count = 0;
        for (final NegotiatedSection section : media.sections()) {
            if (section.flow() == Flow.RECEIVE) {
                publications[count++] = new Publication(router.newPublicationId(), this, section, router.slab);
                reduced &= section.reducedSizeRtcp();
                twcc |= section.extensions().containsKey(HeaderExtension.TRANSPORT_CC);
            }
        }
        reducedSize = reduced;
        transportFeedback = twcc;
        sources = new SourceTable(publications);
        cap = new UplinkCap(publications);
    }

    long nextDeadlineNs() {
        return deadlineNs;
    }

    /** Takes one packet whose bytes are in the slot; see {@link MediaRouter#onRtp}. The slot stays the caller's. */
    int onRtp(final RtpHeader header, final int slot, final long receivedNs, final long nowNs) {
        Layer layer = sources.find(header.ssrc());
        if (layer == null) {
            layer = sources.learn(header, router.extensions, router, nowNs);
            if (layer == null) {
                return router.drop(DropReason.RTP_UNKNOWN_STREAM);
            }
            startTimers(nowNs);
        }
        final Publication publication = layer.publication;
        final Packet packet = router.packet.wrap(slot);
        packet.takeExtensions(header, router.extensions, publication.extensions);
        noteArrival(packet, header.ssrc(), receivedNs);
        final int copies = layer.rtxKnown && layer.rtxSsrc == header.ssrc()
            ? onRepair(layer, header, packet, receivedNs, nowNs)
            : onMedia(layer, header, packet, header.sequence(), header.payloadType(), false, receivedNs, nowNs);
        if (nowNs >= dueNs) {
            doWhatIsDue(nowNs);
        }
        return copies;
    }

    /** A retransmission (RFC 4588): becomes the packet it repeats, if that is still wanted. */
    private int onRepair(final Layer layer, final RtpHeader header, final Packet packet, final long receivedNs,
        final long nowNs) {
        final int verdict = layer.rtxStats.onPacket(header.sequence(), header.timestamp(), layer.clockRate,
            receivedNs, false);
        if (verdict < 0) {
            return router.drop(verdict == ReceiveStats.DUPLICATE ? DropReason.RTP_DUPLICATE : DropReason.RTP_TOO_LATE);
        }
        // Probes for bandwidth come before any media, without payload, or as copies of what arrived long ago.
        if (Rtx.originalPayloadLength(header) <= 0 || !layer.known || !layer.stats.started()) {
            return router.drop(DropReason.RTP_PADDING_ONLY);
        }
        final int payloadType = layer.publication.repaired[header.payloadType()];
        if (payloadType < 0) {
            return router.drop(DropReason.RTP_UNKNOWN_PAYLOAD_TYPE);
        }
        return onMedia(layer, header, packet, Rtx.originalSequence(header), payloadType, true, receivedNs, nowNs);
    }

    private int onMedia(final Layer layer, final RtpHeader header, final Packet packet, final int sequence,
        final int payloadType, final boolean repair, final long receivedNs, final long nowNs) {
        final Publication publication = layer.publication;
        final ReceiveStats stats = layer.stats;
        final long before = stats.highest();
        final int verdict = stats.onPacket(sequence, header.timestamp(), layer.clockRate, receivedNs, repair);
        if (verdict < 0) {
            return router.drop(verdict == ReceiveStats.DUPLICATE ? DropReason.RTP_DUPLICATE : DropReason.RTP_TOO_LATE);
        }
        if (verdict == ReceiveStats.RESTARTED) {
            layer.restart(router.newSource());
        } else {
            trackLoss(layer, verdict, before, nowNs);
        }
        final int length = repair ? Rtx.originalPayloadLength(header) : header.payloadLength();
        final boolean unknown = publication.codecs[payloadType] < 0;
        if (length == 0 || unknown) {
            closeGap(layer, nowNs);
            return router.drop(unknown ? DropReason.RTP_UNKNOWN_PAYLOAD_TYPE : DropReason.RTP_PADDING_ONLY);
        }
        packet.take(header, payloadType, repair, stats.extended(), layer.source, receivedNs);
        if (publication.blocks[payloadType] >= 0 && !findPrimary(packet, publication.blocks[payloadType])) {
            closeGap(layer, nowNs);
            return router.drop(DropReason.RED_MALFORMED);
        }
        layer.onMedia(length, nowNs);
        final NegotiatedCodec codec = publication.codec(payloadType);
        layer.clockRate = codec.clockRate();
        if (publication.isVideo() && router.keyFrames.isStart(codec.codec(), packet, layer.marks.isDescribed())) {
            packet.keyFrameStart();
            layer.keyFrames.onKeyFrame();
        }
        if (publication.isVideo()) {
            markPictures(layer, packet, codec.codec(), length);
        } else if (!repair && packet.has(HeaderExtension.AUDIO_LEVEL)) {
            publication.level.onPacket(packet.buffer().getByte(packet.extensionOffset(HeaderExtension.AUDIO_LEVEL)),
                nowNs);
        }
        return forward(layer, packet, nowNs);
    }

    /** A packet that goes no further has used up a sequence number: close the gap it leaves. */
    private static void closeGap(final Layer layer, final long nowNs) {
        for (final Subscription subscription : layer.publication.subscriptions) {
            subscription.skip(layer, layer.stats.extended(), nowNs);
        }
    }

    /**
     * Notes where the primary block of a RED payload starts; false when blocks do not fit, the primary one is empty,
     * or one is of another payload type than agreed: a receiver would hear nothing, or something else.
     */
    private boolean findPrimary(final Packet packet, final int blockType) {
        final Red red = router.red;
        if (!red.wrap(packet.buffer(), packet.payloadOffset(), packet.payloadLength())) {
            return false;
        }
        for (int block = 0; block < red.blockCount(); block++) {
            if (red.payloadType(block) != blockType) {
                return false;
            }
        }
        final int primary = red.blockCount() - 1;
        packet.primary(red.dataOffset(primary) - packet.payloadOffset());
        return red.dataLength(primary) > 0;
    }

    private void markPictures(final Layer layer, final Packet packet, final Codec codec, final int length) {
        final boolean isVp8 = codec == Codec.VP8 && router.vp8.wrap(packet.buffer(), packet.payloadOffset(), length);
        if (isVp8) {
            packet.pictures(PictureNumbers.pack(router.vp8.pictureId(), router.vp8.isLongPictureId(),
                router.vp8.tl0PicIdx()));
        }
        layer.marks.mark(packet, router.vp8, isVp8);
        layer.onMarks(packet, length);
    }

    private int forward(final Layer layer, final Packet packet, final long nowNs) {
        final Subscription[] subscriptions = layer.publication.subscriptions;
        if (subscriptions.length == 0) {
            return 0;
        }
        if (layer.publication.muted) {
            return router.drop(DropReason.PUBLICATION_MUTED);
        }
        layer.history.add(packet.extended(), packet.slot(), nowNs);
        int copies = 0;
        for (final Subscription subscription : subscriptions) {
            copies += subscription.offer(layer, packet, nowNs);
        }
        return copies;
    }

    private void trackLoss(final Layer layer, final int verdict, final long before, final long nowNs) {
        final long sequence = layer.stats.extended();
        if (verdict == ReceiveStats.REORDERED) {
            layer.nack.onArrived(sequence, nowNs);
            return;
        }
        final boolean gap = before > 0 && sequence > before + 1;
        if (!gap || !layer.publication.nack || layer.publication.subscriptions.length == 0
            || layer.publication.muted) {
            return;
        }
        if (!layer.nack.onGap(before + 1, sequence, nowNs)) {
            ask(layer);
        }
        deadlineNs = Math.min(deadlineNs, layer.nack.nextDeadlineNs());
    }

    private void noteArrival(final Packet packet, final int ssrc, final long receivedNs) {
        if (!transportFeedback || !packet.has(HeaderExtension.TRANSPORT_CC)
            || packet.extensionLength(HeaderExtension.TRANSPORT_CC) < 2) {
            return;
        }
        final boolean first = !arrivals.pending();
        arrivals.onPacket(u16(packet.buffer(), packet.extensionOffset(HeaderExtension.TRANSPORT_CC)), receivedNs);
        anySsrc = ssrc;
        if (first && feedbackNs == Long.MAX_VALUE) {
            feedbackNs = receivedNs + TRANSPORT_FEEDBACK_NS;
            expect(feedbackNs);
        }
    }

    /** Somebody needs a key frame of this layer. */
    void ask(final Layer layer) {
        final boolean possible = layer.publication.pli || layer.publication.fir;
        if (!possible || !layer.known || !layer.publication.isVideo() || layer.publication.muted) {
            return;
        }
        layer.keyFrames.ask();
        deadlineNs = Math.min(deadlineNs, layer.keyFrames.nextDeadlineNs());
        router.makeReady(this);
    }

    private void startTimers(final long nowNs) {
        if (reportNs == Long.MAX_VALUE) {
            reportNs = nowNs + REPORT_NS;
            choiceNs = nowNs + LAYER_CHOICE_NS;
            expect(choiceNs);
        }
    }

    /** Something regular is due from then on. */
    private void expect(final long fromNs) {
        dueNs = Math.min(dueNs, fromNs);
        deadlineNs = Math.min(deadlineNs, fromNs + PATIENCE_NS);
    }

    void handleTimeout(final long nowNs) {
        if (nowNs >= deadlineNs) {
            doWhatIsDue(nowNs);
        }
    }

    private void doWhatIsDue(final long nowNs) {
        if (nowNs >= choiceNs) {
            choiceNs = nowNs + LAYER_CHOICE_NS;
            for (final Publication publication : publications) {
                chooseLayers(publication, nowNs);
            }
            cap.look();
        }
        router.makeReady(this);
        schedule();
        // Until it is written, at the end of the turn: further packets of the batch need not look again.
        dueNs = Long.MAX_VALUE;
    }

    private void chooseLayers(final Publication publication, final long nowNs) {
        for (final Layer layer : publication.layers) {
            layer.measureRate(nowNs);
            layer.history.expire(nowNs);
        }
        if (publication.isVideo()) {
            for (final Subscription subscription : publication.subscriptions) {
                subscription.subscriber.share.divideIfDue(nowNs);
            }
            publication.wanted.report(nowNs);
        }
    }

    @Override
    void writeRtcp(final RtcpWriter writer, final long nowNs) {
        writeReport(writer, nowNs);
        if (cap.isDue(nowNs)) {
            lead(writer);
            cap.write(writer, router.rtcpSsrc, nowNs);
        }
        for (final Publication publication : publications) {
            for (final Layer layer : publication.layers) {
                writeRequests(writer, layer, nowNs);
            }
        }
        writeTransportFeedback(writer, nowNs);
        schedule();
    }

    /** RR with a block per source and the relay's CNAME (RFC 3550 section 6.4.2); several when 31 are not enough. */
    private void writeReport(final RtcpWriter writer, final long nowNs) {
        if (nowNs >= reportNs) {
            reportNs = nowNs + REPORT_NS;
            reporting = true;
            reportCursor = 0;
        }
        if (!reporting) {
            return;
        }
        writer.receiverReport(router.rtcpSsrc);
        int index = 0;
        for (final Publication publication : publications) {
            for (final Layer layer : publication.layers) {
                if (index++ >= reportCursor) {
                    if (!writeBlocks(writer, layer, nowNs)) {
                        writer.cname(router.rtcpSsrc, router.cname);
                        return;
                    }
                    reportCursor++;
                }
            }
        }
        writer.cname(router.rtcpSsrc, router.cname);
        writer.referenceTime(router.rtcpSsrc, PublisherClock.referenceTime(nowNs));
        reporting = false;
    }

    private static boolean writeBlocks(final RtcpWriter writer, final Layer layer, final long nowNs) {
        return writeBlock(writer, layer.known, layer.ssrc, layer.stats, layer.clock.lastReport(),
            layer.clock.delaySinceLastReport(nowNs))
            && writeBlock(writer, layer.rtxKnown, layer.rtxSsrc, layer.rtxStats, 0, 0);
    }

    private static boolean writeBlock(final RtcpWriter writer, final boolean known, final int ssrc,
        final ReceiveStats stats, final int lastReport, final int delay) {
        if (!known || !stats.started()) {
            return true;
        }
        stats.closeInterval();
        return writer.reportBlock(ssrc, stats.fractionLost(), stats.cumulativeLost(), stats.extendedHighest(),
            stats.jitter(), lastReport, delay);
    }

    private void writeRequests(final RtcpWriter writer, final Layer layer, final long nowNs) {
        if (!layer.known || writer.length() > MAX_RTCP_LENGTH - NACK_LENGTH - 64) {
            return;
        }
        if ((layer.publication.pli || layer.publication.fir) && layer.keyFrames.poll(nowNs)) {
            lead(writer);
            if (layer.publication.pli) {
                writer.pictureLoss(router.rtcpSsrc, layer.ssrc);
            } else {
                writer.fullIntraRequest(router.rtcpSsrc, layer.ssrc, layer.firSequence++);
            }
            router.stats.count(Counter.KEY_FRAME_REQUESTS_SENT);
        }
        final int count = layer.nack.poll(lost, nowNs);
        for (int i = 0; i < count; i++) {
            lead(writer);
            writer.nack(router.rtcpSsrc, layer.ssrc, lost[i]);
        }
        router.stats.add(Counter.NACKS_SENT, count);
    }

    private void writeTransportFeedback(final RtcpWriter writer, final long nowNs) {
        if (nowNs < feedbackNs
            || writer.length() > MAX_RTCP_LENGTH - TransportFeedbackWriter.MAX_LENGTH - 64) {
            return;
        }
        if (!arrivals.pending()) {
            feedbackNs = Long.MAX_VALUE;
            return;
        }
        if (!arrivals.fill(router.feedbackWriter)) {
            return;
        }
        lead(writer);
        writer.transportFeedback(router.feedbackWriter, router.rtcpSsrc, anySsrc, feedbackCount++);
        if (!arrivals.pending()) {
            feedbackNs = nowNs + TRANSPORT_FEEDBACK_NS;
        }
    }

    /** Feedback stands alone only where reduced-size RTCP was agreed (RFC 5506); else it follows an empty report. */
    private void lead(final RtcpWriter writer) {
        if (!reducedSize && writer.length() == 0) {
            writer.receiverReport(router.rtcpSsrc);
            writer.cname(router.rtcpSsrc, router.cname);
        }
    }

    private void schedule() {
        dueNs = Math.min(Math.min(reportNs, feedbackNs), choiceNs);
        long soonest = dueNs == Long.MAX_VALUE ? dueNs : dueNs + PATIENCE_NS;
        for (final Publication publication : publications) {
            for (final Layer layer : publication.layers) {
                if (layer.known) {
                    soonest = Math.min(soonest, layer.nack.nextDeadlineNs());
                    soonest = publication.pli || publication.fir
                        ? Math.min(soonest, layer.keyFrames.nextDeadlineNs()) : soonest;
                }
            }
        }
        deadlineNs = soonest;
    }

    @Override
    void handleRtcp(final RtcpReader in, final long nowNs) {
        in.readPublisher(this, nowNs);
    }

    @Nullable Layer layer(final int ssrc) {
        final Layer layer = sources.find(ssrc);
        return layer != null && layer.known && layer.ssrc == ssrc ? layer : null;
    }

    void onSenderReport(final int ssrc, final long ntp, final int timestamp, final long nowNs) {
        final Layer layer = layer(ssrc);
        if (layer != null) {
            layer.clock.onSenderReport(ntp, timestamp, nowNs);
            for (final Subscription subscription : layer.publication.subscriptions) {
                subscription.onSenderReport(layer, nowNs);
            }
        }
    }

    void onBye(final int ssrc) {
        sources.bye(ssrc);
    }

    void end() {
        for (final Publication publication : publications) {
            for (final Layer layer : publication.layers) {
                layer.end();
            }
        }
        deadlineNs = Long.MAX_VALUE;
    }
}
