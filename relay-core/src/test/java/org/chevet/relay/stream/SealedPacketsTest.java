package org.chevet.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;
import org.junit.jupiter.api.Test;

class SealedPacketsTest {
    private static final int PACKETS = 16;
    private static final int BYTES = 1000;
    private final SealedPackets kept = new SealedPackets(PACKETS, BYTES);
    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[2048]);

    @Test
    void holdsTheLastOnesWithinBothBoundsAcrossTheWrap() {
        final Random random = new Random(1);
        final int[] lengths = new int[70_000];
        for (int i = 65_000; i < 70_000; i++) {
            lengths[i] = 12 + random.nextInt(150);
            write(i, lengths[i]);
            kept.add(datagram, 0, lengths[i]);
            int held = 0;
            for (int back = 0; back < 2 * PACKETS && i - back >= 65_000; back++) {
                final int index = kept.find((i - back) & 0xFFFF);
                if (index != SealedPackets.NONE) {
                    held += lengths[i - back];
                    assertEquals(lengths[i - back], kept.length(index));
                    assertTrue(isWritten(i - back, index), "packet " + (i - back) + " is as it was");
                }
            }
            assertTrue(held >= lengths[i] && held <= BYTES, "bytes held: " + held);
        }
    }

    @Test
    void whatDoesNotFitIsNotKept() {
        write(1, BYTES + 1);
        kept.add(datagram, 0, BYTES + 1);
        assertEquals(SealedPackets.NONE, kept.find(1));
    }

    @Test
    void requestsAreServedInOrderAndBounded() {
        for (int i = 0; i < 3; i++) {
            write(i, 20);
            kept.add(datagram, 0, 20);
        }
        assertTrue(kept.ask(2) && kept.ask(9) && kept.ask(0));
        assertEquals(kept.find(2), kept.pollAsked());
        assertEquals(kept.find(0), kept.pollAsked());
        assertEquals(SealedPackets.NONE, kept.pollAsked());
        for (int i = 0; i < SealedPackets.MAX_WAITING; i++) {
            assertTrue(kept.ask(1));
        }
        assertFalse(kept.ask(1));
    }

    @Test
    void forgetsEverything() {
        write(5, 40);
        kept.add(datagram, 0, 40);
        kept.ask(5);
        kept.clear();
        assertEquals(SealedPackets.NONE, kept.find(5));
        assertEquals(SealedPackets.NONE, kept.pollAsked());
        assertEquals(0, kept.buffer().getByte(30));
    }

    private void write(final int number, final int length) {
        datagram.setMemory(0, length, (byte) (number * 31));
        BigEndian.put16(datagram, 2, number & 0xFFFF);
    }

    private boolean isWritten(final int number, final int index) {
        for (int i = 4; i < kept.length(index); i++) {
            if (kept.buffer().getByte(kept.offset(index) + i) != (byte) (number * 31)) {
                return false;
            }
        }
        return BigEndian.u16(kept.buffer(), kept.offset(index) + 2) == (number & 0xFFFF);
    }
}
