package org.chevet.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class CeilingTest {
    /** A window at a scale: what the generator used tells the scale, nothing else matters here. */
    private static Figures window(final double scale) {
        return new Figures(Plan.call(), 1, Map.of(), new LoopCounts(), new Histogram(1), null, scale);
    }

    private static double search(final double start, final double truth) throws Exception {
        final Figures best = new Ceiling(start, (scale, seconds) -> window(scale),
            figures -> figures.generatorCpu() <= truth).find(1, 1);
        return best == null ? 0 : best.generatorCpu();
    }

    @Test
    void findsTheHighestLoadThatPasses() throws Exception {
        for (final double truth : new double[] {0.3, 1, 2.7, 9.1}) {
            final double found = search(1, truth);
            assertTrue(found <= truth && found > truth / 1.1, found + " for " + truth);
        }
    }

    @Test
    void saysWhenNothingPasses() throws Exception {
        final Ceiling ceiling = new Ceiling(1, (scale, seconds) -> window(scale), figures -> false);
        assertNull(ceiling.find(1, 1));
        assertTrue(ceiling.tried().size() < 12);
    }

    @Test
    void mostWindowsDecide() throws Exception {
        final int[] calls = {0};
        final Ceiling ceiling = new Ceiling(1, (scale, seconds) -> window(scale),
            figures -> figures.generatorCpu() < 1.2 && calls[0]++ % 3 != 1);
        final Figures best = ceiling.find(3, 1);
        assertTrue(best != null && best.generatorCpu() >= 1);
        assertTrue(ceiling.isGeneratorLimited());
        assertFalse(new Ceiling(1, (scale, seconds) -> window(scale), figures -> true).isGeneratorLimited());
        assertEquals(0, ceiling.tried().size() % 3);
    }
}
