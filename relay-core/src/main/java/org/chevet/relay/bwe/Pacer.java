package org.chevet.relay.bwe;

/**
 * Says when a packet may leave; holds none itself. Every packet adds to a debt that drains at {@link #PACING_PERCENT}
 * of the target, and paced classes wait while there is debt beyond {@link #BURST_NS}; a second debt that drains at the
 * target bounds the average in the same way ({@link #AVERAGE_NS}). Classes that are not paced never
 * wait but are charged, so that video yields to them. Without a target nothing waits and nothing is counted.
 * Lane thread only.
 */
public final class Pacer {
    /** Pace in percent of the target: a key frame leaves faster than the average without filling the link's queue. */
    public static final int PACING_PERCENT = 200;
    /** Debt in time that may be left when the next packet leaves, so that a timer need not be set per packet. */
    public static final long BURST_NS = 5_000_000L;
    /**
     * Debt in time at the target itself that may be left: video that does not follow the target, as none without
     * layers does, leaves at the pace for this long, then at the target.
     */
    public static final long AVERAGE_NS = 250_000_000L;
    /** A backlog is drained within this time, faster than the pace if it must. */
    public static final long MAX_QUEUE_NS = 500_000_000L;
    /** Most debt in time, so that a burst of what does not wait holds video up for no longer than this. */
    public static final long MAX_DEBT_NS = 500_000_000L;
    /** Highest target; with it no product below leaves 63 bits. */
    public static final long MAX_RATE_BPS = 1_000_000_000L;
    /** The answer for a packet that may leave at once. */
    public static final long NOW = 0;

    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int PERCENT = 100;

    private long drainBps;
    private long paceBps;
    private long targetBps;
    /** Bits times 10^9, so that no fraction is lost however often it is looked at. */
    private long debtNanobits;
    /** The same at the target: what is left of the average. */
    private long averageNanobits;
    private long averageBps;
    private long drainedNs;

    /** Sets the target; 0 means that this peer is not limited. */
    public void setRateBps(final long rateBps, final long nowNs) {
        drain(nowNs);
        targetBps = Math.clamp(rateBps, 0, MAX_RATE_BPS);
        paceBps = targetBps * PACING_PERCENT / PERCENT;
        drainBps = paceBps;
        averageBps = targetBps;
        debtNanobits = Math.min(debtNanobits, MAX_DEBT_NS * paceBps);
        averageNanobits = Math.min(averageNanobits, MAX_DEBT_NS * targetBps);
    }

    /** Tells how much waits in the queues, which bounds how long it waits. Not needed for a peer without limit. */
    public void setBacklogBytes(final long backlogBytes, final long nowNs) {
        if (paceBps == 0) {
            return;
        }
        drain(nowNs);
        final long neededBps = Math.min(backlogBytes, MAX_RATE_BPS / Byte.SIZE) * Byte.SIZE
            * (NS_PER_SECOND / MAX_QUEUE_NS);
        drainBps = Math.max(paceBps, neededBps);
        averageBps = Math.max(targetBps, neededBps);
    }

    /** True when somebody may have to wait. */
    public boolean isLimited() {
        return paceBps != 0;
    }

    /** When the next packet of this class may leave: {@link #NOW} or a time after {@code nowNs}. */
    public long readyNs(final ClinicalClass clinicalClass, final long nowNs) {
        if (paceBps == 0 || !clinicalClass.isPaced()) {
            return NOW;
        }
        drain(nowNs);
        final long waitNs = Math.max(waitNs(debtNanobits - BURST_NS * drainBps, drainBps),
            waitNs(averageNanobits - AVERAGE_NS * averageBps, averageBps));
        return waitNs == 0 ? NOW : nowNs + waitNs;
    }

    private static long waitNs(final long excess, final long rateBps) {
        return excess <= 0 ? 0 : (excess + rateBps - 1) / rateBps;
    }

    /** A packet of any class left. */
    public void onSent(final int sizeBytes, final long nowNs) {
        if (paceBps == 0) {
            return;
        }
        drain(nowNs);
        final long nanobits = (long) sizeBytes * Byte.SIZE * NS_PER_SECOND;
        debtNanobits = Math.min(debtNanobits + nanobits, MAX_DEBT_NS * paceBps);
        averageNanobits = Math.min(averageNanobits + nanobits, MAX_DEBT_NS * targetBps);
    }

    private void drain(final long nowNs) {
        // Longer than the longest debt takes is the same as that.
        final long elapsedNs = Math.clamp(nowNs - drainedNs, 0, MAX_DEBT_NS);
        debtNanobits = Math.max(0, debtNanobits - elapsedNs * drainBps);
        averageNanobits = Math.max(0, averageNanobits - elapsedNs * averageBps);
        drainedNs = Math.max(drainedNs, nowNs);
    }
}
