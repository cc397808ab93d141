package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** RFC 4571 framing: however TCP cuts it, the same datagrams come out; what cannot be framed ends it. */
class FramedInputTest {
    private static final HexFormat HEX = HexFormat.of();
    private final List<String> frames = new ArrayList<>();
    private final FramedInput input = new FramedInput((in, offset, length) -> {
        final byte[] bytes = new byte[length];
        in.getBytes(offset, bytes);
        frames.add(HEX.formatHex(bytes));
    });

    private boolean feed(final byte[] bytes, final int from, final int to) {
        return input.feed(new UnsafeBuffer(bytes), from, to - from);
    }

    @Test
    void twoFramesAreFoundWhereverTheyAreCut() {
        final byte[] bytes = HEX.parseHex("0003010203" + "0000" + "000104" + "00020506");
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                frames.clear();
                assertTrue(feed(bytes, 0, first) && feed(bytes, first, second) && feed(bytes, second, bytes.length));
                assertEquals(List.of("010203", "04", "0506"), frames, "cut at " + first + " and " + second);
            }
        }
    }

    @Test
    void everyByteAloneIsEnough() {
        final byte[] bytes = HEX.parseHex("0003010203000104");
        for (int i = 0; i < bytes.length; i++) {
            assertTrue(feed(bytes, i, i + 1));
        }
        assertEquals(List.of("010203", "04"), frames);
    }

    @Test
    void theLongestFrameFitsAndALongerOneEndsIt() {
        final byte[] longest = new byte[2 + FramedInput.MAX_FRAME];
        longest[0] = (byte) (FramedInput.MAX_FRAME >> 8);
        longest[1] = (byte) FramedInput.MAX_FRAME;
        assertTrue(feed(longest, 0, 1) && feed(longest, 1, longest.length));
        assertEquals(1, frames.size());
        assertTrue(feed(longest, 0, longest.length));
        assertEquals(2, frames.size());
        longest[1]++;
        assertFalse(feed(longest, 0, longest.length), "whole");
        assertTrue(feed(longest, 0, 1));
        assertFalse(feed(longest, 1, 2), "cut inside the length");
    }

    @Test
    void randomCutsOfRandomFramesGiveTheSame() {
        final long seed = 4571;
        final Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            frames.clear();
            final List<String> sent = new ArrayList<>();
            final StringBuilder all = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                final byte[] frame = new byte[1 + random.nextInt(FramedInput.MAX_FRAME)];
                random.nextBytes(frame);
                sent.add(HEX.formatHex(frame));
                all.append(HEX.toHexDigits((short) frame.length)).append(HEX.formatHex(frame));
            }
            final byte[] bytes = HEX.parseHex(all);
            for (int at = 0; at < bytes.length;) {
                final int next = Math.min(bytes.length, at + 1 + random.nextInt(3000));
                assertTrue(feed(bytes, at, next), "seed " + seed + " round " + round);
                at = next;
            }
            assertEquals(sent, frames, "seed " + seed + " round " + round);
        }
    }

    @Test
    void junkNeverThrows() {
        final Random random = new Random(6544);
        for (int round = 0; round < 500; round++) {
            final FramedInput one = new FramedInput((in, offset, length) -> in.getByte(offset + length - 1));
            final byte[] junk = new byte[random.nextInt(5000)];
            random.nextBytes(junk);
            boolean goesOn = true;
            for (int at = 0; at < junk.length && goesOn;) {
                final int next = Math.min(junk.length, at + 1 + random.nextInt(700));
                goesOn = one.feed(new UnsafeBuffer(junk), at, next - at);
                at = next;
            }
        }
    }
}
