package org.chevet.relay.route;

import java.nio.charset.StandardCharsets;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stream.KeyFrameThrottle;
import org.chevet.relay.stream.NackGenerator;
import org.chevet.relay.stream.PacketHistory;
import org.chevet.relay.stream.ReceiveStats;
import org.chevet.relay.stream.SenderClock;

/**
 * One encoding of a publication: a simulcast layer (RFC 8853), or the only one. It outlives its SSRC: a new one in its
 * place is a new {@link #source}. Lane thread only.
 */
final class Layer {
    /** A layer is active while media came within this time. */
    static final long ACTIVE_NS = 1_000_000_000L;
    private static final int VIDEO_HISTORY = 512;
    private static final int AUDIO_HISTORY = 64;
    private static final long HISTORY_NS = 1_000_000_000L;
    private static final long RATE_WINDOW_NS = 500_000_000L;
    /** What a packet costs on its way beside its payload: IP, UDP, RTP with extensions, SRTP tag. */
    private static final int OVERHEAD = 70;

    final Publication publication;
    final int index;
    final String rid;
    final byte[] ridBytes;
    final PacketHistory history;
    final NackGenerator nack = new NackGenerator();
    final KeyFrameThrottle keyFrames = new KeyFrameThrottle();
    final SenderClock clock = new SenderClock();
    final LayerMarks marks = new LayerMarks();
    final TargetRates targets = new TargetRates();
    ReceiveStats stats = new ReceiveStats();
    ReceiveStats rtxStats = new ReceiveStats();
    boolean known;
    boolean rtxKnown;
    int ssrc;
    int rtxSsrc;
    int source = Rewriter.NO_SOURCE;
    int clockRate;
    int firSequence;
    long lastMediaNs;
    boolean everMedia;
    private long bytes;
    private long windowNs;
    private long rateBps;
    /** The last rate there was, also when nothing comes now. */
    private long lastRateBps;

    Layer(final Publication publication, final int index, final String rid, final PacketSlab slab) {
        this.publication = publication;
        this.index = index;
        this.rid = rid;
        ridBytes = rid.getBytes(StandardCharsets.US_ASCII);
        final boolean video = publication.section.kind() == MediaKind.VIDEO;
        history = new PacketHistory(slab, video ? VIDEO_HISTORY : AUDIO_HISTORY, HISTORY_NS);
        clockRate = publication.section.codecs().isEmpty() ? 1 : publication.section.codecs().get(0).clockRate();
    }

    /** A new media SSRC speaks for this layer. */
    void begin(final int newSsrc, final int newSource) {
        known = true;
        ssrc = newSsrc;
        stats = new ReceiveStats();
        restart(newSource);
    }

    /** The source started over under the same SSRC. */
    void restart(final int newSource) {
        source = newSource;
        marks.reset();
        targets.reset();
        history.clear();
        nack.clear();
        clock.clear();
    }

    /** The source said goodbye or its peer is gone. */
    void end() {
        known = false;
        rtxKnown = false;
        everMedia = false;
        source = Rewriter.NO_SOURCE;
        rateBps = 0;
        history.clear();
        nack.clear();
        clock.clear();
        keyFrames.onKeyFrame();
    }

    void onMedia(final int length, final long nowNs) {
        if (!everMedia) {
            windowNs = nowNs;
            bytes = 0;
        }
        bytes += length + OVERHEAD;
        lastMediaNs = nowNs;
        everMedia = true;
    }

    boolean isActive(final long nowNs) {
        return known && everMedia && nowNs - lastMediaNs <= ACTIVE_NS;
    }

    /** A packet was marked with what it is part of. */
    void onMarks(final Packet packet, final int length) {
        if (packet.present() != LayerMarks.ALL) {
            targets.add(packet.present(), length + OVERHEAD, packet.isFrameStart() && packet.spatial() == 0);
        }
    }

    /** Bits per second on the way to a subscriber, headers included; smoothed, 0 before the first window ends. */
    long rateBps() {
        return rateBps;
    }

    /** The last rate that was measured, also after media has stopped; 0 when there never was any. */
    long lastRateBps() {
        return lastRateBps;
    }

    /** Bits per second of a decode target, or of all without layers. */
    long rateBps(final int target) {
        final long ofTarget = target < 0 ? 0 : targets.rateBps(target);
        return ofTarget == 0 ? rateBps : ofTarget;
    }

    static long smoothed(final long beforeBps, final long newBytes, final long elapsedNs) {
        final long nowBps = (long) (newBytes * 8e9 / elapsedNs);
        return beforeBps == 0 || nowBps == 0 ? nowBps : (beforeBps + nowBps) / 2;
    }

    void measureRate(final long nowNs) {
        final long elapsedNs = nowNs - windowNs;
        if (elapsedNs < RATE_WINDOW_NS) {
            return;
        }
        rateBps = smoothed(rateBps, bytes, elapsedNs);
        lastRateBps = rateBps == 0 ? lastRateBps : rateBps;
        targets.close(elapsedNs);
        bytes = 0;
        windowNs = nowNs;
    }
}
