package org.chevet.relay.bwe;

/**
 * Where the link was full lately: mean and spread of the acknowledged rate at overuse (draft-ietf-rmcat-gcc-02
 * section 5.5). Near it the rate grows by small steps. Lane thread only.
 */
final class LinkCapacity {
    /** Weight of a new sample. */
    static final double WEIGHT = 0.05;
    /** Bounds are this many standard deviations away. */
    static final double DEVIATIONS = 3;
    private static final double UNKNOWN = -1;
    private static final double MIN_DEVIATION = 0.4;
    private static final double MAX_DEVIATION = 2.5;
    private static final double BPS_PER_KBPS = 1000;

    private double kbps = UNKNOWN;
    /** Variance over the mean. */
    private double deviation = MIN_DEVIATION;

    void onOveruse(final long acknowledgedBps) {
        final double sample = acknowledgedBps / BPS_PER_KBPS;
        kbps = kbps < 0 ? sample : (1 - WEIGHT) * kbps + WEIGHT * sample;
        final double error = kbps - sample;
        deviation = Math.clamp((1 - WEIGHT) * deviation + WEIGHT * error * error / Math.max(kbps, 1),
            MIN_DEVIATION, MAX_DEVIATION);
    }

    void reset() {
        kbps = UNKNOWN;
    }

    boolean isKnown() {
        return kbps >= 0;
    }

    long bps() {
        return (long) (kbps * BPS_PER_KBPS);
    }

    /** True when a rate is so far from where the link was full that the link must be another one now. */
    boolean isOutgrownBy(final long rateBps) {
        return isKnown() && rateBps / BPS_PER_KBPS > kbps + DEVIATIONS * spread();
    }

    /** True when a rate is far below where the link was full. */
    boolean isFarAbove(final long rateBps) {
        return isKnown() && rateBps / BPS_PER_KBPS < kbps - DEVIATIONS * spread();
    }

    private double spread() {
        return Math.sqrt(deviation * kbps);
    }
}
