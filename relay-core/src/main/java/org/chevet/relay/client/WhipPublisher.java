package org.chevet.relay.client;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.ExtendedReport;
import org.chevet.codec.rtcp.FullIntraRequest;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.PictureLoss;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.ReportBlocks;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.wire.NtpTime;

/**
 * Publishes encoded audio (Opus) and video (VP8) to a relay by WHIP (RFC 9725).
 *
 * <p>Safe on any thread. Nothing is encoded or paced here: what is given is sent at once.
 */
public final class WhipPublisher implements AutoCloseable {
    /** Bound on the tracks of one publisher. */
    public static final int MAX_TRACKS = 16;

    private static final int MAX_OPUS = 1275;
    private static final long REPORT_NS = 500_000_000L;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final MediaResource resource;
    private final RemoteMedia remote;
    private final MediaTransport transport;
    private final MediaClientConfig config;
    private final IntConsumer keyFrameRequests;
    private final List<OutgoingStream> streams = new ArrayList<>();
    /** One for each track, or none at all. */
    private final List<FrameSealer> sealers = new ArrayList<>();
    private final byte[] cname;
    private final ReentrantLock lock = new ReentrantLock();
    private final RtcpCompound compound = new RtcpCompound();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final FullIntraRequest fullIntra = new FullIntraRequest();
    private final Nack nack = new Nack();
    private final ReceiverReport receiverReport = new ReceiverReport();
    private final ExtendedReport extendedReport = new ExtendedReport();
    /** The relay's last reference time, for the answer beside the next sender report. */
    private OutgoingStream.Reference reference = OutgoingStream.Reference.NONE;
    private long reportDueNs;
    private boolean closed;

    private WhipPublisher(final MediaClientConfig config, final URI endpoint, final String token,
        final List<OutgoingTrack> tracks, final IntConsumer keyFrameRequests)
        throws MediaClientException, InterruptedException {
        this.config = config;
        this.keyFrameRequests = keyFrameRequests;
        final Credentials local = Credentials.create(config.random());
        cname = local.cname().getBytes(StandardCharsets.US_ASCII);
        final List<int[]> ssrcs = new ArrayList<>();
        final SdpOffers offer = new SdpOffers(local.ufrag(), local.password(), config.fingerprint());
        for (int i = 0; i < tracks.size(); i++) {
            final boolean video = tracks.get(i).kind() == TrackKind.VIDEO;
            ssrcs.add(new int[] {ssrc(config), video ? ssrc(config) : 0});
            offer.send(tracks.get(i).kind(), "track-" + i, local.cname(), ssrcs.get(i)[0], ssrcs.get(i)[1]);
        }
        resource = MediaResource.create(config, config.declared(labelled(endpoint, tracks)), token,
            offer.build(config.random().nextLong(Long.MAX_VALUE)));
        final EndToEnd endToEnd = config.endToEnd();
        if (endToEnd != null) {
            tracks.forEach(track -> sealers.add(new FrameSealer(endToEnd, track.kind())));
        }
        transport = new MediaTransport(config, new Events());
        try {
            remote = RemoteMedia.of(resource.answer());
            for (int i = 0; i < tracks.size(); i++) {
                streams.add(new OutgoingStream(transport, terms(resource.answer(), i, tracks.get(i), ssrcs.get(i)),
                    config.random().nextInt(), config.random().nextInt()));
            }
            transport.connect(remote, local.ufrag());
        } catch (final MediaClientException | InterruptedException e) {
            transport.close();
            deleteAfter(e);
            throw e;
        }
    }

