package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over SACK (RFC 9260 section 3.3.4): cumulative TSN, window, gap blocks as offsets from the cumulative TSN,
 * duplicates. Borrowed until the next wrap. Not thread-safe.
 */
public final class SackChunk {
    static final int FIXED_LENGTH = 12;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int at;
    private int gaps;
    private int duplicates;

    /**
     * Takes the current chunk of {@code packet}.
     *
     * @return false when it is no SACK, its counts do not fit, or its gap blocks are empty, overlap or go backwards
     */
    public boolean wrap(final SctpPacket packet) {
        gaps = 0;
        duplicates = 0;
        if (packet.chunkType() != ChunkType.SACK || packet.valueLength() < FIXED_LENGTH) {
            return false;
        }
        buffer = packet.buffer();
        at = packet.valueOffset();
        final int gapCount = u16(buffer, at + 8);
        final int duplicateCount = u16(buffer, at + 10);
        if (FIXED_LENGTH + (gapCount + duplicateCount) * Integer.BYTES > packet.valueLength()) {
            return false;
        }
        int last = 0;
        for (int i = 0; i < gapCount; i++) {
            // Block 1 may start right behind the cumulative TSN only in a broken peer; it does no harm.
            final int from = gapStart(i);
            if (from <= last || from > gapEnd(i)) {
                return false;
            }
            last = gapEnd(i);
        }
        gaps = gapCount;
        duplicates = duplicateCount;
        return true;
    }

    /** All up to here was received. */
    public int cumulativeTsn() {
        return i32(buffer, at);
    }

    /** Advertised receiver window, in bytes. */
    public long window() {
        return u32(buffer, at + 4);
    }

    /** Gap blocks. */
    public int gaps() {
        return gaps;
    }

    /** First TSN of a gap block, as steps from the cumulative TSN. */
    public int gapStart(final int index) {
        return u16(buffer, at + FIXED_LENGTH + index * Integer.BYTES);
    }

    /** Last TSN of a gap block, as steps from the cumulative TSN. */
    public int gapEnd(final int index) {
        return u16(buffer, at + FIXED_LENGTH + index * Integer.BYTES + 2);
    }

    /** Duplicates reported. */
    public int duplicates() {
        return duplicates;
    }
}
