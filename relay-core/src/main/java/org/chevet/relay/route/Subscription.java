package org.chevet.relay.route;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.rtcp.ReportBlocks;
import org.chevet.relay.bwe.ClinicalClass;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.queue.DropLate;
import org.chevet.relay.queue.DropToKeyFrame;
import org.chevet.relay.queue.NeverDrop;
import org.chevet.relay.queue.PacketQueue;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.PacketHistory;
import org.chevet.relay.stream.RoundTrips;
import org.chevet.relay.stream.SealedPackets;
import org.chevet.relay.stream.ClockFilter;
import org.chevet.relay.stream.SentPackets;
import org.jspecify.annotations.Nullable;

/**
 * One section of a subscriber: the publication it carries now, the queue towards the subscriber, and the rewriting
 * that makes one stream of it. Packets go in by {@link #offer} and come out by {@link #pollRtp}. Lane thread only.
 */
public final class Subscription {
    /** Least time between two sender reports of one stream. */
    static final long MIN_REPORT_NS = 100_000_000L;
    private static final int AUDIO_QUEUE = 64;
    private static final long AUDIO_AGE_NS = 200_000_000L;
    private static final int VIDEO_QUEUE = 1024;
    private static final long VIDEO_AGE_NS = 500_000_000L;
    private static final int REPAIR_QUEUE = 256;
    /** Datagrams and bytes kept to be sent again where no retransmission stream was agreed: about a second. */
    private static final int AUDIO_SEALED = 64;
    private static final int AUDIO_SEALED_BYTES = 16 * 1024;
    private static final int VIDEO_SEALED = 256;
    private static final int VIDEO_SEALED_BYTES = 256 * 1024;
    /** A packet is repeated at most once in this time while the round trip is not known, or shorter. */
    private static final long MIN_REPAIR_NS = 20_000_000L;
    private static final long INITIAL_REPAIR_NS = 50_000_000L;
    private static final byte NO_TYPE = -1;
    /** Flag of a queue entry: the last packet of a picture though the publisher went on with a higher layer. */
    private static final int LAST_OF_PICTURE = 2;
    private static final int PICTURES_SHIFT = 2;
    private static final int NO_LIMIT = 127;

    final SubscriberSide subscriber;
    final NegotiatedSection section;
    final PacketQueue queue;
    final NeverDrop repairs;
    final Rewriter rewriter;
    final SentPackets sent = new SentPackets();
    final RoundTrips roundTrips = new RoundTrips();
    @Nullable Publication publication;
    int requested;
    int lastParticipant = PeerMedia.ANY;
    boolean midConfirmed;
    boolean rtxMidConfirmed;
    boolean reportDue;
    int fractionLost;
    private final MediaRouter router;
    private final HeaderPlan header;
    private final PictureNumbers pictures = new PictureNumbers();
    private final TargetFilter filter = new TargetFilter();
    private int marksVersion;
    private boolean limitsMoved;
    private int maxSpatial = NO_LIMIT;
    private int maxTemporal = NO_LIMIT;
    /** What the share of the bandwidth allows, of the target's layers. */
    private int sharedSpatial = NO_LIMIT;
    private int sharedTemporal = NO_LIMIT;
    private VideoWish wish = VideoWish.ANY;
    private boolean paused;
    private boolean lastOfPicture;
    private final boolean video;
    private final boolean takesPadding;
    private final @Nullable SealedPackets sealed;
    final SentNumbers numbers;
    private final PayloadTypes types = new PayloadTypes();
    /** The source whose packets are being queued; the rewriter follows when they leave. */
    private int source = Rewriter.NO_SOURCE;
    private @Nullable Layer current;
    private @Nullable Layer target;
    /** The layer whose packets leave now; behind {@link #current} by what is queued. */
    private @Nullable Layer sending;
    private boolean awaiting;
    private boolean interrupted;
    private int rtxSequence;
    /** Payload type of retransmissions of what was sent last, at first of any; -1 without. */
    private int paddingType;
    private int transportNumber;
    private long packets;
    private long octets;
    private long lastReportNs;
    private boolean everReported;
    private int payloadOffset;
    private int payloadLength;
    private long receivedNs;
    private DirectBuffer payload;

