package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
    @Test
    void acceptsEachIndexOnceAndNothingOlderThanTheWindow() {
        for (long seed = 1; seed <= 20; seed++) {
            final Random random = new Random(seed);
            final ReplayWindow window = new ReplayWindow();
            final Set<Long> model = new HashSet<>();
            long highest = -1;
            long base = random.nextInt(1 << 16);
            for (int i = 0; i < 20_000; i++) {
                base += random.nextInt(100) == 0 ? random.nextInt(3000) : random.nextInt(3);
                final long index = Math.max(0, base + random.nextInt(2400) - 2000);
                final boolean expected =
                    index > highest || (highest - index < ReplayWindow.SIZE && !model.contains(index));
                assertEquals(expected, window.isFresh(index), "seed " + seed + " step " + i);
                if (expected && random.nextInt(10) != 0) {
                    window.accept(index);
                    model.add(index);
                    highest = Math.max(highest, index);
                }
                assertEquals(highest, window.highest(), "seed " + seed + " step " + i);
            }
        }
    }

    @Test
    void startsAnywhereAndNeverTakesANegativeIndex() {
        final ReplayWindow window = new ReplayWindow();
        assertTrue(window.isFresh(0));
        assertTrue(window.isFresh((1L << 48) - 1));
        window.accept(0);
        assertFalse(window.isFresh(0));
        assertFalse(window.isFresh(-1));
        window.accept((1L << 48) - 1);
        assertFalse(window.isFresh((1L << 48) - 1));
        assertTrue(window.isFresh((1L << 48) - ReplayWindow.SIZE));
        assertFalse(window.isFresh((1L << 48) - ReplayWindow.SIZE - 1));
    }
}
