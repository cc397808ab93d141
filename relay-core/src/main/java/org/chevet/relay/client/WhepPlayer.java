package org.chevet.relay.client;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.SenderReport;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.Rtx;
import org.jspecify.annotations.Nullable;

/**
 * Receives the tracks of a consultation by WHEP and counts them; nothing is decoded. Asks for what is missing (NACK,
 * answered by RTX, for audio by the same packet again) and for key frames (PLI), tells when each packet arrived, and
 * reports reception as a browser does. Safe on any thread.
 */
public final class WhepPlayer implements AutoCloseable {
    /** Bound on the sections of one player. */
    public static final int MAX_TRACKS = 32;

    private static final String FROM = "from=";
    private static final long REPORT_NS = 1_000_000_000L;
    private static final long KEY_FRAME_NS = 500_000_000L;

    private final MediaResource resource;
    private final RemoteMedia remote;
    private final MediaTransport transport;
    private final MediaClientConfig config;
    private final PacketListener listener;
    private final List<IncomingStream> streams = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final RtpHeader header = new RtpHeader();
    private final ArrivalFeedback feedback;
    private final RtcpCompound compound = new RtcpCompound();
    private final SenderReport senderReport = new SenderReport();
    private final int ssrc;
    private final byte[] cname;
    private @Nullable FrameOpener opener;
    private long reportDueNs;
    private long keyFrameDueNs;
    private long unknown;
    private boolean closed;

    private WhepPlayer(final MediaClientConfig config, final URI endpoint, final String token, final int audio,
        final int video, final @Nullable PacketListener packets, final @Nullable FrameListener frames)
        throws MediaClientException, InterruptedException {
        this.config = config;
        final Credentials local = Credentials.create(config.random());
        cname = local.cname().getBytes(StandardCharsets.US_ASCII);
        ssrc = config.random().nextInt(1, Integer.MAX_VALUE);
        final SdpOffers offer = new SdpOffers(local.ufrag(), local.password(), config.fingerprint());
        for (int i = 0; i < audio + video; i++) {
            offer.receive(i < audio ? TrackKind.AUDIO : TrackKind.VIDEO, config.feedback());
        }
        resource = MediaResource.create(config, config.declared(endpoint), token,
            offer.build(config.random().nextLong(Long.MAX_VALUE)));
        transport = new MediaTransport(config, new Events());
        try {
            remote = RemoteMedia.of(resource.answer());
            feedback = new ArrivalFeedback(resource.answer());
            resource.answer().sections().forEach(section -> streams.add(new IncomingStream(section)));
            listener = packets != null ? packets : framesTo(Objects.requireNonNull(frames), audio, video,
                fromOf(endpoint));
            transport.connect(remote, local.ufrag());
        } catch (final MediaClientException | InterruptedException e) {
            transport.close();
            deleteAfter(e);
            throw e;
        }
    }

    /**
     * Plays and returns when media may flow.
     *
     * @param endpoint {@code http://host:port/whep/{consultation}}, with {@code ?from=} for one participant's tracks
     * @param token participant's token
     * @param audio audio sections to offer
     * @param video video sections to offer
     * @param listener hears every packet
     * @throws MediaClientException when it does not come about; the message says why, with the relay's own words
     */
    public static WhepPlayer connect(final MediaClientConfig config, final URI endpoint, final String token,
        final int audio, final int video, final PacketListener listener)
        throws MediaClientException, InterruptedException {
        return start(config, endpoint, token, audio, video, listener, null);
    }

    /**
     * Plays whole frames, opened when the configuration says so; otherwise as {@link #connect}. A frame that does not
     * open is left out.
     *
     * <p>To open frames their sender must be known: whoever publishes already, or the one of {@code ?from=}.
     *
     * @param listener hears every frame that became whole
     */
    public static WhepPlayer connectFrames(final MediaClientConfig config, final URI endpoint, final String token,
        final int audio, final int video, final FrameListener listener)
        throws MediaClientException, InterruptedException {
        return start(config, endpoint, token, audio, video, null, listener);
    }

    private static WhepPlayer start(final MediaClientConfig config, final URI endpoint, final String token,
        final int audio, final int video, final @Nullable PacketListener packets, final @Nullable FrameListener frames)
        throws MediaClientException, InterruptedException {
        if (audio < 0 || video < 0 || audio + video < 1 || audio + video > MAX_TRACKS) {
            throw new IllegalArgumentException("1 to " + MAX_TRACKS + " sections, not " + (audio + video));
        }
        return new WhepPlayer(config, endpoint, token, audio, video, packets, frames);
    }

    /** The participant whose tracks an endpoint asks for; "" for all. */
    private static String fromOf(final URI endpoint) {
        final String query = endpoint.getQuery();
        return query == null ? "" : Arrays.stream(query.split("&")).filter(part -> part.startsWith(FROM)).findFirst()
            .map(part -> part.substring(FROM.length())).orElse("");
    }

    /** What puts packets together to frames, opens them, and hands them on. */
    private PacketListener framesTo(final FrameListener frames, final int audio, final int video,
        final String from) {
        final EndToEnd endToEnd = config.endToEnd();
        if (endToEnd == null) {
            return new FrameAssembler(audio, video, frames);
        }
        // A section that is bound later carries the only participant who was asked for, or nobody known.
        final List<String> senders = streams.stream().map(stream -> stream.snapshot().stream())
            .map(sender -> sender.equals("-") || sender.isEmpty() ? from : sender).toList();
        opener = new FrameOpener(endToEnd, audio, senders::get, frames, System::nanoTime);
        return new FrameAssembler(audio, video, opener);
    }