    Subscription(final SubscriberSide subscriber, final NegotiatedSection section, final int requested) {
        this.subscriber = subscriber;
        this.section = section;
        this.requested = requested;
        router = subscriber.router;
        video = section.kind() == MediaKind.VIDEO;
        takesPadding = takesPadding(section);
        paddingType = takesPadding ? firstRepairType(section) : NO_TYPE;
        final PacketQueue.Discarded discarded = (slot, tag, flags) -> interrupted = true;
        queue = video ? new DropToKeyFrame(router.slab, router.stats, VIDEO_QUEUE, VIDEO_AGE_NS, discarded)
            : new DropLate(router.slab, router.stats, AUDIO_QUEUE, AUDIO_AGE_NS, discarded);
        repairs = new NeverDrop(router.slab, router.stats, REPAIR_QUEUE, DropReason.RETRANSMISSION_THROTTLED);
        // The first number must not be close to the wrap (RFC 3711 section 3.3.1) and need not be secret under SRTP.
        rewriter = new Rewriter(section.localSsrc(), section.localSsrc() & 0x7FFF);
        rtxSequence = section.localRtxSsrc() & 0x7FFF;
        header = new HeaderPlan(section, subscriber.router.headerWriter);
        numbers = new SentNumbers(section);
        sealed = !wantsSealed(section) ? null : video ? new SealedPackets(VIDEO_SEALED, VIDEO_SEALED_BYTES)
            : new SealedPackets(AUDIO_SEALED, AUDIO_SEALED_BYTES);
        payload = router.slab.buffer();
    }

    /** True when NACK was agreed, and no retransmission stream to answer it on. */
    private static boolean wantsSealed(final NegotiatedSection section) {
        for (final NegotiatedCodec codec : section.codecs()) {
            if (codec.nack() && (codec.rtxPayloadType() < 0 || section.localRtxSsrc() == 0)) {
                return true;
            }
        }
        return false;
    }

    /** The publication carried now, or {@link PeerMedia#ANY}. */
    int bound() {
        return publication == null ? PeerMedia.ANY : publication.id;
    }

    boolean isVideo() {
        return video;
    }

    void bind(final Publication next, final long nowNs) {
        publication = next;
        types.bind(next.section, section);
        next.add(this);
        sharedSpatial = NO_LIMIT;
        sharedTemporal = NO_LIMIT;
        subscriber.share.divideAnew(this, nowNs);
    }

    void unbind() {
        if (publication != null) {
            lastParticipant = publication.publisher.media.participant();
            publication.remove(this);
        }
        publication = null;
        current = null;
        target = null;
        paused = false;
        sending = null;
        source = Rewriter.NO_SOURCE;
        awaiting = false;
        interrupted = false;
        reportDue = false;
        clear(DropReason.NOT_ADMITTED);
        sent.forget();
    }

    private void clear(final DropReason reason) {
        for (int dropped = queue.clear() + repairs.clear(); dropped > 0; dropped--) {
            router.stats.drop(reason);
        }
        if (sealed != null) {
            sealed.clear();
        }
    }

    /** Starts over at a key frame after a pause, in which nothing is queued and no numbers are used. */
    void setConnected(final boolean connected, final long nowNs) {
        if (connected) {
            subscriber.share.divideAnew(this, nowNs);
        } else {
            interrupt(DropReason.NOT_ADMITTED);
        }
    }

    private void interrupt(final DropReason reason) {
        clear(reason);
        source = Rewriter.NO_SOURCE;
        current = null;
        target = null;
        awaiting = false;
        interrupted = true;
    }

    /**
     * The steps there are for this section.
     *
     * @param maxQueueNs nothing of the video waits for longer
     */
    void climb(final Ladder ladder, final VideoProfile profile, final long maxQueueNs, final long nowNs) {
        if (queue instanceof DropToKeyFrame toKeyFrame) {
            toKeyFrame.maxAgeNs(Math.min(maxQueueNs, VIDEO_AGE_NS));
        }
        if (publication != null) {
            ladder.build(publication, current, wish, profile, maxSpatial, maxTemporal, nowNs);
        }
    }

    /** Sends nothing of this video until {@link #aim} or {@link #unpause}. */
    void pause() {
        if (!paused) {
            paused = true;
            interrupt(DropReason.VIDEO_PAUSED);
        }
    }

    /** Whatever comes is sent again, from its next key frame on. */
    void unpause() {
        paused = false;
    }

