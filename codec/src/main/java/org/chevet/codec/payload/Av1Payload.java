package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;

/**
 * Looks into AV1 payloads (RTP Payload Format For AV1, section 4.4).
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |Z|Y| W |N|-|-|-|  aggregation header; then W OBU elements (W = 0: any number, each with its length)
 * +-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Z: the first element continues one of the packet before; Y: the last one goes on in the next packet; N: first
 * packet of a coded video sequence. Stateless; safe on any thread.
 */
public final class Av1Payload {
    private static final int Z = 0x80;
    private static final int N = 0x08;
    private static final int OBU_SEQUENCE_HEADER = 1;
    private static final int LEB128_MAX_BYTES = 8;
    /** More elements in a packet than any sender makes; the walk ends there. */
    private static final int MAX_ELEMENTS = 64;

    private Av1Payload() {
    }

    /** True when a coded video sequence starts here: N is set, or a sequence header OBU begins in the payload. */
    public static boolean isKeyFrameStart(final DirectBuffer buffer, final int offset, final int length) {
        if (length < 2) {
            return false;
        }
        final int header = u8(buffer, offset);
        if ((header & Z) == 0 && (header & N) != 0) {
            return true;
        }
        return hasSequenceHeader(buffer, offset, offset + length, header);
    }

    private static boolean hasSequenceHeader(final DirectBuffer buffer, final int offset, final int end,
        final int header) {
        final int count = (header >>> 4) & 3;
        int at = offset + 1;
        for (int element = 0; element < MAX_ELEMENTS && at < end; element++) {
            long size = (long) end - at;
            if (count == 0 || element < count - 1) {
                final int lengthBytes = leb128Length(buffer, at, end);
                if (lengthBytes == 0) {
                    return false;
                }
                size = leb128(buffer, at, lengthBytes);
                at += lengthBytes;
                if (size > end - at) {
                    return false;
                }
            }
            final boolean continues = element == 0 && (header & Z) != 0;
            if (!continues && size > 0 && ((u8(buffer, at) >>> 3) & 0xF) == OBU_SEQUENCE_HEADER) {
                return true;
            }
            at += (int) size;
            if (element == count - 1) {
                return false;
            }
        }
        return false;
    }

    /** Bytes of the number at {@code at}, or 0 when it does not end in time. */
    private static int leb128Length(final DirectBuffer buffer, final int at, final int end) {
        for (int i = 0; i < LEB128_MAX_BYTES && at + i < end; i++) {
            if ((u8(buffer, at + i) & 0x80) == 0) {
                return i + 1;
            }
        }
        return 0;
    }

    private static long leb128(final DirectBuffer buffer, final int at, final int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (u8(buffer, at + i) & 0x7FL) << (7 * i);
        }
        return value;
    }
}
