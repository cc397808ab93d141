package org.chevet.relay.sctp;

/** How much may be in flight (RFC 9260 section 7.2). Bytes of user data. One thread. */
final class CongestionWindow {
    private static final int INITIAL_MAX = 4404;
    private static final int FLOOR_PACKETS = 4;

    private final int mtu;
    private final long max;
    private long window;
    private long threshold;
    private long partlyAcked;
    private boolean recovering;
    private int exitTsn;

    CongestionWindow(final int mtu, final long max) {
        this.mtu = mtu;
        this.max = max;
        window = Math.min(4L * mtu, Math.max(2L * mtu, INITIAL_MAX));
        threshold = max;
    }

    long window() {
        return window;
    }

    boolean isRecovering() {
        return recovering;
    }

    /** New data was acknowledged (sections 7.2.1 and 7.2.2); {@code wasFull}: the window was used up before. */
    void onAcked(final long bytes, final int cumulativeTsn, final boolean advanced, final boolean wasFull) {
        if (recovering && exitTsn - cumulativeTsn <= 0) {
            recovering = false;
        }
        if (recovering || !advanced) {
            return;
        }
        if (window <= threshold) {
            if (wasFull) {
                window = Math.min(max, window + Math.min(bytes, mtu));
            }
            return;
        }
        partlyAcked += bytes;
        if (partlyAcked >= window) {
            partlyAcked -= window;
            if (wasFull) {
                window = Math.min(max, window + mtu);
            }
        }
    }

    /** A packet was lost while others arrive (section 7.2.4); one cut until {@code highestTsn} is acknowledged. */
    void onFastRetransmit(final int highestTsn) {
        if (recovering) {
            return;
        }
        recovering = true;
        exitTsn = highestTsn;
        threshold = Math.max(window / 2, (long) FLOOR_PACKETS * mtu);
        window = threshold;
        partlyAcked = 0;
    }

    /** Nothing arrives (section 7.2.3). */
    void onTimeout() {
        threshold = Math.max(window / 2, (long) FLOOR_PACKETS * mtu);
        window = mtu;
        partlyAcked = 0;
        recovering = false;
    }
}
