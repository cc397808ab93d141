package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put8;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes one SCTP packet, chunk by chunk, into the caller's buffer (RFC 9260 section 3).
 *
 * <p>Start with {@link #begin}, add chunks, end with {@link #finish}, which pads, sums and tells the length. A chunk
 * that does not fit is not written and its method returns false; the packet stays good. Makes no garbage. Not
 * thread-safe.
 */
public final class SctpWriter {
    private static final byte[] EXTENSIONS = {
        (byte) ChunkType.RE_CONFIG, (byte) ChunkType.FORWARD_TSN, (byte) ChunkType.I_DATA,
        (byte) ChunkType.I_FORWARD_TSN};
    private static final int PLAIN_EXTENSIONS = 2;

    private final SctpChecksum checksum = new SctpChecksum();
    private MutableDirectBuffer out = new UnsafeBuffer(0, 0);
    private int start;
    private int at;
    private int limit;
    private int chunk;

    /** Starts a packet at {@code offset} with at most {@code capacity} bytes, at least those of the header. */
    public SctpWriter begin(final MutableDirectBuffer out, final int offset, final int capacity, final int sourcePort,
        final int destinationPort, final int tag) {
        this.out = out;
        start = offset;
        // Chunks are padded: a capacity that is no multiple of 4 is used up to the last one.
        limit = offset + (capacity & ~3);
        at = offset + SctpPacket.HEADER_LENGTH;
        put16(out, offset, sourcePort);
        put16(out, offset + 2, destinationPort);
        put32(out, offset + 4, tag);
        return this;
    }

    /** True when there is no chunk yet. */
    public boolean isEmpty() {
        return at == start + SctpPacket.HEADER_LENGTH;
    }

    /** Bytes left for chunks, headers and padding included. */
    public int room() {
        return limit - at;
    }

    /** Writes the checksum; the length of the packet, 0 when it has no chunk. */
    public int finish() {
        if (isEmpty()) {
            return 0;
        }
        final int length = at - start;
        out.putInt(start + SctpChecksum.FIELD_OFFSET, checksum.of(out, start, length), ByteOrder.LITTLE_ENDIAN);
        return length;
    }

    private boolean open(final int type, final int flags, final int valueLength) {
        final int length = SctpPacket.CHUNK_HEADER_LENGTH + valueLength;
        final int whole = SctpPacket.padded(length);
        if (whole > room()) {
            return false;
        }
        if (whole != length) {
            put32(out, at + whole - Integer.BYTES, 0);
        }
        put8(out, at, type);
        put8(out, at + 1, flags);
        put16(out, at + 2, length);
        chunk = at + SctpPacket.CHUNK_HEADER_LENGTH;
        at += whole;
        return true;
    }

    /** Adds a chunk without a value: COOKIE ACK, SHUTDOWN ACK, SHUTDOWN COMPLETE. */
    public boolean plain(final int type, final int flags) {
        return open(type, flags, 0);
    }

    /** Adds a chunk with these bytes as its value: COOKIE ECHO, HEARTBEAT ACK (whole parameter). */
    public boolean copied(final int type, final int flags, final DirectBuffer value, final int offset,
        final int length) {
        if (!open(type, flags, length)) {
            return false;
        }
        out.putBytes(chunk, value, offset, length);
        return true;
    }

    /**
     * Adds INIT or INIT ACK with the FORWARD TSN parameter and the list of extensions.
     *
     * @param interleaving whether I-DATA and I-FORWARD-TSN are in the list
     * @param cookie state cookie of INIT ACK; {@code cookieLength} 0 for none
     */
    public boolean init(final int type, final int tag, final long window, final int outbound, final int inbound,
        final int initialTsn, final boolean interleaving, final DirectBuffer cookie, final int cookieOffset,
        final int cookieLength) {
        final int extensions = interleaving ? EXTENSIONS.length : PLAIN_EXTENSIONS;
        final int cookieSize = cookieLength == 0 ? 0 : SctpPacket.padded(SctpParameters.HEADER_LENGTH + cookieLength);
        final int listSize = SctpParameters.HEADER_LENGTH + extensions;
        if (!open(type, 0, InitChunk.FIXED_LENGTH + cookieSize + SctpParameters.HEADER_LENGTH + listSize)) {
            return false;
        }
        put32(out, chunk, tag);
        put32(out, chunk + 4, window);
        put16(out, chunk + 8, outbound);
        put16(out, chunk + 10, inbound);
        put32(out, chunk + 12, initialTsn);
        int to = chunk + InitChunk.FIXED_LENGTH;
        if (cookieLength > 0) {
            put32(out, to + cookieSize - Integer.BYTES, 0);
            put16(out, to, InitChunk.STATE_COOKIE);
            put16(out, to + 2, SctpParameters.HEADER_LENGTH + cookieLength);
            out.putBytes(to + SctpParameters.HEADER_LENGTH, cookie, cookieOffset, cookieLength);
            to += cookieSize;
        }
        put16(out, to, InitChunk.FORWARD_TSN_SUPPORTED);
        put16(out, to + 2, SctpParameters.HEADER_LENGTH);
        to += SctpParameters.HEADER_LENGTH;
        put16(out, to, InitChunk.SUPPORTED_EXTENSIONS);
        put16(out, to + 2, listSize);
        out.putBytes(to + SctpParameters.HEADER_LENGTH, EXTENSIONS, 0, extensions);
        return true;
    }

    /** Adds DATA; {@code flags} as in {@link DataChunk}. */
    public boolean data(final int flags, final int tsn, final int streamId, final int ssn, final int ppid,
        final DirectBuffer payload, final int offset, final int length) {
        if (!open(ChunkType.DATA, flags, DataChunk.DATA_HEADER_LENGTH - SctpPacket.CHUNK_HEADER_LENGTH + length)) {
            return false;
        }
        put32(out, chunk, tsn);
        put16(out, chunk + 4, streamId);
        put16(out, chunk + 6, ssn);
        put32(out, chunk + 8, ppid);
        out.putBytes(chunk + 12, payload, offset, length);
        return true;
    }

    /** Adds I-DATA; the PPID is written with the first fragment, the fragment number with the others. */
    public boolean interleavedData(final int flags, final int tsn, final int streamId, final int message,
        final int fragment, final int ppid, final DirectBuffer payload, final int offset, final int length) {
        if (!open(ChunkType.I_DATA, flags, DataChunk.I_DATA_HEADER_LENGTH - SctpPacket.CHUNK_HEADER_LENGTH + length)) {
            return false;
        }
        put32(out, chunk, tsn);
        put16(out, chunk + 4, streamId);
        put16(out, chunk + 6, 0);
        put32(out, chunk + 8, message);
        put32(out, chunk + 12, (flags & DataChunk.BEGIN) != 0 ? ppid : fragment);
        out.putBytes(chunk + 16, payload, offset, length);
        return true;
    }

    /**
     * Adds SACK with as many gap blocks, then duplicates, as fit.
     *
     * @param gapStarts first TSN of each block, as steps from the cumulative TSN
     * @param gapEnds last TSN of each block, as steps from the cumulative TSN
     */
    public boolean sack(final int cumulativeTsn, final long window, final int[] gapStarts, final int[] gapEnds,
        final int gapCount, final int[] duplicates, final int duplicateCount) {
        final int most = (room() - SctpPacket.CHUNK_HEADER_LENGTH - SackChunk.FIXED_LENGTH) / Integer.BYTES;
        final int gaps = Math.min(gapCount, most);
        final int doubles = Math.min(duplicateCount, most - gaps);
        if (most < 0 || !open(ChunkType.SACK, 0, SackChunk.FIXED_LENGTH + (gaps + doubles) * Integer.BYTES)) {
            return false;
        }
        put32(out, chunk, cumulativeTsn);
        put32(out, chunk + 4, window);
        put16(out, chunk + 8, gaps);
        put16(out, chunk + 10, doubles);
        int to = chunk + SackChunk.FIXED_LENGTH;
        for (int i = 0; i < gaps; i++, to += Integer.BYTES) {
            put16(out, to, gapStarts[i]);
            put16(out, to + 2, gapEnds[i]);
        }
        for (int i = 0; i < doubles; i++, to += Integer.BYTES) {
            put32(out, to, duplicates[i]);
        }
        return true;
    }

    /** Adds SHUTDOWN. */
    public boolean shutdown(final int cumulativeTsn) {
        if (!open(ChunkType.SHUTDOWN, 0, Integer.BYTES)) {
            return false;
        }
        put32(out, chunk, cumulativeTsn);
        return true;
    }

    /** Adds ABORT or ERROR with one cause; {@code length} bytes of information go with it. */
    public boolean cause(final int type, final int flags, final int cause, final DirectBuffer information,
        final int offset, final int length) {
        if (!open(type, flags, SctpParameters.HEADER_LENGTH + length)) {
            return false;
        }
        put16(out, chunk, cause);
        put16(out, chunk + 2, SctpParameters.HEADER_LENGTH + length);
        out.putBytes(chunk + SctpParameters.HEADER_LENGTH, information, offset, length);
        return true;
    }

    /** Adds FORWARD TSN; the first {@code count} streams with the sequence number of their last skipped message. */
    public boolean forwardTsn(final int cumulativeTsn, final int[] streams, final int[] messages, final int count) {
        if (!open(ChunkType.FORWARD_TSN, 0, Integer.BYTES + count * ForwardTsnChunk.ENTRY_LENGTH)) {
            return false;
        }
        put32(out, chunk, cumulativeTsn);
        for (int i = 0; i < count; i++) {
            final int to = chunk + Integer.BYTES + i * ForwardTsnChunk.ENTRY_LENGTH;
            put16(out, to, streams[i]);
            put16(out, to + 2, messages[i]);
        }
        return true;
    }

    /** Adds I-FORWARD-TSN; {@code unordered} says which entries are about unordered messages. */
    public boolean interleavedForwardTsn(final int cumulativeTsn, final int[] streams, final boolean[] unordered,
        final int[] messages, final int count) {
        if (!open(ChunkType.I_FORWARD_TSN, 0, Integer.BYTES + count * ForwardTsnChunk.I_ENTRY_LENGTH)) {
            return false;
        }
        put32(out, chunk, cumulativeTsn);
        for (int i = 0; i < count; i++) {
            final int to = chunk + Integer.BYTES + i * ForwardTsnChunk.I_ENTRY_LENGTH;
            put16(out, to, streams[i]);
            put16(out, to + 2, unordered[i] ? 1 : 0);
            put32(out, to + 4, messages[i]);
        }
        return true;
    }

    /** Adds RE-CONFIG with an outgoing reset request for the first {@code count} streams, at least one. */
    public boolean resetRequest(final int sequence, final int responseSequence, final int lastTsn,
        final int[] streams, final int count) {
        final int length = SctpParameters.HEADER_LENGTH + StreamReset.OUTGOING_FIXED + count * Short.BYTES;
        if (!open(ChunkType.RE_CONFIG, 0, length)) {
            return false;
        }
        put16(out, chunk, StreamReset.OUTGOING_RESET);
        put16(out, chunk + 2, length);
        put32(out, chunk + 4, sequence);
        put32(out, chunk + 8, responseSequence);
        put32(out, chunk + 12, lastTsn);
        for (int i = 0; i < count; i++) {
            put16(out, chunk + 16 + i * Short.BYTES, streams[i]);
        }
        return true;
    }

    /** Adds RE-CONFIG with a response. */
    public boolean resetResponse(final int sequence, final int result) {
        if (!open(ChunkType.RE_CONFIG, 0, SctpParameters.HEADER_LENGTH + 2 * Integer.BYTES)) {
            return false;
        }
        put16(out, chunk, StreamReset.RESPONSE);
        put16(out, chunk + 2, SctpParameters.HEADER_LENGTH + 2 * Integer.BYTES);
        put32(out, chunk + 4, sequence);
        put32(out, chunk + 8, result);
        return true;
    }
}