    /**
     * Publishes tracks and returns when media may flow.
     *
     * @param endpoint {@code http://host:port/whip/{consultation}}
     * @param token participant's token
     * @param keyFrameRequests told the index of a video track for which a key frame is wanted; called on the
     *     connection's thread, must not block
     * @throws MediaClientException when it does not come about; the message says why, with the relay's own words
     */
    public static WhipPublisher connect(final MediaClientConfig config, final URI endpoint, final String token,
        final List<OutgoingTrack> tracks, final IntConsumer keyFrameRequests)
        throws MediaClientException, InterruptedException {
        if (tracks.isEmpty() || tracks.size() > MAX_TRACKS) {
            throw new IllegalArgumentException("1 to " + MAX_TRACKS + " tracks, not " + tracks.size());
        }
        return new WhipPublisher(config, endpoint, token, List.copyOf(tracks), keyFrameRequests);
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

    private static int ssrc(final MediaClientConfig config) {
        return config.random().nextInt(1, Integer.MAX_VALUE);
    }

    /** Labels by mid, and the demand for audio mode, as query of the endpoint. */
    private static URI labelled(final URI endpoint, final List<OutgoingTrack> tracks) {
        final List<String> query = new ArrayList<>();
        for (int i = 0; i < tracks.size(); i++) {
            if (!tracks.get(i).label().isEmpty()) {
                query.add("label=" + URLEncoder.encode(i + ":" + tracks.get(i).label(), StandardCharsets.UTF_8)
                    .replace("+", "%20"));
            }
        }
        if (tracks.stream().anyMatch(OutgoingTrack::deviceAudio)) {
            query.add("audio=device");
        }
        if (query.isEmpty()) {
            return endpoint;
        }
        return URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + String.join("&", query));
    }

    private static OutgoingStream.Terms terms(final SessionDescription answer, final int index,
        final OutgoingTrack track, final int[] ssrcs) throws MediaClientException {
        if (index >= answer.sections().size() || answer.sections().get(index).port() == 0) {
            throw new MediaClientException("the relay rejected the " + track.kind().media() + " track " + index);
        }
        final MediaSection section = answer.sections().get(index);
        final String wanted = track.kind() == TrackKind.AUDIO ? "opus" : "VP8";
        final int type = section.all(RtpMap.class).stream().filter(map -> map.encoding().equalsIgnoreCase(wanted))
            .map(RtpMap::payloadType).findFirst().orElse(-1);
        if (type < 0) {
            throw new MediaClientException("the relay does not take " + wanted);
        }
        final int rtx = section.all(Fmtp.class).stream()
            .filter(fmtp -> fmtp.parameter("apt").equals(Integer.toString(type))).map(Fmtp::payloadType).findFirst()
            .orElse(-1);
        final int mid = section.all(ExtMap.class).stream().filter(line -> line.uri().equals(SdpOffers.MID_URI))
            .map(ExtMap::id).findFirst().orElse(-1);
        return new OutgoingStream.Terms(track.kind(), section.mid(), mid, type, rtx, ssrcs[0], ssrcs[1]);
    }

