package org.chevet.relay.api;

/**
 * Bounds of what is sent to one receiver who tells how it arrives. Immutable.
 *
 * @param startBps rate in bit/s until the receiver has told more
 * @param leastBps the estimate never falls below this: speech and measurements need it whatever the link does
 * @param mostBps neither the estimate nor a probe goes beyond this
 */
public record Bandwidth(long startBps, long leastBps, long mostBps) {
    private static final long START_BPS = 300_000;
    private static final long LEAST_BPS = 30_000;
    private static final long MOST_BPS = 20_000_000;

    /** Checks the order of the three. */
    public Bandwidth {
        if (leastBps < 1 || startBps < leastBps || mostBps < startBps) {
            throw new IllegalArgumentException("the bandwidth starts at " + startBps + " bit/s between " + leastBps
                + " and " + mostBps + ", accepted: least <= start <= most");
        }
    }

    /** Start 300 kbit/s, least 30 kbit/s, most 20 Mbit/s. */
    public static Bandwidth defaults() {
        return new Bandwidth(START_BPS, LEAST_BPS, MOST_BPS);
    }
}
