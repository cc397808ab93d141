package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewriterTest {
    private static final long MS = 1_000_000;
    private final Rewriter rewriter = new Rewriter(7, 100);

    /**
     * Worked examples: events in order, "n" a packet sent, "-n" a packet dropped on purpose, "rn" a resume at n; then
     * the outgoing numbers, "x" for too late.
     */
    @ParameterizedTest
    @CsvSource({
        "10 11 12,            100 101 102",
        "10 12 11 13,         100 102 101 103",
        "10 13,               100 103",
        "10 -11 12,           100 101",
        "10 -11 -12 13,       100 101",
        "10 -12 13 11,        100 102 101",
        "10 -12 13 12,        100 102 x",
        "10 13 -11 14,        100 103 104",
        "10 14 -16 17 11 15,  100 104 106 101 105",
        "10 9,                100 x",
        "10 r20 20 21 15,     100 101 102 x",
        "10 12 r20 20,        100 102 103",
        "10 -12 r20 20,       100 101",
        "10 -12 11 r20 20,    100 101 102"})
    void numbersFollowTheTable(final String events, final String expected) {
        rewriter.begin(1, 10, 0, 0, 90_000);
        final StringBuilder out = new StringBuilder();
        for (final String event : events.strip().split(" ", -1)) {
            if (event.startsWith("-")) {
                rewriter.skip(Long.parseLong(event.substring(1)));
            } else if (event.startsWith("r")) {
                rewriter.resume(Long.parseLong(event.substring(1)));
            } else {
                final long number = rewriter.sequence(Long.parseLong(event));
                out.append(number == Rewriter.TOO_LATE ? "x" : number - 0x1_0000).append(' ');
            }
        }
        assertEquals(expected.strip(), out.toString().strip());
    }

    @Test
    void firstSourceKeepsItsTimestamps() {
        rewriter.begin(1, 10, -50, 0, 90_000);
        assertEquals(-50, rewriter.timestamp(-50, 0));
        assertEquals(2950, rewriter.timestamp(2950, 33 * MS));
    }

    @Test
    void anotherSourceGoesOnLaterByTheTimeThatPassed() {
        rewriter.begin(1, 10, 1000, 0, 90_000);
        rewriter.sequence(10);
        rewriter.timestamp(1000, 0);
        rewriter.begin(2, 5000, 777_000, 100 * MS, 90_000);
        assertEquals(0x1_0000 + 101, rewriter.sequence(5000));
        assertEquals(10_000, rewriter.timestamp(777_000, 100 * MS));
        assertEquals(13_000, rewriter.timestamp(780_000, 133 * MS));
    }

    @Test
    void senderReportsAlignTimestampsWithinReason() {
        rewriter.begin(1, 10, 1000, 0, 90_000);
        rewriter.timestamp(1000, 0);
        rewriter.beginAt(2, 50, 5, 100 * MS, 90_000, 9_500);
        assertEquals(9_500, rewriter.timestamp(5, 100 * MS));
        rewriter.beginAt(3, 60, 5, 100 * MS, 90_000, 9_000);
        assertEquals(9_501, rewriter.timestamp(5, 100 * MS));
        rewriter.beginAt(4, 70, 5, 200 * MS, 90_000, 9_501 + 900_000);
        assertEquals(18_501, rewriter.timestamp(5, 200 * MS));
    }

    @Test
    void timestampsWrap() {
        rewriter.begin(1, 10, 0xFFFF_FF00, 0, 90_000);
        rewriter.timestamp(0xFFFF_FF00, 0);
        rewriter.begin(2, 10, 3, 10 * MS, 90_000);
        assertEquals(0xFFFF_FF00 + 900, rewriter.timestamp(3, 10 * MS));
    }

    @Test
    void frameNumbersNeverStepBackAtASwitch() {
        rewriter.begin(1, 10, 0, 0, 90_000);
        assertEquals(1, rewriter.frame(65_000));
        assertEquals(1, rewriter.frame(65_000));
        assertEquals(2, rewriter.frame(65_001));
        rewriter.begin(2, 10, 0, 0, 90_000);
        assertEquals(3, rewriter.frame(17));
        assertEquals(5, rewriter.frame(19));
        assertEquals(4, rewriter.frame(18));
        rewriter.begin(3, 10, 0, 0, 90_000);
        assertEquals(6, rewriter.frame(17));
    }

    @Test
    void aSuccessorGoesOnWithoutASeam() {
        rewriter.begin(1, 10, 1000, 0, 90_000);
        rewriter.sequence(10);
        rewriter.timestamp(1000, 0);
        rewriter.frame(9);
        final Rewriter successor = Rewriter.restore(rewriter.state(), 500 * MS);
        assertEquals(7, successor.ssrc());
        assertEquals(Rewriter.NO_SOURCE, successor.source());
        successor.begin(1, 90, 44, 510 * MS, 90_000);
        assertEquals(0x1_0000 + 101, successor.sequence(90));
        assertEquals(1900, successor.timestamp(44, 510 * MS));
        assertEquals(2, successor.frame(33));
    }

    @Test
    void seededEventsKeepNumbersUniqueAndOrdered() {
        for (long seed = 0; seed < 200; seed++) {
            play(seed);
        }
    }

    /** Sent packets of one source get distinct numbers in the order of the source; only lost ones leave holes. */
    private static void play(final long seed) {
        final Random random = new Random(seed);
        final Rewriter subject = new Rewriter(1, random.nextInt(0x8000));
        final Map<Long, Long> outOf = new HashMap<>();
        final Map<Long, Boolean> dropped = new HashMap<>();
        subject.begin(1, 1000, 0, 0, 90_000);
        long newest = 999;
        for (int i = 0; i < 400; i++) {
            final long in = random.nextInt(4) == 0 ? Math.max(1000, newest - random.nextInt(8))
                : newest + 1 + (random.nextInt(10) == 0 ? random.nextInt(4) : 0);
            if (outOf.containsKey(in) || dropped.containsKey(in)) {
                continue;
            }
            if (random.nextInt(5) == 0) {
                subject.skip(in);
                dropped.put(in, in > newest);
            } else {
                final long out = subject.sequence(in);
                assertTrue(out != Rewriter.TOO_LATE, "seed " + seed + " step " + i);
                outOf.put(in, out);
            }
            newest = Math.max(newest, in);
        }
        long expected = -1;
        for (long in = 1000; in <= newest; in++) {
            final boolean closed = dropped.getOrDefault(in, false);
            if (outOf.containsKey(in)) {
                if (expected >= 0) {
                    assertEquals(expected, outOf.get(in), "seed " + seed + " packet " + in);
                }
                expected = outOf.get(in) + 1;
            } else if (expected >= 0 && !closed) {
                expected++;
            }
        }
    }
}
