package org.chevet.codec.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SerialNumbersTest {
    private static final long SEED = 0x5E71A1L;

    @Test
    void ordersByTheShorterWayRound() {
        assertTrue(SerialNumbers.isNewer16(1, 0));
        assertTrue(SerialNumbers.isNewer16(0, 0xFFFF));
        assertTrue(SerialNumbers.isNewer16(0x7FFF, 0));
        assertFalse(SerialNumbers.isNewer16(0, 0));
        assertFalse(SerialNumbers.isNewer16(0x8001, 0));
        assertTrue(SerialNumbers.isNewer32(0, -1));
        assertTrue(SerialNumbers.isNewer32(Integer.MIN_VALUE, Integer.MAX_VALUE));
        assertFalse(SerialNumbers.isNewer32(-1, 0));
    }

    @Test
    void numbersHalfTheSpaceApartHaveNoOrder() {
        assertFalse(SerialNumbers.isNewer16(0x8000, 0));
        assertFalse(SerialNumbers.isNewer16(0, 0x8000));
        assertFalse(SerialNumbers.isNewer32(Integer.MIN_VALUE, 0));
        assertFalse(SerialNumbers.isNewer32(0, Integer.MIN_VALUE));
    }

    @Test
    void addingThenMeasuringGivesTheStepsBack() {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 100_000; i++) {
            final int from = random.nextInt(0x1_0000);
            final int steps = random.nextInt(-0x7FFF, 0x8000);
            assertEquals(steps, SerialNumbers.distance16(from, SerialNumbers.add16(from, steps)), "seed " + SEED);
            assertEquals(steps > 0, SerialNumbers.isNewer16(SerialNumbers.add16(from, steps), from));
        }
    }

    @Test
    void unwrapperFollowsAReorderedStreamOverManyCycles() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        final int first = 0xFFF0;
        assertEquals(0x1_0000L + first, unwrapper.unwrap(first));
        long highest = 0x1_0000L + first;
        for (int i = 0; i < 1_000_000; i++) {
            final long truth = highest + random.nextInt(-200, 300);
            assertEquals(truth, unwrapper.unwrap((int) truth & 0xFFFF), "step " + i + " seed " + SEED);
            highest = Math.max(highest, truth);
            assertEquals(highest, unwrapper.highest());
        }
        assertTrue(highest > 20 * 0x1_0000L, "wrapped many times: " + highest);
    }

    @Test
    void peekingMovesNothingAndAnOvertakenFirstPacketStaysPositive() {
        final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        assertEquals(-1, unwrapper.highest());
        assertEquals(0x1_0000L, unwrapper.unwrap(0));
        assertEquals(0xFFFFL, unwrapper.unwrap(0xFFFF));
        assertEquals(0x1_0005L, unwrapper.peek(5));
        assertEquals(0x1_0000L, unwrapper.highest());
        unwrapper.reset();
        assertEquals(0x1_0007L, unwrapper.unwrap(7));
    }
}
