package org.chevet.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Tag;
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

    /** 100 ppm of drift, a path with 80 ms more one way, slow exchanges among the quick ones, a minute without any. */
    @Test
    @Tag("REQ-A3")
    void truthIsWithinTheBoundAtEveryAgeWithDriftAndAsymmetry() {
        for (int seed = 0; seed < 2_000; seed++) {
            final Random random = new Random(seed);
            final double drift = (random.nextDouble() * 2 - 1) * 95e-6;
            final long asymmetry = random.nextBoolean() ? 80 * MS : 0;
            final Path path = new Path(random, drift, 0, asymmetry, random.nextBoolean() ? 0 : asymmetry);
            final ClockFilter filter = new ClockFilter();
            for (int i = 0; i < 12 + random.nextInt(60); i++) {
                path.exchange(filter, i < 12 ? 100 * MS : 10_000 * MS);
            }
            for (long ageMs = 0; ageMs <= 60_000; ageMs += 7_500) {
                path.check(filter, path.now + ageMs * MS, "seed " + seed + " age " + ageMs);
            }
        }
    }

    @Test
    @Tag("REQ-A3")
    void driftIsFoundAndSlowsTheGrowthOfTheUncertainty() {
        final Random random = new Random(5);
        final Path path = new Path(random, 100e-6, 0, 0, 0);
        final ClockFilter filter = new ClockFilter();
        for (int i = 0; i < 8; i++) {
            path.exchange(filter, 100 * MS);
        }
        final long young = filter.uncertaintyNs(path.now + 60_000 * MS) - filter.uncertaintyNs(path.now);
        assertTrue(Math.abs(young - 6 * MS) < MS / 10, "a minute at 100 ppm when nothing is known of the drift");
        for (int i = 0; i < 30; i++) {
            path.exchange(filter, 10_000 * MS);
        }
        assertEquals(100e-6, filter.drift(), 10e-6);
        assertTrue(filter.driftUncertainty() < 15e-6, "drift +- " + filter.driftUncertainty());
        final long old = filter.uncertaintyNs(path.now + 60_000 * MS) - filter.uncertaintyNs(path.now);
        assertTrue(old < 2 * MS && old > 0, "after five minutes the minute costs " + old);
    }

    @Test
    void driftThatWandersStaysWithinTheBound() {
        for (int seed = 0; seed < 500; seed++) {
            final Random random = new Random(seed);
            final Path path = new Path(random, (random.nextDouble() * 2 - 1) * 90e-6, 4e-6, 0, 0);
            final ClockFilter filter = new ClockFilter();
            for (int i = 0; i < 100; i++) {
                path.exchange(filter, i < 12 ? 100 * MS : 10_000 * MS);
                path.check(filter, path.now + 5_000 * MS, "seed " + seed + " exchange " + i);
            }
        }
    }

    @Test
    void aSteppedClockIsWellKnownAgainWhenItsOldExchangesAreContradicted() {
        final Random random = new Random(9);
        final Path path = new Path(random, 20e-6, 0, 0, 0);
        final ClockFilter filter = new ClockFilter();
        for (int i = 0; i < 40; i++) {
            path.exchange(filter, 1_000 * MS);
        }
        path.offset += 3_000 * MS;
        for (int i = 0; i < 16; i++) {
            path.exchange(filter, 1_000 * MS);
            if (i >= 3) {
                path.check(filter, path.now, "exchange " + i + " after the step");
            }
        }
        assertTrue(filter.uncertaintyNs(path.now) < 5 * MS, "uncertainty " + filter.uncertaintyNs(path.now));
    }

    /** A remote clock behind a path. */
    private static final class Path {
        private final Random random;
        private final double wander;
        private final long upMore;
        private final long downMore;
        private final double mean;
        private double drift;
        private double offset;
        private long now;

        Path(final Random random, final double drift, final double wander, final long upMore, final long downMore) {
            this.random = random;
            this.drift = drift;
            mean = drift;
            this.wander = wander;
            this.upMore = upMore;
            this.downMore = downMore;
            offset = random.nextLong(1L << 46);
            now = random.nextLong(1L << 46);
        }

        private void advance(final long ns) {
            now += ns;
            offset += ns * drift;
        }

        void exchange(final ClockFilter filter, final long pause) {
            advance(pause);
            // The drift now and that of any window differ by at most the wander.
            drift = mean + (random.nextDouble() - 0.5) * wander;
            final long t1 = now;
            advance(upMore + random.nextInt(2_000_000) + (random.nextInt(4) == 0 ? random.nextInt(500) * MS : 0));
            final long t2 = now + Math.round(offset);
            advance(random.nextInt(300_000));
            final long t3 = now + Math.round(offset);
            advance(downMore + random.nextInt(2_000_000));
            filter.add(t1, t2, t3, now);
        }

        void check(final ClockFilter filter, final long at, final String what) {
            final double truth = offset + (at - now) * drift;
            final double error = Math.abs(filter.offsetNs(at) - truth);
            assertTrue(error <= filter.uncertaintyNs(at), what + ": " + error + " > " + filter.uncertaintyNs(at));
        }
    }
}
