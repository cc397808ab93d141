package org.chevet.relay.stream;

import static org.chevet.relay.stream.ReceiveStats.DUPLICATE;
import static org.chevet.relay.stream.ReceiveStats.IN_ORDER;
import static org.chevet.relay.stream.ReceiveStats.JUMP;
import static org.chevet.relay.stream.ReceiveStats.REORDERED;
import static org.chevet.relay.stream.ReceiveStats.RESTARTED;
import static org.chevet.relay.stream.ReceiveStats.TOO_LATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReceiveStatsTest {
    private final ReceiveStats stats = new ReceiveStats();

    @Test
    void extendsAcrossTheWrap() {
        assertEquals(IN_ORDER, packet(65534));
        final long first = stats.extended();
        assertEquals(IN_ORDER, packet(65535));
        assertEquals(IN_ORDER, packet(1));
        assertEquals(first + 3, stats.extended());
        assertEquals(REORDERED, packet(0));
        assertEquals(first + 2, stats.extended());
        assertEquals(first + 3, stats.highest());
        assertEquals(0x1_0001, stats.extendedHighest());
    }

    @Test
    void tellsDuplicatesReorderedAndTooLate() {
        packet(5000);
        assertEquals(DUPLICATE, packet(5000));
        assertEquals(IN_ORDER, packet(5010));
        assertEquals(REORDERED, packet(5003));
        assertEquals(DUPLICATE, packet(5003));
        assertEquals(IN_ORDER, packet(5010 + ReceiveStats.WINDOW));
        assertEquals(TOO_LATE, packet(5010));
        assertEquals(REORDERED, packet(5011));
    }

    @Test
    void bitsOfAnEarlierRoundAreForgotten() {
        for (int i = 0; i < 3 * ReceiveStats.WINDOW; i += 2) {
            assertEquals(IN_ORDER, packet(i));
        }
        for (int i = 2 * ReceiveStats.WINDOW + 1; i < 3 * ReceiveStats.WINDOW - 2; i += 2) {
            assertEquals(REORDERED, packet(i), "sequence " + i);
        }
    }

    @Test
    void oneFarPacketIsDroppedTwoInARowAreARestart() {
        packet(100);
        final long before = stats.highest();
        assertEquals(JUMP, packet(30_000));
        assertEquals(IN_ORDER, packet(101));
        assertEquals(JUMP, packet(30_000));
        assertEquals(RESTARTED, packet(30_001));
        assertTrue(stats.extended() > before + 1);
        assertEquals(30_001, (int) stats.extended() & 0xFFFF);
        assertEquals(IN_ORDER, packet(30_002));
    }

    @Test
    void repairsFillGapsAndNeverRestart() {
        packet(10);
        packet(12);
        assertEquals(REORDERED, stats.onPacket(11, 0, 90_000, 0, true));
        assertEquals(DUPLICATE, stats.onPacket(11, 0, 90_000, 0, true));
        assertEquals(TOO_LATE, stats.onPacket(40_000, 0, 90_000, 0, true));
        assertEquals(TOO_LATE, stats.onPacket(40_001, 0, 90_000, 0, true));
        stats.closeInterval();
        assertEquals(1, stats.cumulativeLost());
    }

    @Test
    void lossFractionIsOfTheInterval() {
        for (int i = 0; i < 100; i++) {
            if (i % 4 != 3) {
                packet(i);
            }
        }
        stats.closeInterval();
        // Highest is 98, so 99 expected and 24 of them lost.
        assertEquals(24, stats.cumulativeLost());
        assertEquals((24 << 8) / 99, stats.fractionLost());
        for (int i = 100; i < 200; i++) {
            packet(i);
        }
        stats.closeInterval();
        assertEquals((1 << 8) / 101, stats.fractionLost());
        assertEquals(25, stats.cumulativeLost());
    }

    @Test
    void jitterFollowsAppendixA8() {
        // Packets every 20 ms of an 8 kHz clock, every second one 5 ms late: |D| = 40 units each time.
        for (int i = 0; i < 400; i++) {
            final long arrivalNs = i * 20_000_000L + (i % 2) * 5_000_000L;
            stats.onPacket(i, i * 160, 8000, arrivalNs, false);
        }
        assertTrue(stats.jitter() >= 38 && stats.jitter() <= 40, "jitter " + stats.jitter());
    }

    @Test
    void clockUnitsDoNotOverflow() {
        assertEquals(90_000, ReceiveStats.rtpUnits(1_000_000_000L, 90_000));
        assertEquals(-90_000, ReceiveStats.rtpUnits(-1_000_000_000L, 90_000));
        final long late = Long.MAX_VALUE - 1_000_000_000L;
        assertEquals(48_000, ReceiveStats.rtpUnits(late + 1_000_000_000L, 48_000)
            - ReceiveStats.rtpUnits(late, 48_000));
    }

    @Test
    void seededTrafficAgreesWithASet() {
        final long seed = 77;
        final Random random = new Random(seed);
        final Set<Long> seen = new HashSet<>();
        long next = 60_000;
        long newest = 0;
        for (int i = 0; i < 200_000; i++) {
            next += random.nextInt(10) == 0 ? random.nextInt(20) : 1;
            final long sequence = random.nextInt(5) == 0 ? Math.max(60_000, next - random.nextInt(1500)) : next;
            newest = Math.max(newest, sequence);
            final int verdict = packet((int) (sequence & 0xFFFF));
            if (sequence <= newest - ReceiveStats.WINDOW) {
                assertEquals(TOO_LATE, verdict, "seed " + seed + " step " + i);
            } else {
                assertEquals(seen.add(sequence), verdict >= 0, "seed " + seed + " step " + i);
            }
        }
    }

    private int packet(final int sequence) {
        return stats.onPacket(sequence, 0, 90_000, 0, false);
    }
}
