package org.chevet.relay.bwe;

/**
 * Additive or multiplicative increase, multiplicative decrease of the rate the delay allows
 * (draft-ietf-rmcat-gcc-02 section 5.5). Lane thread only.
 */
final class RateControl {
    /** What is left of the acknowledged rate after overuse. */
    static final double DECREASE = 0.85;
    /** Growth in a second while nobody knows where the link is full. */
    static final double INCREASE = 1.08;
    /** Least growth in a second near the link's capacity. */
    static final double MIN_STEP_BPS = 4000;
    /** The same as a part of the rate: at megabits, a packet a round trip would take a minute. */
    static final double MIN_STEP = 0.03;
    /** The rate stays below this multiple of what arrives, so that it says nothing that was not tried. */
    static final double MAX_AHEAD = 1.5;
    /** Added to that multiple, so that a small rate can grow. */
    static final long AHEAD_BPS = 10_000;
    /** Time the detector takes, added to the round trip. */
    static final long DETECTION_NS = 100_000_000L;
    /** Part of the rate below which what arrives calls for another decrease at once. */
    static final double COLLAPSE = 0.5;

    /** Least that is left of the acknowledged rate to drain a queue. */
    static final double DRAIN = 0.5;
    /** What a probe measured holds for this long and a round trip. */
    static final long PROBE_NS = 500_000_000L;
    /** A longer queue is not a probe's own: others share the link, and the probe took from them. */
    static final long PROBE_QUEUE_NS = 60_000_000L;

    private static final long MIN_DECREASE_GAP_NS = 10_000_000L;
    private static final long MAX_DECREASE_GAP_NS = 200_000_000L;
    private static final long MAX_STEP_NS = 1_000_000_000L;
    private static final double NS_PER_SECOND = 1e9;
    private static final double FRAMES_PER_SECOND = 30;
    private static final double PACKET_BITS = 1200 * Byte.SIZE;
    private static final double MIN_GROWTH_BPS = 1000;

    private final BweConfig config;
    private final LinkCapacity capacity = new LinkCapacity();
    private long rateBps;
    /** Result of the last probe, 0 when there was none. */
    private long probedBps;
    private long probedNs;
    private final boolean probed;
    private long rttNs = MAX_DECREASE_GAP_NS;
    private boolean increasing = true;
    private long changedNs;
    private long decreasedNs;
    private boolean everDecreased;

    /** {@code probed}: probes will try what is not sent, so nothing else needs to. */
    RateControl(final BweConfig config, final boolean probed, final long nowNs) {
        this.config = config;
        this.probed = probed;
        rateBps = config.startBps();
        changedNs = nowNs;
        decreasedNs = nowNs;
    }

    void setRtt(final long newRttNs) {
        rttNs = newRttNs;
    }

    /**
     * A probe was measured: better than growing towards its rate. One that is slower than the rate counts while
     * nothing else was measured; later the delay tells.
     */
    void onProbe(final long newProbedBps, final long acknowledgedBps, final long nowNs) {
        probedBps = newProbedBps;
        probedNs = nowNs;
        if (probedBps > rateBps || acknowledgedBps < 0) {
            setRate(probedBps);
            changedNs = nowNs;
        }
    }

    /**
     * Takes what the delay says after a feedback.
     *
     * @param acknowledgedBps or {@link AcknowledgedRate#UNKNOWN}
     * @param limited less is sent than could be: what arrives is no measure of the link
     * @param queueNs how long packets wait now
     */
    void update(final LinkUse use, final long acknowledgedBps, final boolean limited, final long queueNs,
        final long nowNs) {
        switch (use) {
            case OVERUSE -> {
                if (mayDecrease(acknowledgedBps, limited, nowNs)) {
                    decrease(acknowledgedBps, limited, queueNs, nowNs);
                }
            }
            // The queue drains: stay below the capacity until it is empty.
            case UNDERUSE -> increasing = false;
            case NORMAL -> {
                if (increasing) {
                    increase(acknowledgedBps, limited, nowNs);
                }
                increasing = true;
                changedNs = nowNs;
            }
        }
    }

