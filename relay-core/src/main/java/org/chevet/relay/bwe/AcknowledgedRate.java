package org.chevet.relay.bwe;

import java.util.Arrays;

/**
 * The rate at which packets arrive at the peer (R_hat of draft-ietf-rmcat-gcc-02 section 5.5), over the last
 * {@link #WINDOW_NS} of the receiver's clock. Lane thread only; 0.1 KiB.
 */
final class AcknowledgedRate {
    /** Time of one part of the window. */
    static final long PART_NS = 50_000_000L;
    /** Parts of the window. */
    static final int PARTS = 10;
    /** About 15 frames of video: long enough that single ones do not show, short enough to follow a jump. */
    static final long WINDOW_NS = PARTS * PART_NS;
    /** Parts that must be complete before the rate is known. */
    static final int FIRST_PARTS = 6;
    /** Not known yet. */
    static final long UNKNOWN = -1;

    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** Bytes of complete parts, a ring. */
    private final long[] parts = new long[PARTS];
    private int count;
    private int next;
    private long sum;
    private boolean started;
    private long partNs;
    private long openBytes;

    /** Takes a packet that arrived. */
    void add(final long arrivalNs, final int sizeBytes) {
        if (!started || arrivalNs - partNs < -WINDOW_NS) {
            reset();
            started = true;
            partNs = arrivalNs;
        }
        if (arrivalNs - partNs >= 2 * WINDOW_NS) {
            // Nothing arrived for longer than is remembered.
            count = PARTS;
            sum = 0;
            Arrays.fill(parts, 0);
            partNs = arrivalNs;
            openBytes = 0;
        }
        while (arrivalNs - partNs >= PART_NS) {
            close();
        }
        openBytes += sizeBytes;
    }

    private void close() {
        sum += openBytes - (count == PARTS ? parts[next] : 0);
        parts[next] = openBytes;
        next = (next + 1) % PARTS;
        count = Math.min(count + 1, PARTS);
        openBytes = 0;
        partNs += PART_NS;
    }

    /** The rate in bit/s, or {@link #UNKNOWN}. */
    long bps() {
        return count < FIRST_PARTS ? UNKNOWN : sum * Byte.SIZE * NS_PER_SECOND / (count * PART_NS);
    }

    /** Starts over. */
    void reset() {
        started = false;
        count = 0;
        next = 0;
        sum = 0;
        openBytes = 0;
    }
}
