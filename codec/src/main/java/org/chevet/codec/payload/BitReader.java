package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads bits, most significant first. Beyond the end it gives zeros and remembers that it did. Not thread-safe. */
final class BitReader {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private long bit;
    private long endBit;
    private boolean overrun;

    void wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        bit = 8L * offset;
        endBit = bit + 8L * length;
        overrun = false;
    }

    /** The next {@code count} bits, 0 to 32. */
    int bits(final int count) {
        if (count > endBit - bit) {
            bit = endBit;
            overrun = true;
            return 0;
        }
        int value = 0;
        for (int i = 0; i < count; i++) {
            value = (value << 1) | ((u8(buffer, (int) (bit >>> 3)) >>> (7 - (int) (bit & 7))) & 1);
            bit++;
        }
        return value;
    }

    void skip(final int count) {
        if (count > endBit - bit) {
            bit = endBit;
            overrun = true;
        } else {
            bit += count;
        }
    }

    boolean flag() {
        return bits(1) != 0;
    }

    /** A number of 0 to {@code range} - 1 in as few bits as it needs (AV1 specification section 4.10.7). */
    int nonSymmetric(final int range) {
        final int width = Integer.SIZE - Integer.numberOfLeadingZeros(range);
        final int shorter = (1 << width) - range;
        final int value = bits(width - 1);
        return value < shorter ? value : (value << 1) - shorter + bits(1);
    }

    boolean isOverrun() {
        return overrun;
    }
}
