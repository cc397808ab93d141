package org.chevet.relay.client;

/**
 * How many chunks of an object may be under way: as many as do not make a queue, judged by how long they take
 * (the idea of LEDBAT, RFC 6817), so that live streams on the same connection do not wait behind them. One thread.
 */
final class ObjectPace {
    private static final int MAX_WINDOW = 64;
    /** Delay above the smallest one that is taken for a queue, in nanoseconds. */
    private static final long QUEUE_NS = 25_000_000L;

    private final int least;
    private int window;
    private long probe = -1;
    private long probeNs;
    private long fastestNs = Long.MAX_VALUE;

    ObjectPace(final int least) {
        this.least = least;
        window = least;
    }

    /** Chunks that may be under way. */
    int window() {
        return window;
    }

    /** The chunk leaves, or is asked for. */
    void sent(final long sequence, final long nowNs) {
        if (probe < 0) {
            probe = sequence;
            probeNs = nowNs;
        }
    }

    /** All chunks below have arrived. */
    void arrived(final long below, final long nowNs) {
        if (probe < 0 || below <= probe) {
            return;
        }
        final long tookNs = nowNs - probeNs;
        fastestNs = Math.min(fastestNs, tookNs);
        window = tookNs > fastestNs + QUEUE_NS ? Math.max(least, window * 3 / 4)
            : Math.min(MAX_WINDOW, window + 1 + window / 4);
        probe = -1;
    }

    /** What was under way is lost, or another part is wanted. */
    void restart() {
        probe = -1;
        window = least;
    }
}
