package org.chevet.codec.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Reads and writes in network byte order, unsigned where the wire is unsigned.
 *
 * <p>Indices are absolute in the buffer; the buffer's own bounds check stays on, so a caller validates lengths once
 * in its {@code wrap}. Stateless; safe on any thread.
 */
public final class BigEndian {
    private static final int U8 = 0xFF;
    private static final int U16 = 0xFFFF;

    private BigEndian() {
    }

    /** The byte at {@code index}, 0 to 255. */
    public static int u8(final DirectBuffer buffer, final int index) {
        return buffer.getByte(index) & U8;
    }

    /** The two bytes from {@code index}, 0 to 65535. */
    public static int u16(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index, ByteOrder.BIG_ENDIAN) & U16;
    }

    /** The three bytes from {@code index}, 0 to 16777215. */
    public static int u24(final DirectBuffer buffer, final int index) {
        return (u8(buffer, index) << Short.SIZE) | u16(buffer, index + 1);
    }

    /** The three bytes from {@code index} as a signed number. */
    public static int i24(final DirectBuffer buffer, final int index) {
        return (u24(buffer, index) << Byte.SIZE) >> Byte.SIZE;
    }

    /** The four bytes from {@code index} as they are; compare such values for equality or as serial numbers. */
    public static int i32(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index, ByteOrder.BIG_ENDIAN);
    }

    /** The four bytes from {@code index}, 0 to 4294967295. */
    public static long u32(final DirectBuffer buffer, final int index) {
        return Integer.toUnsignedLong(i32(buffer, index));
    }

    /** The eight bytes from {@code index}. */
    public static long i64(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index, ByteOrder.BIG_ENDIAN);
    }

    /** Writes the low eight bits of {@code value}. */
    public static void put8(final MutableDirectBuffer buffer, final int index, final int value) {
        buffer.putByte(index, (byte) value);
    }

    /** Writes the low sixteen bits of {@code value}. */
    public static void put16(final MutableDirectBuffer buffer, final int index, final int value) {
        buffer.putShort(index, (short) value, ByteOrder.BIG_ENDIAN);
    }

    /** Writes the low twenty-four bits of {@code value}. */
    public static void put24(final MutableDirectBuffer buffer, final int index, final int value) {
        put8(buffer, index, value >>> Short.SIZE);
        put16(buffer, index + 1, value);
    }

    /** Writes the low thirty-two bits of {@code value}; an {@code int} or an unsigned {@code long} serves. */
    public static void put32(final MutableDirectBuffer buffer, final int index, final long value) {
        buffer.putInt(index, (int) value, ByteOrder.BIG_ENDIAN);
    }

    /** Writes the eight bytes of {@code value}. */
    public static void put64(final MutableDirectBuffer buffer, final int index, final long value) {
        buffer.putLong(index, value, ByteOrder.BIG_ENDIAN);
    }
}
