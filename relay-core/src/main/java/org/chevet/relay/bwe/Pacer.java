package org.chevet.relay.bwe;

/**
 * Says when a packet may leave; holds none itself. Every packet adds to a debt that drains at {@link #PACING_PERCENT}
 * of the target, and paced classes wait while there is debt beyond {@link #BURST_NS}. Classes that are not paced never
 * wait but are charged, so that video yields to them. Without a target nothing waits and nothing is counted.
 * Lane thread only.
 */
public final class Pacer {
    /** Pace in percent of the target: a key frame leaves faster than the average without filling the link's queue. */
    public static final int PACING_PERCENT = 200;
    /** Debt in time that may be left when the next packet leaves, so that a timer need not be set per packet. */
    public static final long BURST_NS = 5_000_000L;
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
    /** Bits times 10^9, so that no fraction is lost however often it is looked at. */
    private long debtNanobits;
    private long drainedNs;

    /** Sets the target; 0 means that this peer is not limited. */
    public void setRateBps(final long rateBps, final long nowNs) {
        drain(nowNs);
        paceBps = Math.clamp(rateBps, 0, MAX_RATE_BPS) * PACING_PERCENT / PERCENT;
        drainBps = paceBps;
        debtNanobits = Math.min(debtNanobits, MAX_DEBT_NS * paceBps);
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
        final long excess = debtNanobits - BURST_NS * drainBps;
        return excess <= 0 ? NOW : nowNs + (excess + drainBps - 1) / drainBps;
    }

    /** A packet of any class left. */
    public void onSent(final int sizeBytes, final long nowNs) {
        if (paceBps == 0) {
            return;
        }
        drain(nowNs);
        debtNanobits = Math.min(debtNanobits + (long) sizeBytes * Byte.SIZE * NS_PER_SECOND, MAX_DEBT_NS * paceBps);
    }

    private void drain(final long nowNs) {
        // Longer than the longest debt takes is the same as that.
        final long elapsedNs = Math.clamp(nowNs - drainedNs, 0, MAX_DEBT_NS);
        debtNanobits = Math.max(0, debtNanobits - elapsedNs * drainBps);
        drainedNs = Math.max(drainedNs, nowNs);
    }
}