    /**
     * Sends one Opus packet or one VP8 frame, sealed when the configuration says so.
     *
     * @param track index in the list given to {@link #connect}
     * @param mediaTimeNs capture time from the publisher's start, in nanoseconds; tracks share this clock
     * @return false when it could not be sent: the connection ended, the socket's buffer is full, or the key of the
     *     consultation's present epoch has not arrived
     * @throws IllegalArgumentException when there is no such track, or an Opus packet is not 1 to 1275 bytes long
     */
    public boolean send(final int track, final byte[] data, final int offset, final int length,
        final long mediaTimeNs) {
        if (track < 0 || track >= streams.size()) {
            throw new IllegalArgumentException("there is no track " + track);
        }
        if (streams.get(track).kind() == TrackKind.AUDIO && (length < 1 || length > MAX_OPUS)) {
            throw new IllegalArgumentException("an Opus packet has 1 to " + MAX_OPUS + " bytes, not " + length);
        }
        lock.lock();
        try {
            final OutgoingStream stream = streams.get(track);
            if (sealers.isEmpty()) {
                return stream.send(new UnsafeBuffer(data), offset, length, mediaTimeNs, System.nanoTime());
            }
            final FrameSealer sealer = sealers.get(track);
            final int sealed = sealer.seal(data, offset, length);
            return sealed >= 0 && stream.send(sealer.buffer(), 0, sealed, mediaTimeNs, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** Counters of each track. */
    public List<SentReport> reports() {
        lock.lock();
        try {
            return streams.stream().map(OutgoingStream::snapshot).toList();
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

    /** Format parameters the relay asks of the Opus encoder of a track, "" for none or for video. */
    public String encoderParameters(final int track) {
        final MediaSection section = resource.answer().sections().get(track);
        return section.payloadTypes().isEmpty() ? "" : section.fmtp(section.payloadTypes().getFirst());
    }

    /** Address of the WHIP resource. */
    public URI resource() {
        return resource.location();
    }

    /** Says goodbye, deletes the resource and closes the socket. A relay that cannot be reached any more is left. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            streams.forEach(stream -> stream.bye(cname));
        } finally {
            lock.unlock();
        }
        deleteAfter(new MediaClientException("closing"));
        transport.close();
    }

    /** Drops the connection as a crash would: no goodbye, no DELETE. For tests of reconnection. */
    public void abandon() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        transport.close();
    }

    private final class Events implements MediaTransport.Receiver {
        @Override
        public void onRtp(final DirectBuffer packet, final int offset, final int length, final long nowNs) {
            // A relay sends no media to a publisher.
        }

        @Override
        public void onRtcp(final DirectBuffer packet, final int offset, final int length, final long nowNs) {
            if (!compound.wrap(packet, offset, length)) {
                return;
            }
            while (compound.next()) {
                if (pictureLoss.wrap(compound)) {
                    keyFrame(pictureLoss.mediaSsrc());
                } else if (fullIntra.wrap(compound)) {
                    for (int i = 0; i < fullIntra.count(); i++) {
                        keyFrame(fullIntra.ssrc(i));
                    }
                } else if (nack.wrap(compound)) {
                    repair();
                } else if (receiverReport.wrap(compound)) {
                    losses(receiverReport.blocks());
                } else if (extendedReport.wrap(compound) && extendedReport.findReferenceTime()) {
                    reference = new OutgoingStream.Reference(extendedReport.ssrc(),
                        NtpTime.middle32(extendedReport.ntp()), nowNs);
                }
            }
        }

        private void keyFrame(final int ssrc) {
            for (int i = 0; i < streams.size(); i++) {
                if (streams.get(i).ssrc() == ssrc && streams.get(i).kind() == TrackKind.VIDEO) {
                    lock.lock();
                    try {
                        streams.get(i).onKeyFrameRequest();
                    } finally {
                        lock.unlock();
                    }
                    keyFrameRequests.accept(i);
                }
            }
        }

        private void repair() {
            lock.lock();
            try {
                for (final OutgoingStream stream : streams) {
                    if (stream.ssrc() == nack.mediaSsrc()) {
                        for (int number = nack.next(); number >= 0; number = nack.next()) {
                            stream.retransmit(number);
                        }
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        private void losses(final ReportBlocks blocks) {
            lock.lock();
            try {
                for (int i = 0; i < blocks.count(); i++) {
                    for (final OutgoingStream stream : streams) {
                        if (stream.ssrc() == blocks.ssrc(i)) {
                            stream.onLoss(blocks.cumulativeLost(i));
                        }
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onTick(final long nowNs) {
            if (nowNs - reportDueNs < 0) {
                return;
            }
            reportDueNs = nowNs + REPORT_NS;
            final Instant wall = Instant.now();
            lock.lock();
            try {
                streams.forEach(stream -> stream.report(cname,
                    wall.getEpochSecond() * NS_PER_SECOND + wall.getNano(), reference, nowNs));
            } finally {
                lock.unlock();
            }
        }
    }
}