    /**
     * The layers to send from the next possible moment on: at once within one encoding where decoding allows it, else
     * at a key frame, which is asked for.
     */
    void aim(final Layer best, final int spatial, final int temporal, final long nowNs) {
        final boolean moved = best != target;
        limitsMoved |= moved || spatial != sharedSpatial || temporal != sharedTemporal;
        paused = false;
        target = best;
        sharedSpatial = spatial;
        sharedTemporal = temporal;
        final boolean elsewhere = best != current || best.source != source || awaiting;
        if (elsewhere && (moved || best.publication.layers.length > 1)) {
            best.publication.publisher.ask(best);
        }
    }

    /** What the subscriber wants of the video it gets; may cost a key frame. */
    void wish(final VideoWish next, final long nowNs) {
        wish = next;
        subscriber.share.divideAnew(this, nowNs);
    }

    VideoWish wish() {
        return wish;
    }

    /**
     * Queues a packet of one of the publication's layers, or drops it and counts why.
     *
     * @return 1 when queued, else 0
     */
    int offer(final Layer layer, final Packet packet, final long nowNs) {
        if (!subscriber.connected) {
            return refuse(DropReason.NOT_CONNECTED);
        }
        if (paused) {
            return refuse(DropReason.VIDEO_PAUSED);
        }
        if (types.media(packet.payloadType()) < 0) {
            skip(layer, packet.extended(), nowNs);
            return refuse(DropReason.CODEC_NOT_NEGOTIATED);
        }
        boolean start = false;
        if (packet.source() != source) {
            if (current != null && layer != current && layer != target) {
                return refuse(DropReason.LAYER_NOT_SELECTED);
            }
            if (video && !packet.isKeyFrameStart()) {
                if (current == layer || current == null) {
                    target = target == null ? layer : target;
                    if (layer == target) {
                        layer.publication.publisher.ask(layer);
                    }
                    return refuse(DropReason.AWAITING_KEY_FRAME);
                }
                return refuse(DropReason.LAYER_NOT_SELECTED);
            }
            source = packet.source();
            current = layer;
            target = target == null ? layer : target;
            start = true;
        } else if (awaiting && !packet.isKeyFrameStart()) {
            return refuse(DropReason.AWAITING_KEY_FRAME);
        }
        if (start && !wish.equals(VideoWish.ANY)) {
            // The key frame has told the sizes: not more than is wished for from the first picture on.
            subscriber.share.divide(nowNs);
            if (paused) {
                return refuse(DropReason.VIDEO_PAUSED);
            }
        }
        if (start || awaiting) {
            marksVersion = layer.marks.version();
            filter.begin(decodeTarget(layer));
        }
        awaiting = false;
        final int queued = enqueue(layer, packet, nowNs);
        return start && video ? queued + catchUp(layer, packet.extended(), nowNs) : queued;
    }

    /**
     * Limits the scalability layers of what this section carries; at once where decoding allows it, else at the next
     * key frame.
     */
    void limitLayers(final int spatial, final int temporal, final long nowNs) {
        maxSpatial = spatial;
        maxTemporal = temporal;
        limitsMoved = true;
        subscriber.share.divideAnew(this, nowNs);
    }

    /** On the way down to another encoding, which takes a key frame, the present one is thinned out meanwhile. */
    private int decodeTarget(final Layer layer) {
        if (layer == target || target == null) {
            return layer.marks.best(Math.min(maxSpatial, sharedSpatial), Math.min(maxTemporal, sharedTemporal));
        }
        return layer.marks.best(maxSpatial, target.rateBps() < layer.rateBps() ? 0 : maxTemporal);
    }

    /** What overtook the first packet of the key frame is needed after all. */
    private int catchUp(final Layer layer, final long first, final long nowNs) {
        int queued = 0;
        final Packet later = router.laterPacket;
        for (long next = first + 1; next <= layer.stats.highest(); next++) {
            final int slot = layer.history.find(next, nowNs);
            if (slot != PacketSlab.NONE && types.media(later.wrap(slot).payloadType()) >= 0) {
                queued += enqueue(layer, later, nowNs);
            }
        }
        return queued;
    }

    private int enqueue(final Layer layer, final Packet packet, final long nowNs) {
        if (packet.present() != LayerMarks.ALL && !admits(layer, packet)) {
            leaveOut(packet, nowNs);
            return refuse(DropReason.LAYER_NOT_SELECTED);
        }
        final int flags = (packet.isKeyFrameStart() ? PacketQueue.KEY_FRAME_START : 0)
            | (endsPicture(layer, packet) ? LAST_OF_PICTURE : 0);
        final boolean accepted = queue.offer(packet.slot(), packet.extended(), flags, nowNs);
        checkKeyFrame();
        router.makeReady(subscriber);
        return accepted ? 1 : 0;
    }

