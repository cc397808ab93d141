package org.chevet.relay.bwe;

/**
 * Compares the trend of the delay with a threshold that adapts to the noise of the path and to flows beside this one
 * (draft-ietf-rmcat-gcc-02 section 5.4). Lane thread only.
 */
final class OveruseDetector {
    /** Threshold at the start. */
    static final double START_MS = 12.5;
    /** Bounds of the threshold. */
    static final double MIN_MS = 6;
    /** Bounds of the threshold. */
    static final double MAX_MS = 600;
    /** How fast it rises, per ms: quick enough not to starve beside a flow that fills the queue. */
    static final double RISE = 0.0087;
    /** How fast it falls, per ms. */
    static final double FALL = 0.039;
    /** A trend this far beyond the threshold is a spike, such as a change of route, and does not teach it anything. */
    static final double MAX_SPIKE_MS = 15;
    /** Longest time one step adapts for. */
    static final double MAX_STEP_MS = 100;
    /** The trend must be above the threshold for longer than this. */
    static final double OVERUSE_MS = 10;
    private static final double NS_PER_MS = 1e6;
    private static final double UNKNOWN = -1;

    private double thresholdMs = START_MS;
    private double overMs = UNKNOWN;
    private int overCount;
    private double lastSlope;
    private long adaptedNs;
    private boolean adapted;
    private LinkUse use = LinkUse.NORMAL;

    /** Takes the trend after a group, the time that group covers and its arrival. */
    void update(final DelayTrend trend, final long sendDeltaNs, final long arrivalNs) {
        if (!trend.isKnown()) {
            use = LinkUse.NORMAL;
            return;
        }
        final double scaled = trend.scaledMs();
        if (scaled > thresholdMs) {
            over(trend.slope(), sendDeltaNs / NS_PER_MS);
        } else {
            overMs = UNKNOWN;
            overCount = 0;
            use = scaled < -thresholdMs ? LinkUse.UNDERUSE : LinkUse.NORMAL;
        }
        lastSlope = trend.slope();
        adapt(scaled, arrivalNs);
    }

    private void over(final double slope, final double coveredMs) {
        // Nobody knows when in the first group the threshold was crossed.
        overMs = overMs == UNKNOWN ? coveredMs / 2 : overMs + coveredMs;
        overCount++;
        if (overMs > OVERUSE_MS && overCount > 1 && slope >= lastSlope) {
            overMs = 0;
            overCount = 0;
            use = LinkUse.OVERUSE;
        }
    }

    private void adapt(final double scaled, final long arrivalNs) {
        final double stepMs = adapted ? Math.clamp((arrivalNs - adaptedNs) / NS_PER_MS, 0, MAX_STEP_MS) : 0;
        adapted = true;
        adaptedNs = arrivalNs;
        final double size = Math.abs(scaled);
        if (size <= thresholdMs + MAX_SPIKE_MS) {
            final double gain = size < thresholdMs ? FALL : RISE;
            thresholdMs = Math.clamp(thresholdMs + gain * (size - thresholdMs) * stepMs, MIN_MS, MAX_MS);
        }
    }

    /** What was seen last. */
    LinkUse use() {
        return use;
    }

    /** The threshold now. */
    double thresholdMs() {
        return thresholdMs;
    }

    /** Starts over, the threshold too. */
    void reset() {
        thresholdMs = START_MS;
        overMs = UNKNOWN;
        overCount = 0;
        lastSlope = 0;
        adapted = false;
        use = LinkUse.NORMAL;
    }
}
