package org.chevet.codec.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class TransportFeedbackTest {
    private static final long SEED = 0x2CC;
    private static final int GUARD = 16;

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[TransportFeedbackWriter.MAX_LENGTH + 2 * GUARD]);
    private final TransportFeedbackWriter writer = new TransportFeedbackWriter();
    private final RtcpCompound compound = new RtcpCompound();
    private final TransportFeedback feedback = new TransportFeedback();

    private int write() {
        out.setMemory(0, out.capacity(), (byte) 0x55);
        final int length = writer.write(out, GUARD, TransportFeedbackWriter.MAX_LENGTH, 1, 2, 0x103);
        assertEquals(0x55, out.getByte(GUARD - 1));
        assertEquals(0x55, out.getByte(GUARD + length));
        return length;
    }

    @Test
    void anyPatternOfArrivalsComesBack() {
        final SplittableRandom random = new SplittableRandom(SEED);
        int longest = 0;
        for (int round = 0; round < 5000; round++) {
            final String where = "round " + round + " seed " + SEED;
            final int base = random.nextInt(0x1_0000);
            final long start = random.nextLong(1L << 50);
            // From no loss to nine of ten lost, from tight bursts to gaps beyond the small delta.
            final int lossPercent = random.nextInt(0, 100) * random.nextInt(0, 2);
            final long spreadNs = 1L << random.nextInt(1, 31);
            final long[] arrivals = new long[TransportFeedbackWriter.MAX_STATUSES];
            Arrays.fill(arrivals, -1);
            writer.begin(base, start);
            int count = 0;
            long now = start;
            for (int i = 0; i < random.nextInt(1, 500); i++) {
                if (i > 0 && random.nextInt(100) < lossPercent) {
                    continue;
                }
                now += random.nextLong(-spreadNs / 4, spreadNs);
                if (!writer.add(base + i, now)) {
                    break;
                }
                arrivals[i] = now;
                count = i + 1;
            }
            assertEquals(count, writer.statusCount(), where);
            final int length = write();
            if (count == 0) {
                assertEquals(0, length);
                continue;
            }
            longest = Math.max(longest, length);
            assertTrue(compound.wrap(out, GUARD, length) && compound.next() && feedback.wrap(compound), where);
            assertEquals(3, feedback.feedbackCount());
            assertEquals(count, feedback.statusCount(), where);
            final long epochs = Math.floorDiv(start, 64_000_000L) - feedback.referenceTime();
            assertEquals(0, epochs % (1 << 24), "reference time wraps in 24 bits");
            for (int i = 0; i < count; i++) {
                assertTrue(feedback.next(), where);
                assertEquals((base + i) & 0xFFFF, feedback.sequence(), where);
                assertEquals(arrivals[i] != -1, feedback.isReceived(), where + " status " + i);
                if (feedback.isReceived()) {
                    final long ticks = feedback.arrivalTicks() + epochs * TransportFeedback.REFERENCE_TICKS;
                    assertEquals(Math.floorDiv(arrivals[i], TransportFeedback.TICK_NS), ticks, where + " status " + i);
                }
            }
            assertFalse(feedback.next(), where);
        }
        assertTrue(longest <= TransportFeedbackWriter.MAX_LENGTH);
    }

    @Test
    void theWorstPatternFitsTheStatedLength() {
        writer.begin(0, 0);
        long now = 0;
        for (int i = 0; i < TransportFeedbackWriter.MAX_STATUSES; i++) {
            // One small delta among seven keeps runs away from all the large ones.
            now += i % 7 == 6 ? 250_000L : 1_000_000_000L * (i % 2 == 0 ? 1 : -1);
            assertTrue(writer.add(i, now));
        }
        assertFalse(writer.add(TransportFeedbackWriter.MAX_STATUSES, now), "full");
        final int length = write();
        assertTrue(length > 850 && length <= TransportFeedbackWriter.MAX_LENGTH, "length " + length);
        assertEquals(0, writer.write(out, 0, length - 4, 1, 2, 3), "below what it needs nothing is written");
    }

    @Test
    void whatCannotBeToldIsLeftForTheNextPacket() {
        writer.begin(0xFFFE, 1_000_000_000L);
        assertTrue(writer.add(0xFFFE, 1_000_000_000L));
        assertFalse(writer.add(0xFFFE, 1_000_000_000L), "the same number again");
        assertFalse(writer.add(0xFFFD, 1_000_000_000L), "a number behind");
        assertFalse(writer.add(0xFFFF, 11_000_000_000L), "ten seconds later");
        assertFalse(writer.add(0xFFFE + 400, 1_000_000_000L), "too far ahead");
        assertTrue(writer.add(0, 1_000_000_000L));
        assertEquals(3, writer.statusCount());
    }

    @Test
    void aLongSilenceIsOneRun() {
        final UnsafeBuffer packet = new UnsafeBuffer(HexFormat.of().parseHex(
            "afcd0006 00000001 00000002 ffff1ffe fffffe07 1ffd2001 0a000003".replace(" ", "")));
        assertTrue(compound.wrap(packet, 0, packet.capacity()) && compound.next() && feedback.wrap(compound));
        assertEquals(-2, feedback.referenceTime());
        assertEquals(7, feedback.feedbackCount());
        int lost = 0;
        while (feedback.next() && !feedback.isReceived()) {
            lost++;
        }
        assertEquals(0x1FFD, lost);
        assertEquals(0x1FFC, feedback.sequence());
        assertEquals(-2 * 256 + 10, feedback.arrivalTicks());
        assertEquals((-2 * 256 + 10) * 250_000L, feedback.arrivalNs());
        assertFalse(feedback.next());
    }
}