    private boolean admits(final Layer layer, final Packet packet) {
        if (limitsMoved || marksVersion != layer.marks.version()) {
            limitsMoved = false;
            marksVersion = layer.marks.version();
            filter.want(decodeTarget(layer));
        }
        final boolean admitted = filter.admits(packet);
        if (filter.isStuck() && layer.marks.spatialOf(filter.wanted()) != layer.marks.spatialOf(filter.current())) {
            layer.publication.publisher.ask(layer);
        }
        return admitted;
    }

    /** The numbers of a packet that is left out close up in its turn, those of its picture too. */
    private void leaveOut(final Packet packet, final long nowNs) {
        final int packed = packet.pictures() == PictureNumbers.NONE ? 0 : packet.pictures() << PICTURES_SHIFT;
        if (!queue.offer(PacketQueue.MARKER, packet.extended(), packed, nowNs)) {
            interrupted = true;
        }
        router.makeReady(subscriber);
    }

    /** With the higher layers left out, a picture ends with its highest layer that is sent. */
    private boolean endsPicture(final Layer layer, final Packet packet) {
        return packet.marker() || (packet.present() != LayerMarks.ALL && packet.isFrameEnd() && filter.current() >= 0
            && packet.spatial() == layer.marks.spatialOf(filter.current()));
    }

    /** True when the packet being built is the last of its picture for this subscriber. */
    boolean isLastOfPicture() {
        return lastOfPicture;
    }

    private void checkKeyFrame() {
        if (queue instanceof DropToKeyFrame toKeyFrame && toKeyFrame.awaitsKeyFrame()) {
            awaiting = true;
            if (current != null) {
                current.publication.publisher.ask(current);
            }
        }
    }

    /** A packet of the layer will not be sent though it has a sequence number: closes the gap in its turn. */
    void skip(final Layer layer, final long sequence, final long nowNs) {
        if (layer.source == source && !awaiting && !queue.offer(PacketQueue.MARKER, sequence, 0, nowNs)) {
            interrupted = true;
        }
        if (layer.source == source) {
            router.makeReady(subscriber);
        }
    }

    private int refuse(final DropReason reason) {
        router.stats.drop(reason);
        return 0;
    }

    /**
     * Builds the header of the next packet of this section; its payload is at {@link #payload()}. Call
     * {@link #sent(long)} after sending it.
     *
     * @return header length, 0 when nothing is queued
     */
    public int pollRtp(final MutableDirectBuffer out, final int offset, final int capacity, final long nowNs) {
        while (!repairs.isEmpty()) {
            final int length = buildRepair(out, offset, capacity, nowNs);
            if (length > 0) {
                return length;
            }
            repairs.pop();
        }
        queue.expire(nowNs);
        checkKeyFrame();
        while (!queue.isEmpty()) {
            final int length = buildNext(out, offset, capacity, nowNs);
            if (length > 0) {
                return length;
            }
            queue.pop();
        }
        return 0;
    }

    /** The packet of the last {@link #pollRtp} was handed over. */
    public void sent(final long nowNs) {
        if (repairs.isEmpty()) {
            router.stats.count(Counter.RTP_FORWARDED);
            packets++;
            octets += payloadLength;
            queue.pop();
            if (!everReported && current != null && current.clock.known()) {
                onSenderReport(current, nowNs);
            }
        } else {
            router.stats.count(Counter.RETRANSMISSIONS_SENT);
            final int index = sent.find((int) repairs.headTag() & 0xFFFF);
            if (index >= 0) {
                sent.leave(index);
            }
            repairs.pop();
        }
    }

    /** What left before, for requests without a retransmission stream; null where such requests do not come. */
    public @Nullable SealedPackets sealed() {
        return sealed;
    }

    /** Buffer of the payload built last. */
    public DirectBuffer payload() {
        return payload;
    }

    /** Where the payload starts in {@link #payload()}. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of the payload. */
    public int payloadLength() {
        return payloadLength;
    }

    /** When the packet built last was received; Long.MIN_VALUE when it is a retransmission. */
    public long receivedNs() {
        return receivedNs;
    }