    /** A queue that waits for this long stands: goes so far below what arrives that it is gone in a second. */
    void drain(final long acknowledgedBps, final boolean limited, final long queueNs, final long nowNs) {
        final double left = Math.clamp(1 - queueNs / NS_PER_SECOND, DRAIN, DECREASE);
        setRate(Math.min(rateBps, (long) ((limited ? rateBps : acknowledgedBps) * left)));
        increasing = false;
        changedNs = nowNs;
        decreasedNs = nowNs;
        everDecreased = true;
    }

    private boolean mayDecrease(final long acknowledgedBps, final boolean limited, final long nowNs) {
        final long gapNs = Math.clamp(rttNs, MIN_DECREASE_GAP_NS, MAX_DECREASE_GAP_NS);
        return !everDecreased || nowNs - decreasedNs >= gapNs
            || (!limited && acknowledgedBps >= 0 && acknowledgedBps < COLLAPSE * rateBps);
    }

    private void decrease(final long acknowledgedBps, final boolean limited, final long queueNs, final long nowNs) {
        increasing = false;
        changedNs = nowNs;
        decreasedNs = nowNs;
        if (probedBps > 0 && nowNs - probedNs < PROBE_NS + rttNs && queueNs < PROBE_QUEUE_NS) {
            // The queue is the probe's own, or of the jump after it; what arrives has not followed yet.
            setRate(Math.min(rateBps, probedBps));
            return;
        }
        if (acknowledgedBps < 0) {
            // Nothing is known but that it is too much.
            setRate(everDecreased ? (long) (rateBps * DECREASE) : rateBps / 2);
            everDecreased = true;
            return;
        }
        everDecreased = true;
        if (limited) {
            // What arrives is only what was sent: go down step by step from where the rate is.
            setRate(Math.max((long) (rateBps * DECREASE), Math.min(rateBps, (long) (acknowledgedBps * DECREASE))));
            return;
        }
        long reduced = (long) (acknowledgedBps * DECREASE);
        if (reduced > rateBps && capacity.isKnown()) {
            reduced = (long) (capacity.bps() * DECREASE);
        }
        if (capacity.isFarAbove(acknowledgedBps)) {
            capacity.reset();
        }
        capacity.onOveruse(acknowledgedBps);
        setRate(Math.min(reduced, rateBps));
    }

    private void increase(final long acknowledgedBps, final boolean limited, final long nowNs) {
        if (!limited && acknowledgedBps >= 0 && capacity.isOutgrownBy(acknowledgedBps)) {
            capacity.reset();
        }
        final long bound = bound(acknowledgedBps, limited);
        if (rateBps < bound) {
            final double seconds = Math.min(nowNs - changedNs, MAX_STEP_NS) / NS_PER_SECOND;
            final double growth = capacity.isKnown() ? stepBps() * seconds
                : Math.max(rateBps * (Math.pow(INCREASE, seconds) - 1), MIN_GROWTH_BPS * seconds);
            setRate(Math.min(rateBps + Math.round(growth), bound));
        }
    }

    private long bound(final long acknowledgedBps, final boolean limited) {
        if (acknowledgedBps < 0) {
            return config.startBps();
        }
        // Video that is paused for lack of room would never be tried again where no probe can make room.
        return limited && !probed ? config.ceilingBps() : (long) (MAX_AHEAD * acknowledgedBps) + AHEAD_BPS;
    }

    /** About one packet more in each response time. */
    private double stepBps() {
        final double frameBits = rateBps / FRAMES_PER_SECOND;
        final double packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
        final double least = Math.max(MIN_STEP_BPS, MIN_STEP * rateBps);
        return Math.max(least, packetBits * NS_PER_SECOND / (rttNs + DETECTION_NS));
    }

    private void setRate(final long wantedBps) {
        rateBps = Math.clamp(wantedBps, config.floorBps(), config.ceilingBps());
    }

    /** What the delay allows. */
    long rateBps() {
        return rateBps;
    }

    /** Sets the rate, for what is learned elsewhere. */
    void force(final long wantedBps, final long nowNs) {
        setRate(wantedBps);
        changedNs = nowNs;
    }
}
