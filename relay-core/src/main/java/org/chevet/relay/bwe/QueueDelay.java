package org.chevet.relay.bwe;

/**
 * How much longer packets take than the quickest of the last {@link #WINDOW_NS}: the time they wait in queues. The
 * clocks of both ends need not agree; they may drift by what is small within the window. Lane thread only.
 */
final class QueueDelay {
    /** Half of how long the quickest packet is remembered; a longer way then counts as the way and not as a queue. */
    static final long WINDOW_NS = 30_000_000_000L;
    /** Beyond this the queue stands, and what is lost is lost because it is full. */
    static final long STANDING_NS = 100_000_000L;

    private static final long UNKNOWN = Long.MAX_VALUE;

    private long quickestNs = UNKNOWN;
    private long quickestBeforeNs = UNKNOWN;
    private long windowNs;
    /** Quickest since the last {@link #settle}: a frame's own packets wait for each other, which is no queue. */
    private long lastNs = UNKNOWN;
    private long delayNs;

    /** A packet arrived. */
    void add(final long sentNs, final long arrivalNs) {
        lastNs = Math.min(lastNs, arrivalNs - sentNs);
    }

    /** A feedback is complete. */
    void settle(final long nowNs) {
        if (lastNs == UNKNOWN) {
            return;
        }
        if (nowNs - windowNs > WINDOW_NS) {
            quickestBeforeNs = quickestNs;
            quickestNs = UNKNOWN;
            windowNs = nowNs;
        }
        quickestNs = Math.min(quickestNs, lastNs);
        delayNs = lastNs - Math.min(quickestNs, quickestBeforeNs);
        lastNs = UNKNOWN;
    }

    /** True when the packets of the last feedback waited in a queue that stands. */
    boolean isStanding() {
        return delayNs > STANDING_NS;
    }

    /** How long the packets of the last feedback waited. */
    long delayNs() {
        return delayNs;
    }

    /** Starts over: the way is another one. */
    void reset() {
        quickestNs = UNKNOWN;
        quickestBeforeNs = UNKNOWN;
        lastNs = UNKNOWN;
        delayNs = 0;
    }
}