    /** Class of the packets of this section. */
    public TrafficClass traffic() {
        return section.kind() == MediaKind.AUDIO ? TrafficClass.AUDIO : TrafficClass.VIDEO;
    }

    /** False when something is queued and must wait; it grows old meanwhile. */
    public boolean mayLeave(final long nowNs) {
        if (!video || (queue.isEmpty() && repairs.isEmpty())
            || subscriber.control.mayLeave(clinicalClass(), nowNs)) {
            return true;
        }
        queue.expire(nowNs);
        checkKeyFrame();
        return false;
    }

    private ClinicalClass clinicalClass() {
        final Publication carried = publication;
        if (carried != null) {
            return carried.clinicalClass();
        }
        return video ? ClinicalClass.FACE_VIDEO : ClinicalClass.SPEECH;
    }

    int nextTransportNumber(final int bytes, final long nowNs) {
        transportNumber = subscriber.nextTransportNumber(clinicalClass(), bytes, nowNs);
        return transportNumber;
    }

    int nextPaddingNumber(final int sequence, final int bytes, final long nowNs) {
        transportNumber = subscriber.nextTransportNumber(ClinicalClass.BACKFILL, bytes, nowNs);
        numbers.note(true, sequence, transportNumber);
        return transportNumber;
    }

    /** Transport-wide number of the packet built last. */
    public int transportNumber() {
        return transportNumber;
    }

    /** True when padding can go out on this section: retransmissions and transport-wide numbers were agreed. */
    boolean takesPadding() {
        return takesPadding;
    }

    private static boolean takesPadding(final NegotiatedSection section) {
        final boolean numbered = section.extensions().containsKey(HeaderExtension.TRANSPORT_CC);
        return section.localRtxSsrc() != 0 && section.codecs().stream().anyMatch(codec ->
            codec.rtxPayloadType() >= 0 && (section.ccfb() || (numbered && codec.transportCc())));
    }

    private static int firstRepairType(final NegotiatedSection section) {
        for (final NegotiatedCodec codec : section.codecs()) {
            if (codec.rtxPayloadType() >= 0) {
                return codec.rtxPayloadType();
            }
        }
        return NO_TYPE;
    }

    /** The header of a packet of padding; 0 when the section takes none. */
    int buildPadding(final MutableDirectBuffer out, final int offset, final int capacity, final long nowNs) {
        if (paddingType < 0 || !takesPadding) {
            return 0;
        }
        final int length = header.writePadding(out, offset, capacity, this, paddingType,
            SubscriberSide.PADDING_LENGTH, rtxSequence, rewriter.lastTimestamp(), nowNs);
        rtxSequence += length > 0 ? 1 : 0;
        return length;
    }

    private int buildNext(final MutableDirectBuffer out, final int offset, final int capacity, final long nowNs) {
        final long in = queue.headTag();
        if (queue.headSlot() == PacketQueue.MARKER) {
            close(in, queue.headFlags() >>> PICTURES_SHIFT);
            return 0;
        }
        final Packet packet = router.sendPacket.wrap(queue.headSlot());
        follow(packet);
        final long sequence = rewriter.sequence(in);
        if (sequence == Rewriter.TOO_LATE) {
            refuse(DropReason.RTP_TOO_LATE);
            return 0;
        }
        final int timestamp = rewriter.timestamp(packet.timestamp(), packet.arrivedNs());
        lastOfPicture = (queue.headFlags() & LAST_OF_PICTURE) != 0;
        final int length = header.write(out, offset, capacity, packet, this, false, sequence, timestamp, nowNs);
        if (length == 0) {
            refuse(DropReason.PACKET_TOO_LARGE);
            return 0;
        }
        final int shown = pictures.place(packet.pictures());
        if (sending != null) {
            sent.add(sequence, in, sending.history, rewriter.timestampOffset(), shown);
        }
        take(packet, shown);
        paddingType = types.repair(packet.payloadType());
        receivedNs = packet.arrivedNs();
        return length;
    }

    /** The payload, or its primary block, leaves from its slot, unless its picture numbers are others here. */
    private void take(final Packet packet, final int shown) {
        payloadLength = lengthOf(packet);
        if (shown == packet.pictures()) {
            payload = packet.buffer();
            payloadOffset = packet.payloadOffset() + types.skipped(packet);
        } else {
            payload = router.rewritten.withPictures(packet, shown);
            payloadOffset = 0;
        }
    }

