package org.chevet.codec.wire;

/**
 * Serial number arithmetic of RFC 1982: numbers that wrap, ordered by the shorter way round.
 *
 * <p>Two numbers exactly half the space apart have no order in the RFC (section 3.2); here neither is newer.
 * Stateless; safe on any thread.
 */
public final class SerialNumbers {
    private static final int MASK_16 = 0xFFFF;

    private SerialNumbers() {
    }

    /** True when the 16-bit number {@code a} comes after {@code b}; false when equal or half the space apart. */
    public static boolean isNewer16(final int a, final int b) {
        return distance16(b, a) > 0;
    }

    /** True when the 32-bit number {@code a} comes after {@code b}; false when equal or half the space apart. */
    public static boolean isNewer32(final int a, final int b) {
        return distance32(b, a) > 0;
    }

    /** Steps from {@code from} to {@code to} by the shorter way, -32768 to 32767; only the low 16 bits are used. */
    public static int distance16(final int from, final int to) {
        return (short) (to - from);
    }

    /** Steps from {@code from} to {@code to} by the shorter way. */
    public static int distance32(final int from, final int to) {
        return to - from;
    }

    /** {@code value + steps} in 16 bits, 0 to 65535; {@code steps} may be negative. */
    public static int add16(final int value, final int steps) {
        return (value + steps) & MASK_16;
    }
}
