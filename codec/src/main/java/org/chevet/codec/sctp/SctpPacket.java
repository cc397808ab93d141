package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over one SCTP packet: the common header and a walk over its chunks (RFC 9260 section 3).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        source port            |       destination port        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                       verification tag                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |               checksum (CRC32c, little-endian)                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | chunk type    | chunk flags   |  chunk length, header included|
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  value, padded to 4 bytes; more chunks                        |
 * </pre>
 *
 * <p>{@link #wrap} checks the frame of every chunk, so a walk never fails midway. The padding of the last chunk may be
 * missing. Borrowed until the next wrap. Not thread-safe.
 */
public final class SctpPacket {
    /** Bytes of the common header. */
    public static final int HEADER_LENGTH = 12;
    /** Bytes of the header of a chunk. */
    public static final int CHUNK_HEADER_LENGTH = Frames.HEADER_LENGTH;
    private static final int TAG_OFFSET = 4;

    private final SctpChecksum checksum = new SctpChecksum();
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int start;
    private int end;
    private int nextChunk;
    private int chunk;
    private int chunkLength;
    private int chunks;

    /**
     * Takes the packet.
     *
     * @return false when it has no chunk, or a chunk is shorter than its header or does not fit
     */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        start = offset;
        end = offset;
        chunks = 0;
        rewind();
        if (length < HEADER_LENGTH + CHUNK_HEADER_LENGTH) {
            return false;
        }
        final int limit = offset + length;
        final int count = Frames.count(buffer, offset + HEADER_LENGTH, limit);
        if (count < 0) {
            return false;
        }
        chunks = count;
        end = limit;
        return true;
    }

    /** A length with the padding that chunks and parameters get: up to the next multiple of 4. */
    public static int padded(final int size) {
        return (size + 3) & ~3;
    }

    /** True when the checksum is that of the bytes; only after a wrap that returned true. */
    public boolean isChecksumRight() {
        return SctpChecksum.field(buffer, start) == checksum.of(buffer, start, end - start);
    }

    /** Source port. */
    public int sourcePort() {
        return u16(buffer, start);
    }

    /** Destination port. */
    public int destinationPort() {
        return u16(buffer, start + 2);
    }

    /** Verification tag. */
    public int tag() {
        return i32(buffer, start + TAG_OFFSET);
    }

    /** Chunks in this packet. */
    public int chunks() {
        return chunks;
    }

    /** Back to before the first chunk. */
    public void rewind() {
        nextChunk = start + HEADER_LENGTH;
        chunk = nextChunk;
        chunkLength = 0;
    }

    /** Moves to the next chunk; false when there is none. */
    public boolean next() {
        if (nextChunk >= end) {
            return false;
        }
        chunk = nextChunk;
        chunkLength = u16(buffer, chunk + 2);
        nextChunk = chunk + padded(chunkLength);
        return true;
    }

    /** Where the last chunk of this type starts, or -1; the walk starts anew. */
    public int lastOf(final int type) {
        int last = -1;
        rewind();
        while (next()) {
            if (chunkType() == type) {
                last = chunk;
            }
        }
        rewind();
        return last;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Type of this chunk, as in {@link ChunkType}. */
    public int chunkType() {
        return u8(buffer, chunk);
    }

    /** Flags of this chunk. */
    public int chunkFlags() {
        return u8(buffer, chunk + 1);
    }

    /** Where this chunk starts. */
    public int chunkOffset() {
        return chunk;
    }

    /** Bytes of this chunk with its header, without padding. */
    public int chunkLength() {
        return chunkLength;
    }

    /** Where the value of this chunk starts. */
    public int valueOffset() {
        return chunk + CHUNK_HEADER_LENGTH;
    }

    /** Bytes of the value of this chunk, without padding. */
    public int valueLength() {
        return chunkLength - CHUNK_HEADER_LENGTH;
    }
}
