package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over FORWARD TSN (RFC 3758 section 3.2) and I-FORWARD-TSN (RFC 8260 section 2.3.1): the new cumulative TSN
 * and, per stream, the last message that was skipped. Borrowed until the next wrap. Not thread-safe.
 */
public final class ForwardTsnChunk {
    static final int ENTRY_LENGTH = 4;
    static final int I_ENTRY_LENGTH = 8;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int at;
    private int entries;
    private boolean interleaved;

    /** Takes the current chunk of {@code packet}; false when it is neither of the two or its entries do not fit. */
    public boolean wrap(final SctpPacket packet) {
        final int type = packet.chunkType();
        interleaved = type == ChunkType.I_FORWARD_TSN;
        final int size = interleaved ? I_ENTRY_LENGTH : ENTRY_LENGTH;
        final int rest = packet.valueLength() - Integer.BYTES;
        entries = 0;
        if ((type != ChunkType.FORWARD_TSN && !interleaved) || rest < 0 || rest % size != 0) {
            return false;
        }
        buffer = packet.buffer();
        at = packet.valueOffset();
        entries = rest / size;
        return true;
    }

    /** True for I-FORWARD-TSN. */
    public boolean isInterleaved() {
        return interleaved;
    }

    /** All up to here counts as received. */
    public int cumulativeTsn() {
        return i32(buffer, at);
    }

    /** Streams with skipped messages. */
    public int entries() {
        return entries;
    }

    /** Stream of an entry. */
    public int streamId(final int index) {
        return u16(buffer, entry(index));
    }

    /** True when an entry is about unordered messages; only I-FORWARD-TSN has such. */
    public boolean isUnordered(final int index) {
        return interleaved && (u16(buffer, entry(index) + 2) & 1) != 0;
    }

    /** Stream sequence number (16 bits) or message identifier (32 bits) of the last message skipped. */
    public int message(final int index) {
        return interleaved ? i32(buffer, entry(index) + 4) : u16(buffer, entry(index) + 2);
    }

    private int entry(final int index) {
        return at + Integer.BYTES + index * (interleaved ? I_ENTRY_LENGTH : ENTRY_LENGTH);
    }
}