    /** The rewriter follows the source of the packet, or closes the hole a dropped stretch has left. */
    private void follow(final Packet packet) {
        if (packet.source() != rewriter.source()) {
            begin(packet);
        } else if (interrupted && packet.extended() > rewriter.highest()) {
            rewriter.resume(packet.extended());
            pictures.begin();
            sent.leap(rewriter.nextSequence());
        }
        interrupted = false;
    }

    /** Layers of one publisher are lined up by their sender reports where both have one, else by arrival. */
    private void begin(final Packet packet) {
        final Layer before = sending;
        final Layer next = layerOf(packet.source());
        final int clockRate = next == null ? section.codecs().get(0).clockRate() : next.clockRate;
        final boolean aligned = before != null && before.source == rewriter.source() && before.clock.known()
            && next != null && next.clock.known() && before.publication == next.publication;
        if (aligned) {
            final long ntp = next.clock.ntpOf(packet.timestamp(), clockRate);
            final int there = before.clock.timestampAt(ntp, clockRate);
            rewriter.beginAt(packet.source(), packet.extended(), packet.timestamp(), packet.arrivedNs(), clockRate,
                rewriter.mapTimestamp(there));
        } else {
            rewriter.begin(packet.source(), packet.extended(), packet.timestamp(), packet.arrivedNs(), clockRate);
        }
        pictures.begin();
        sent.leap(rewriter.nextSequence());
        sending = next;
        everReported = false;
    }

    private @Nullable Layer layerOf(final int wanted) {
        if (publication != null) {
            for (final Layer layer : publication.layers) {
                if (layer.source == wanted) {
                    return layer;
                }
            }
        }
        return null;
    }

    private void close(final long in, final int leftOut) {
        if (interrupted || rewriter.source() != source) {
            return;
        }
        pictures.skip(leftOut == 0 ? PictureNumbers.NONE : leftOut);
        final boolean gap = in > rewriter.highest() + 1;
        rewriter.skip(in);
        if (gap && sending != null) {
            sent.addLost(rewriter.nextSequence() - 1, in - 1, sending.history, rewriter.timestampOffset());
        }
    }

    private int buildRepair(final MutableDirectBuffer out, final int offset, final int capacity, final long nowNs) {
        final Packet packet = router.sendPacket.wrap(repairs.headSlot());
        final long sequence = repairs.headTag() & 0xFFFF;
        final int timestamp = packet.timestamp() + (int) (repairs.headTag() >> Integer.SIZE);
        final int rtxType = types.repair(packet.payloadType());
        final boolean rtx = rtxType >= 0 && section.localRtxSsrc() != 0;
        final long number = rtx ? rtxSequence : sequence;
        lastOfPicture = sending == null ? packet.marker() : endsPicture(sending, packet);
        final int length = header.write(out, offset, capacity, packet, this, rtx, number, timestamp, nowNs);
        if (length == 0) {
            refuse(DropReason.PACKET_TOO_LARGE);
            return 0;
        }
        final int shown = picturesOf(packet, (int) sequence);
        take(packet, shown);
        receivedNs = Long.MIN_VALUE;
        if (rtx) {
            rtxSequence++;
            payload = router.rewritten.repair(packet, (int) sequence, types.skipped(packet), shown);
            payloadOffset = 0;
            payloadLength += org.chevet.codec.rtp.Rtx.OSN_LENGTH;
        }
        return length;
    }

    /** As they were when the packet left first; one that never left is placed now, or keeps its own after a switch. */
    private int picturesOf(final Packet packet, final int sequence) {
        final int index = sent.find(sequence);
        final int before = index < 0 ? PictureNumbers.NONE : sent.note(index);
        if (before != PictureNumbers.NONE) {
            return before;
        }
        return packet.source() == rewriter.source() ? pictures.place(packet.pictures()) : packet.pictures();
    }

    int payloadType(final int incoming, final boolean rtx) {
        return rtx ? types.repair(incoming) : types.media(incoming);
    }

    /** Bytes of a packet's payload that this subscriber gets. */
    int lengthOf(final Packet packet) {
        return packet.payloadLength() - types.skipped(packet);
    }

