package org.chevet.codec.rtp;

import static org.chevet.codec.wire.BigEndian.u24;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the block headers of a RED payload (RFC 2198 section 3); the last block is the primary encoding.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |1|   block PT  |  timestamp offset         |   block length    |  redundant blocks
 * |0|   block PT  |                                                  primary block
 * </pre>
 *
 * <p>{@link #wrap} checks that all blocks fit. Borrowed until the next wrap. Not thread-safe.
 */
public final class Red {
    /** More blocks than any sender uses; a payload with more is refused. */
    public static final int MAX_BLOCKS = 32;

    private static final int MORE_BIT = 0x80;
    private static final int REDUNDANT_HEADER = 4;
    private static final int LENGTH_MASK = 0x3FF;
    private static final int LENGTH_BITS = 10;
    private static final int TIMESTAMP_MASK = 0x3FFF;

    private final int[] headers = new int[MAX_BLOCKS];
    private final int[] offsets = new int[MAX_BLOCKS + 1];
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int count;

    /** Takes a payload (without padding); false when headers or blocks do not fit, or there are too many. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        count = 0;
        final int end = offset + length;
        int blocks = 0;
        int at = offset;
        while (true) {
            if (at >= end || blocks == MAX_BLOCKS) {
                return false;
            }
            headers[blocks++] = at;
            if ((u8(buffer, at) & MORE_BIT) == 0) {
                at++;
                break;
            }
            if (end - at < REDUNDANT_HEADER) {
                return false;
            }
            at += REDUNDANT_HEADER;
        }
        for (int i = 0; i < blocks - 1; i++) {
            offsets[i] = at;
            at += u24(buffer, headers[i] + 1) & LENGTH_MASK;
            if (at > end) {
                return false;
            }
        }
        offsets[blocks - 1] = at;
        offsets[blocks] = end;
        count = blocks;
        return true;
    }

    /** Number of blocks, 1 to {@link #MAX_BLOCKS}. */
    public int blockCount() {
        return count;
    }

    /** Payload type of a block. */
    public int payloadType(final int block) {
        return u8(buffer, headers[block]) & ~MORE_BIT;
    }

    /** How much older than the packet's timestamp the block is, in its clock; 0 for the primary block. */
    public int timestampOffset(final int block) {
        return block == count - 1 ? 0 : (u24(buffer, headers[block] + 1) >>> LENGTH_BITS) & TIMESTAMP_MASK;
    }

    /** Where the block's data starts, absolute in the buffer. */
    public int dataOffset(final int block) {
        return offsets[block];
    }

    /** Bytes of the block's data. */
    public int dataLength(final int block) {
        return offsets[block + 1] - offsets[block];
    }
}