    private void deleteAfter(final Exception cause) {
        try {
            resource.delete();
        } catch (final MediaClientException e) {
            cause.addSuppressed(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Counters of each section, in the order of the offer: audio first. */
    public List<ReceivedReport> reports() {
        lock.lock();
        try {
            return streams.stream().map(IncomingStream::snapshot).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Frames that did not open, and were left out. */
    public long unopenedFrames() {
        lock.lock();
        try {
            return opener == null ? 0 : opener.refused();
        } finally {
            lock.unlock();
        }
    }

    /** RTP packets that belong to no section; they are dropped. */
    public long unknownPackets() {
        lock.lock();
        try {
            return unknown;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Restarts ICE, after the network changed under the connection: asks the relay by PATCH, and returns when media
     * flows by the new way. DTLS, SRTP and the tracks go on. Calls from several threads come one after the other.
     *
     * <p>The old way goes on until a check by the new one has reached the relay, and for good when the relay refuses
     * or cannot be asked. When the relay heard a check but its answer did not come back, it sends by the new way
     * already and answers the old one for 10 s: try again meanwhile.
     *
     * @throws MediaClientException when it does not come about; it may be tried again
     */
    public void restartIce() throws MediaClientException, InterruptedException {
        final Credentials fresh = Credentials.create(config.random());
        transport.restart(() -> remote.restarted(resource.restart(fresh)), fresh.ufrag());
    }

    /** True while media may flow. */
    public boolean isConnected() {
        return transport.isConnected();
    }

    /** Why the connection ended, "" while it has not. */
    public String ended() {
        return transport.ended();
    }

    /** Name of the SRTP profile in use, such as {@code AEAD_AES_256_GCM}. */
    public String srtpProfile() {
        return transport.profileName();
    }

    /** Address of the WHEP resource. */
    public URI resource() {
        return resource.location();
    }

    /** Deletes the resource and closes the socket. A relay that cannot be reached any more is left. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        deleteAfter(new MediaClientException("closing"));
        transport.close();
    }

    private final class Events implements MediaTransport.Receiver {
        @Override
        public void onRtp(final DirectBuffer packet, final int offset, final int length, final long nowNs) {
            if (!header.wrapPlain(packet, offset, length)) {
                return;
            }
            lock.lock();
            try {
                feedback.onPacket(header, nowNs);
                if (header.isPaddingOnly()) {
                    return;
                }
                for (int i = 0; i < streams.size(); i++) {
                    final IncomingStream stream = streams.get(i);
                    if (stream.carries(header.ssrc())) {
                        take(i, stream, header.sequence(), header.payloadOffset(), header.payloadLength(), false,
                            nowNs);
                        return;
                    }
                    if (stream.repairs(header.ssrc())) {
                        take(i, stream, Rtx.originalSequence(header), Rtx.originalPayloadOffset(header),
                            Rtx.originalPayloadLength(header), true, nowNs);
                        return;
                    }
                }
                unknown++;
            } finally {
                lock.unlock();
            }
        }

        private void take(final int track, final IncomingStream stream, final int sequence, final int payload,
            final int length, final boolean isRepair, final long nowNs) {
            final int type = isRepair ? stream.repairedType(header.payloadType()) : header.payloadType();
            if (sequence >= 0 && length >= 0
                && stream.accept(header, sequence, header.buffer(), payload, length, isRepair, type, nowNs)) {
                listener.onPacket(track, header, payload, length, sequence);
            }
        }

        @Override
        public void onRtcp(final DirectBuffer packet, final int offset, final int length, final long nowNs) {
            if (!compound.wrap(packet, offset, length)) {
                return;
            }
            lock.lock();
            try {
                while (compound.next()) {
                    if (senderReport.wrap(compound)) {
                        streams.stream().filter(stream -> stream.carries(senderReport.ssrc()))
                            .forEach(stream -> stream.onSenderReport(senderReport.ntp(), nowNs));
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onTick(final long nowNs) {
            lock.lock();
            try {
                final boolean keyFrameDue = nowNs - keyFrameDueNs >= 0
                    && streams.stream().anyMatch(IncomingStream::wantsKeyFrame);
                final boolean reportDue = nowNs - reportDueNs >= 0;
                transport.sendRtcp(writer -> {
                    // Reduced-size RTCP was offered (RFC 5506): feedback may travel without a report.
                    if (reportDue) {
                        writer.receiverReport(ssrc);
                        streams.forEach(stream -> stream.reportBlock(writer, nowNs));
                        writer.cname(ssrc, cname);
                    }
                    for (final IncomingStream stream : streams) {
                        stream.writeNacks(writer, ssrc, nowNs);
                        if (keyFrameDue && stream.wantsKeyFrame()) {
                            writer.pictureLoss(ssrc, stream.ssrc());
                        }
                    }
                });
                transport.sendRtcp(writer -> feedback.write(writer, ssrc, streams.getFirst().ssrc(), nowNs));
                keyFrameDueNs = keyFrameDue ? nowNs + KEY_FRAME_NS : keyFrameDueNs;
                reportDueNs = reportDue ? nowNs + REPORT_NS : reportDueNs;
            } finally {
                lock.unlock();
            }
        }
    }
}
