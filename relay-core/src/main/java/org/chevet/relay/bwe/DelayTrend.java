package org.chevet.relay.bwe;

/**
 * Slope of the one-way delay over the last groups: least squares over the smoothed sum of delay changes. It takes the
 * place of the Kalman filter of draft-ietf-rmcat-gcc-02 section 5.3, as in today's senders. Lane thread only; 0.4 KiB.
 */
final class DelayTrend {
    /** Groups the line is fitted to: at 5 ms each, the least time over which a growing queue shows. */
    static final int WINDOW = 20;
    /** Part of the old value that stays at each step. */
    static final double SMOOTHING = 0.9;
    /** Turns a slope into the milliseconds the threshold is stated in. */
    static final double GAIN = 4;
    /** Groups after which a slope counts fully: few groups prove little. */
    static final int MAX_WEIGHT = 60;
    private static final double NS_PER_MS = 1e6;

    private final double[] times = new double[WINDOW];
    private final double[] delays = new double[WINDOW];
    private int count;
    private int groups;
    private long firstArrivalNs;
    private double sumMs;
    private double smoothedMs;
    private double slope;

    /** Takes the deltas of two groups; times in ns. */
    void add(final long arrivalDeltaNs, final long sendDeltaNs, final long arrivalNs) {
        if (groups == 0) {
            firstArrivalNs = arrivalNs;
        }
        groups = Math.min(groups + 1, Integer.MAX_VALUE - 1);
        sumMs += (arrivalDeltaNs - sendDeltaNs) / NS_PER_MS;
        smoothedMs = SMOOTHING * smoothedMs + (1 - SMOOTHING) * sumMs;
        final int index = count % WINDOW;
        times[index] = (arrivalNs - firstArrivalNs) / NS_PER_MS;
        delays[index] = smoothedMs;
        count = count + 1 == 2 * WINDOW ? WINDOW : count + 1;
        if (count >= WINDOW) {
            fit();
        }
    }

    private void fit() {
        double meanTime = 0;
        double meanDelay = 0;
        for (int i = 0; i < WINDOW; i++) {
            meanTime += times[i];
            meanDelay += delays[i];
        }
        meanTime /= WINDOW;
        meanDelay /= WINDOW;
        double above = 0;
        double below = 0;
        for (int i = 0; i < WINDOW; i++) {
            final double time = times[i] - meanTime;
            above += time * (delays[i] - meanDelay);
            below += time * time;
        }
        if (below > 0) {
            slope = above / below;
        }
    }

    /** The slope in the unit of the threshold: positive while the queue grows. */
    double scaledMs() {
        return Math.min(groups, MAX_WEIGHT) * slope * GAIN;
    }

    /** Delay gained per time; positive while the queue grows. */
    double slope() {
        return slope;
    }

    /** True once there are enough groups for a slope. */
    boolean isKnown() {
        return groups > 1;
    }

    /** Forgets all groups. */
    void reset() {
        count = 0;
        groups = 0;
        sumMs = 0;
        smoothedMs = 0;
        slope = 0;
    }
}
