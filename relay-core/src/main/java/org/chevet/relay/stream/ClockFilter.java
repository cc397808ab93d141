package org.chevet.relay.stream;

/**
 * Offset and drift between a local clock and a remote one from NTP-like exchanges (RFC 5905 section 8). Each exchange
 * gives an interval that must hold the offset at its time; those that took much longer than the fastest are thrown
 * out. Pairs of the others bound the drift, and with it every interval is carried on to the time that is asked for:
 * what all of them agree on is the estimate, half its width the uncertainty. It grows with age by what is not known of
 * the drift, and holds for every asymmetry of the path as long as the clocks keep {@link #MAX_DRIFT}. Times in
 * nanoseconds. One thread. The console's {@code clock.js} does the same, bit for bit.
 */
public final class ClockFilter {
    /** Exchanges an estimate needs. */
    public static final int MIN_SAMPLES = 8;
    /** Two quartz clocks drift apart by at most this: 100 ppm. */
    public static final double MAX_DRIFT = 100e-6;
    /** Resolution of a clock that is read in nanoseconds. */
    public static final long FINE_NS = 1_000;

    private static final int WINDOW = 32;
    /** Exchanges slower than this many times the fastest (and the slack) are outliers. */
    private static final double OUTLIER_FACTOR = 2;
    private static final double OUTLIER_SLACK_NS = 5e6;
    /** The drift now differs from that of the last minutes by at most this: quartz follows its temperature. */
    private static final double WANDER = 5e-6;
    /** Pairs of exchanges that are closer say nothing about drift. */
    private static final double MIN_SPAN_NS = 1e9;

    private final long resolutionNs;
    private final double[] low = new double[WINDOW];
    private final double[] high = new double[WINDOW];
    private final double[] delay = new double[WINDOW];
    private final double[] time = new double[WINDOW];
    private final boolean[] kept = new boolean[WINDOW];
    private int count;
    private int fastest;
    /** Origins of the arrays: doubles hold the differences exactly. */
    private long timeZeroNs;
    private long offsetZeroNs;
    private double slowest = -MAX_DRIFT;
    private double quickest = MAX_DRIFT;
    private double centre;
    private double half;

    /** A filter for clocks of nanosecond resolution. */
    public ClockFilter() {
        this(FINE_NS);
    }

    /**
     * A filter for coarser clocks.
     *
     * @param resolutionNs what one reading may be wrong by
     */
    public ClockFilter(final long resolutionNs) {
        this.resolutionNs = resolutionNs;
    }

    /**
     * Takes one exchange; an impossible one is ignored.
     *
     * @param t1 request left, local clock
     * @param t2 request arrived, remote clock
     * @param t3 response left, remote clock
     * @param t4 response arrived, local clock
     */
    public void add(final long t1, final long t2, final long t3, final long t4) {
        final long roundTrip = (t4 - t1) - (t3 - t2);
        if (roundTrip < 0 || t3 < t2 || t4 < t1) {
            return;
        }
        if (count == 0) {
            timeZeroNs = t4;
            offsetZeroNs = t3 - t4;
        }
        if (count == WINDOW) {
            dropOldest();
        }
        final double slack = resolutionNs + MAX_DRIFT * (t4 - t1);
        low[count] = (t3 - t4) - offsetZeroNs - slack;
        high[count] = (t2 - t1) - offsetZeroNs + slack;
        delay[count] = roundTrip;
        time[count] = t4 - timeZeroNs;
        count++;
        choose();
        // A clock was stepped: the oldest are the wrong witnesses.
        while (!carry((double) (t4 - timeZeroNs)) && count > MIN_SAMPLES) {
            dropOldest();
            choose();
        }
    }

    /** Forgets everything: another clock answers now. */
    public void reset() {
        count = 0;
        slowest = -MAX_DRIFT;
        quickest = MAX_DRIFT;
    }

    /** True when there were enough exchanges, however many of them were outliers: the fastest always counts. */
    public boolean isReady() {
        return count >= MIN_SAMPLES;
    }

    /** Remote clock = local clock + offset, at a local time that is not before the last exchange. */
    public long offsetNs(final long nowNs) {
        carry((double) (nowNs - timeZeroNs));
        return offsetZeroNs + (long) Math.floor(centre + 0.5);
    }

    /** The true offset at that time is within plus or minus this; Long.MAX_VALUE without an exchange. */
    public long uncertaintyNs(final long nowNs) {
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        carry((double) (nowNs - timeZeroNs));
        return (long) Math.ceil(half);
    }

    /** Offset at the last exchange. */
    public long offsetNs() {
        return offsetNs(lastNs());
    }

    /** Uncertainty at the last exchange. */
    public long uncertaintyNs() {
        return uncertaintyNs(lastNs());
    }

    /** Seconds that the remote clock gains on the local one in a second. */
    public double drift() {
        return (slowest + quickest) / 2;
    }

    /** The drift is within plus or minus this, at most {@link #MAX_DRIFT}. */
    public double driftUncertainty() {
        return (quickest - slowest) / 2;
    }

    /** Exchanges the estimate was chosen from, at most 32. */
    public int samples() {
        return count;
    }

    private long lastNs() {
        return count == 0 ? timeZeroNs : timeZeroNs + (long) time[count - 1];
    }

    private void dropOldest() {
        count--;
        System.arraycopy(low, 1, low, 0, count);
        System.arraycopy(high, 1, high, 0, count);
        System.arraycopy(delay, 1, delay, 0, count);
        System.arraycopy(time, 1, time, 0, count);
    }

    /** Throws out the slow ones and bounds the drift by the others. */
    private void choose() {
        fastest = 0;
        for (int i = 1; i < count; i++) {
            fastest = delay[i] < delay[fastest] ? i : fastest;
        }
        final double limit = OUTLIER_FACTOR * delay[fastest] + OUTLIER_SLACK_NS;
        for (int i = 0; i < count; i++) {
            kept[i] = delay[i] <= limit;
        }
        slowest = -MAX_DRIFT;
        quickest = MAX_DRIFT;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                final double span = time[j] - time[i];
                if (kept[i] && kept[j] && span >= MIN_SPAN_NS) {
                    slowest = Math.max(slowest, (low[j] - high[i]) / span - WANDER);
                    quickest = Math.min(quickest, (high[j] - low[i]) / span + WANDER);
                }
            }
        }
        if (slowest > quickest) {
            slowest = -MAX_DRIFT;
            quickest = MAX_DRIFT;
        }
    }

    /** Carries all intervals on to a time and intersects them; false when they have nothing in common. */
    private boolean carry(final double now) {
        double from = Double.NEGATIVE_INFINITY;
        double to = Double.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            if (kept[i]) {
                final double age = now - time[i];
                from = Math.max(from, low[i] + (age < 0 ? quickest : slowest) * age);
                to = Math.min(to, high[i] + (age < 0 ? slowest : quickest) * age);
            }
        }
        if (from <= to) {
            centre = from + (to - from) / 2;
            half = (to - from) / 2;
            return true;
        }
        // The fastest exchange is the best witness, and the bound holds what any other says.
        centre = (low[fastest] + high[fastest]) / 2;
        half = 0;
        for (int i = 0; i < count; i++) {
            if (kept[i]) {
                final double grown = MAX_DRIFT * Math.abs(now - time[i]);
                half = Math.max(half, Math.max(high[i] - centre, centre - low[i]) + grown);
            }
        }
        return false;
    }
}
