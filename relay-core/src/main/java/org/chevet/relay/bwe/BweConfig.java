package org.chevet.relay.bwe;

/**
 * Bounds of the estimate towards one peer. Immutable.
 *
 * @param startBps target until feedback says more
 * @param floorBps the target never falls below this: speech and measurements need it whatever the link does
 * @param ceilingBps the target and every probe stay below this
 */
public record BweConfig(long startBps, long floorBps, long ceilingBps) {
    private static final long START_BPS = 300_000;
    private static final long FLOOR_BPS = 30_000;
    private static final long CEILING_BPS = 20_000_000;

    /** Checks the order of the three. */
    public BweConfig {
        if (floorBps < 1 || startBps < floorBps || ceilingBps < startBps || ceilingBps > Pacer.MAX_RATE_BPS) {
            throw new IllegalArgumentException("floor " + floorBps + ", start " + startBps + ", ceiling " + ceilingBps
                + " bit/s, accepted: 1 <= floor <= start <= ceiling <= " + Pacer.MAX_RATE_BPS);
        }
    }

    /** Start 300 kbit/s, floor 30 kbit/s, ceiling 20 Mbit/s. */
    public static BweConfig defaults() {
        return new BweConfig(START_BPS, FLOOR_BPS, CEILING_BPS);
    }
}
