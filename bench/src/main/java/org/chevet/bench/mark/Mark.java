package org.chevet.bench.mark;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What a load source writes into a payload, under SRTP, so that a receiver can tell which packet came and when it was
 * sent. It stands {@link #AT} bytes into an RTP payload: behind the VP8 descriptor and the head of a key frame.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         magic "CHVM"                          |
 * |                           stream id                           |
 * |                        sequence (64 bits)                     |
 * |             send time, ns since 1970 (64 bits)                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Mark {
    /** Bytes of a mark. */
    public static final int LENGTH = 24;
    /** Where it stands in an RTP payload, in bytes. */
    public static final int AT = 16;

    private static final int MAGIC = 0x4348_564D;
    private static final int STREAM_AT = 4;
    private static final int SEQUENCE_AT = 8;
    private static final int TIME_AT = 16;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private Mark() {
    }

    /** Writes a mark at an offset. */
    public static void write(final MutableDirectBuffer out, final int offset, final int stream, final long sequence,
        final long sentNs) {
        out.putInt(offset, MAGIC, ORDER);
        out.putInt(offset + STREAM_AT, stream, ORDER);
        out.putLong(offset + SEQUENCE_AT, sequence, ORDER);
        out.putLong(offset + TIME_AT, sentNs, ORDER);
    }

    /** True when a mark stands at the offset, with {@code length} bytes from there on. */
    public static boolean isAt(final DirectBuffer in, final int offset, final int length) {
        return length >= LENGTH && in.getInt(offset, ORDER) == MAGIC;
    }

    /** Id of the stream. */
    public static int stream(final DirectBuffer in, final int offset) {
        return in.getInt(offset + STREAM_AT, ORDER);
    }

    /** Number of the packet in its stream, counted from 0 by the sender. */
    public static long sequence(final DirectBuffer in, final int offset) {
        return in.getLong(offset + SEQUENCE_AT, ORDER);
    }

    /** When it was handed to the kernel, in nanoseconds since 1970. */
    public static long sentNs(final DirectBuffer in, final int offset) {
        return in.getLong(offset + TIME_AT, ORDER);
    }
}
