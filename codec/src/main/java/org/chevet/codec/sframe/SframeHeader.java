package org.chevet.codec.sframe;

/**
 * The header of an SFrame message (RFC 9605 section 4.3): key id and counter, both unsigned 64 bits.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+--------------------+-------------------+
 * |X|  K  |Y|  C  | KID, K+1 bytes (X) | CTR, C+1 bytes (Y) |
 * +-+-+-+-+-+-+-+-+--------------------+-------------------+
 * </pre>
 *
 * <p>X or Y clear: K or C is the value itself. Only the shortest form is accepted, so that a message has one encoding.
 * Holds the values of the last decode. One owner thread.
 */
public final class SframeHeader {
    /** Longest header in bytes. */
    public static final int MAX_LENGTH = 17;
    /** The bytes end before the header does. */
    public static final int TOO_SHORT = -1;
    /** A value is written in more bytes than it needs. */
    public static final int NOT_CANONICAL = -2;

    private static final int INLINE_MAX = 7;
    private static final int LONG_BIT = 8;
    private static final int LENGTH_MASK = 7;
    private static final int KID_SHIFT = 4;

    private long kid;
    private long ctr;

    /**
     * Reads a header.
     *
     * @return its length in bytes, or {@link #TOO_SHORT}, {@link #NOT_CANONICAL}; then the values mean nothing
     */
    public int decode(final byte[] in, final int offset, final int length) {
        if (length < 1) {
            return TOO_SHORT;
        }
        final int kidBits = in[offset] >> KID_SHIFT & (LONG_BIT | LENGTH_MASK);
        final int ctrBits = in[offset] & (LONG_BIT | LENGTH_MASK);
        final int kidBytes = bytesOf(kidBits);
        final int ctrBytes = bytesOf(ctrBits);
        final int total = 1 + kidBytes + ctrBytes;
        if (length < total) {
            return TOO_SHORT;
        }
        kid = kidBytes == 0 ? kidBits : read(in, offset + 1, kidBytes);
        ctr = ctrBytes == 0 ? ctrBits : read(in, offset + 1 + kidBytes, ctrBytes);
        return kidBytes == lengthOf(kid) && ctrBytes == lengthOf(ctr) ? total : NOT_CANONICAL;
    }

    /** Key id of the last header that was read. */
    public long kid() {
        return kid;
    }

    /** Counter of the last header that was read. */
    public long ctr() {
        return ctr;
    }

    /** Writes a header and returns its length. */
    public static int encode(final byte[] out, final int offset, final long kid, final long ctr) {
        final int kidBytes = lengthOf(kid);
        final int ctrBytes = lengthOf(ctr);
        out[offset] = (byte) (bitsOf(kid, kidBytes) << KID_SHIFT | bitsOf(ctr, ctrBytes));
        write(out, offset + 1, kidBytes, kid);
        write(out, offset + 1 + kidBytes, ctrBytes, ctr);
        return 1 + kidBytes + ctrBytes;
    }

    /** Bytes that {@link #encode} will write. */
    public static int length(final long kid, final long ctr) {
        return 1 + lengthOf(kid) + lengthOf(ctr);
    }

    private static int bytesOf(final int bits) {
        return (bits & LONG_BIT) == 0 ? 0 : (bits & LENGTH_MASK) + 1;
    }

    private static int bitsOf(final long value, final int bytes) {
        return bytes == 0 ? (int) value : LONG_BIT | bytes - 1;
    }

    /** Bytes besides the first one: 0 for 0 to 7, otherwise as many as the value has. */
    private static int lengthOf(final long value) {
        return value >= 0 && value <= INLINE_MAX ? 0
            : (Long.SIZE - Long.numberOfLeadingZeros(value) + Byte.SIZE - 1) / Byte.SIZE;
    }

    private static long read(final byte[] in, final int offset, final int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << Byte.SIZE | (in[offset + i] & 0xFF);
        }
        return value;
    }

    private static void write(final byte[] out, final int offset, final int bytes, final long value) {
        for (int i = 0; i < bytes; i++) {
            out[offset + i] = (byte) (value >>> (Byte.SIZE * (bytes - 1 - i)));
        }
    }
}