    /** A sequence number of a NACK: queues the packet again, at most once per round trip. */
    void onNack(final int sequence, final long nowNs) {
        final int index = sent.find(sequence);
        if (index >= 0 && sealed != null && sealed.find(sequence) != SealedPackets.NONE) {
            sendAgain(sealed, index, sequence, nowNs);
            return;
        }
        final PacketHistory history = index < 0 ? null : sent.history(index);
        final int slot = history == null ? PacketSlab.NONE : history.find(sent.incoming(index), nowNs);
        if (slot == PacketSlab.NONE) {
            refuse(DropReason.HISTORY_MISS);
            return;
        }
        if (sent.hasLeft(index) && !isRepairable(slot)) {
            refuse(DropReason.SEALED_MISS);
            return;
        }
        if (!sent.mayAnswer(index, repairIntervalNs(), nowNs)) {
            refuse(DropReason.RETRANSMISSION_THROTTLED);
            return;
        }
        final long tag = ((long) sent.timestampOffset(index) << Integer.SIZE) | sequence;
        repairs.offer(slot, tag, 0, nowNs);
        router.makeReady(subscriber);
    }

    /** True when the packet can leave again on a stream of its own; sealing it twice with one number is forbidden. */
    private boolean isRepairable(final int slot) {
        return section.localRtxSsrc() != 0 && types.repair(router.sendPacket.wrap(slot).payloadType()) >= 0;
    }

    private void sendAgain(final SealedPackets from, final int index, final int sequence, final long nowNs) {
        if (!sent.mayAnswer(index, repairIntervalNs(), nowNs) || !from.ask(sequence)) {
            refuse(DropReason.RETRANSMISSION_THROTTLED);
            return;
        }
        router.makeReady(subscriber);
    }

    private long repairIntervalNs() {
        final long roundTripNs = roundTrips.roundTripNs();
        return roundTripNs < 0 ? INITIAL_REPAIR_NS : Math.max(roundTripNs, MIN_REPAIR_NS);
    }

    /** The subscriber cannot decode: ask the layer it is getting, or is to get. */
    void onKeyFrameRequest() {
        final Layer layer = current == null ? target : current;
        if (layer != null && !paused) {
            layer.publication.publisher.ask(layer);
        }
    }

    void onSenderReport(final Layer layer, final long nowNs) {
        if (layer == current && (!everReported || nowNs - lastReportNs >= MIN_REPORT_NS)) {
            reportDue = true;
            router.makeReady(subscriber);
        }
    }

    void onReportBlock(final ReportBlocks blocks, final int index, final long nowNs) {
        fractionLost = blocks.fractionLost(index);
        roundTrips.onReportBlock(blocks.lastSr(index), blocks.delaySinceLastSr(index), nowNs);
        subscriber.control.onReceiverReport(fractionLost, Math.max(0, roundTrips.roundTripNs()), nowNs);
    }

    /** The time of the last report's RTP timestamp; null while the reports or their clock are unknown. */
    @Nullable MediaTime mediaTime(final long nowNs) {
        final Layer layer = current;
        if (layer == null || !layer.clock.known() || rewriter.source() != layer.source) {
            return null;
        }
        final PublisherClock clock = layer.publication.publisher.clock;
        // The clock of the samples and that of the reports are two.
        final long sinceNs = (long) (layer.clock.ageNs(nowNs) * ClockFilter.MAX_DRIFT);
        return clock.known() ? new MediaTime(section.mid(), layer.clockRate,
            Integer.toUnsignedLong(rewriter.mapTimestamp(layer.clock.timestamp())),
            clock.laneNs(layer.clock.ntp(), nowNs), clock.uncertaintyNs(nowNs) + sinceNs) : null;
    }

    /** Writes the publisher's sender report in terms of the outgoing stream (RFC 3550 section 6.4.1). */
    boolean writeReport(final org.chevet.codec.rtcp.RtcpWriter writer, final long nowNs) {
        final Layer layer = current;
        if (!reportDue || layer == null || !layer.clock.known() || rewriter.source() != layer.source) {
            reportDue = false;
            return true;
        }
        if (!writer.senderReport(rewriter.ssrc(), layer.clock.ntp(), rewriter.mapTimestamp(layer.clock.timestamp()),
            packets, octets) || !writer.cname(rewriter.ssrc(), layer.publication.publisher.cname)) {
            return false;
        }
        reportDue = false;
        everReported = true;
        lastReportNs = nowNs;
        roundTrips.onReportSent(layer.clock.lastReport(), nowNs);
        return true;
    }
}
