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

    final Publication publication;
    final int index;
    final String rid;
    final byte[] ridBytes;
    final PacketHistory history;
    final NackGenerator nack = new NackGenerator();
    final KeyFrameThrottle keyFrames = new KeyFrameThrottle();
    final SenderClock clock = new SenderClock();
    final LayerMarks marks = new LayerMarks();
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
        bytes += length;
        lastMediaNs = nowNs;
        everMedia = true;
    }

    boolean isActive(final long nowNs) {
        return known && everMedia && nowNs - lastMediaNs <= ACTIVE_NS;
    }

    /** Payload bits per second over the last window. */
    long rateBps() {
        return rateBps;
    }

    void measureRate(final long nowNs) {
        final long elapsedNs = nowNs - windowNs;
        if (elapsedNs < RATE_WINDOW_NS) {
            return;
        }
        rateBps = (long) (bytes * 8e9 / elapsedNs);
        bytes = 0;
        windowNs = nowNs;
    }
}
