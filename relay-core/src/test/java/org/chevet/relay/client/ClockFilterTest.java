package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The clock estimate holds the truth within its own bound, whatever the paths do. */
class ClockFilterTest {
    private static final long MS = 1_000_000L;

    @Test
    void estimateNeedsEightExchanges() {
        final ClockFilter filter = new ClockFilter();
        for (int i = 0; i < 7; i++) {
            filter.add(i * MS, i * MS + 500, i * MS + 600, i * MS + 1_100);
        }
        assertFalse(filter.isReady());
        filter.add(8 * MS, 8 * MS + 500, 8 * MS + 600, 8 * MS + 1_100);
        assertTrue(filter.isReady());
    }

    @Test
    void trueOffsetIsWithinTheUncertaintyForEverySeed() {
        for (int seed = 0; seed < 2_000; seed++) {
            final Random random = new Random(seed);
            final long offset = random.nextLong(1L << 50) - (1L << 49);
            final ClockFilter filter = new ClockFilter();
            long now = random.nextLong(1L << 40);
            for (int i = 0; i < 16; i++) {
                final boolean slow = random.nextInt(4) == 0;
                final long up = random.nextInt(2_000_000) + (slow ? random.nextInt(500) * MS : 0);
                final long down = random.nextInt(2_000_000);
                final long served = random.nextInt(300_000);
                filter.add(now, now + up + offset, now + up + served + offset, now + up + served + down);
                now += 100 * MS;
            }
            assertTrue(Math.abs(filter.offsetNs() - offset) <= filter.uncertaintyNs(), "seed " + seed + ": offset "
                + offset + ", estimate " + filter.offsetNs() + " +- " + filter.uncertaintyNs());
            assertTrue(filter.uncertaintyNs() < 5 * MS, "seed " + seed + ": slow exchanges are outliers");
        }
    }

    @Test
    void aPathOfWildDelaysStillGivesAnEstimateAsGoodAsItsFastestExchange() {
        final ClockFilter filter = new ClockFilter();
        for (int i = 0; i < 12; i++) {
            final long up = i == 5 ? MS : (5 + 7L * i) * MS;
            filter.add(i * 100L * MS, i * 100L * MS + up + 42, i * 100L * MS + up + 42, i * 100L * MS + 2 * up);
        }
        assertTrue(filter.isReady());
        assertTrue(Math.abs(filter.offsetNs() - 42) <= filter.uncertaintyNs());
        assertTrue(filter.uncertaintyNs() < 2 * MS, "uncertainty " + filter.uncertaintyNs());
    }

    @Test
    void impossibleExchangesAreIgnored() {
        final ClockFilter filter = new ClockFilter();
        for (int i = 0; i < 20; i++) {
            filter.add(100, 0, 500, 200);
            filter.add(100, 500, 0, 200);
        }
        assertFalse(filter.isReady());
    }
}
