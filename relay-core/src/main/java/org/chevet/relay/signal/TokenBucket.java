package org.chevet.relay.signal;

/** A rate with a burst of twice the rate. One thread. */
final class TokenBucket {
    private static final long SECOND_NS = 1_000_000_000L;

    private final long costNs;
    private final long capacityNs;
    private long credit;
    private long lastNs;

    TokenBucket(final int perSecond, final long nowNs) {
        this.costNs = SECOND_NS / perSecond;
        this.capacityNs = 2 * SECOND_NS;
        this.credit = capacityNs;
        this.lastNs = nowNs;
    }

    /** Takes one token; false when there is none. */
    boolean take(final long nowNs) {
        credit = Math.min(capacityNs, credit + Math.max(0, nowNs - lastNs));
        lastNs = nowNs;
        if (credit < costNs) {
            return false;
        }
        credit -= costNs;
        return true;
    }
}
