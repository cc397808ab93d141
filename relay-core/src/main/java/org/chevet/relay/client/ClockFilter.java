package org.chevet.relay.client;

/**
 * Offset between this clock and the relay's from NTP-like exchanges (RFC 5905 section 8): each gives an interval
 * that must hold the true offset; exchanges that took much longer than the best are thrown out; what all the others
 * agree on is the estimate, and half its width the uncertainty. One thread.
 */
public final class ClockFilter {
    /** Exchanges an estimate needs. */
    public static final int MIN_SAMPLES = 8;
    private static final int WINDOW = 16;
    /** Exchanges slower than this many times the fastest (and the slack) are outliers. */
    private static final int OUTLIER_FACTOR = 2;
    private static final long OUTLIER_SLACK_NS = 200_000;
    /** Two quartz clocks drift apart by at most this many nanoseconds a second (100 ppm). */
    private static final long DRIFT_NS_PER_SECOND = 100_000;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long RESOLUTION_NS = 1_000;

    private final long[] offsetsNs = new long[WINDOW];
    private final long[] delaysNs = new long[WINDOW];
    private final long[] timesNs = new long[WINDOW];
    private int next;
    private int count;
    private long offsetNs;
    private long uncertaintyNs = Long.MAX_VALUE;

    /**
     * Takes one exchange.
     *
     * @param t1 request left, this clock
     * @param t2 request arrived, relay's clock
     * @param t3 response left, relay's clock
     * @param t4 response arrived, this clock
     */
    public void add(final long t1, final long t2, final long t3, final long t4) {
        final long delay = (t4 - t1) - (t3 - t2);
        if (delay < 0 || t3 < t2) {
            return;
        }
        offsetsNs[next] = ((t2 - t1) + (t3 - t4)) / 2;
        delaysNs[next] = delay;
        timesNs[next] = t4;
        next = (next + 1) % WINDOW;
        count = Math.min(count + 1, WINDOW);
        estimate(t4);
    }

    /** True when there were enough exchanges, however many of them were outliers: the fastest always counts. */
    public boolean isReady() {
        return count >= MIN_SAMPLES;
    }

    /** Relay time = this clock + offset. */
    public long offsetNs() {
        return offsetNs;
    }

    /** The true offset is within plus or minus this. */
    public long uncertaintyNs() {
        return uncertaintyNs;
    }

    /** Exchanges the estimate was chosen from, at most 16. */
    public int samples() {
        return count;
    }

    private void estimate(final long nowNs) {
        long fastest = Long.MAX_VALUE;
        int best = 0;
        for (int i = 0; i < count; i++) {
            if (delaysNs[i] < fastest) {
                fastest = delaysNs[i];
                best = i;
            }
        }
        final long limit = OUTLIER_FACTOR * fastest + OUTLIER_SLACK_NS;
        long low = Long.MIN_VALUE;
        long high = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (delaysNs[i] <= limit) {
                final long half = delaysNs[i] / 2 + RESOLUTION_NS + driftNs(nowNs, i);
                low = Math.max(low, offsetsNs[i] - half);
                high = Math.min(high, offsetsNs[i] + half);
            }
        }
        if (low <= high) {
            offsetNs = low + (high - low) / 2;
            uncertaintyNs = (high - low) / 2 + RESOLUTION_NS;
        } else {
            // A clock was stepped: the fastest exchange is the best witness, and the bound says how unsure it is.
            offsetNs = offsetsNs[best];
            uncertaintyNs = delaysNs[best] / 2 + (low - high);
        }
    }

    private long driftNs(final long nowNs, final int index) {
        return Math.max(0, nowNs - timesNs[index]) / SECOND_NS * DRIFT_NS_PER_SECOND;
    }
}
