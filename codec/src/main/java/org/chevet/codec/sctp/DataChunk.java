package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;

/**
 * Flyweight over DATA (RFC 9260 section 3.3.1) and I-DATA (RFC 8260 section 2.1).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | type 0 or 64  |       |I|U|B|E|            length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                             TSN                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     stream identifier         | DATA: SSN; I-DATA: reserved   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  I-DATA only: message identifier                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  DATA: PPID; I-DATA: PPID when B is set, else fragment number |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  user data, at least one byte                                 |
 * </pre>
 *
 * <p>Borrowed until the next wrap. Not thread-safe.
 */
public final class DataChunk {
    /** Flag: last fragment. */
    public static final int END = 1;
    /** Flag: first fragment. */
    public static final int BEGIN = 2;
    /** Flag: unordered. */
    public static final int UNORDERED = 4;
    /** Flag: the sender wants the SACK at once (RFC 7053). */
    public static final int IMMEDIATE = 8;
    /** Bytes before the user data of DATA. */
    public static final int DATA_HEADER_LENGTH = 16;
    /** Bytes before the user data of I-DATA. */
    public static final int I_DATA_HEADER_LENGTH = 20;

    private boolean interleaved;
    private int flags;
    private int tsn;
    private int streamId;
    private int message;
    private int fragment;
    private int ppid;
    private int payloadOffset;
    private int payloadLength;

    /** Takes the current chunk of {@code packet}; false when it is neither DATA nor I-DATA or has no user data. */
    public boolean wrap(final SctpPacket packet) {
        final int type = packet.chunkType();
        interleaved = type == ChunkType.I_DATA;
        final int header = interleaved ? I_DATA_HEADER_LENGTH : DATA_HEADER_LENGTH;
        if ((type != ChunkType.DATA && !interleaved) || packet.chunkLength() <= header) {
            return false;
        }
        final int at = packet.chunkOffset();
        flags = packet.chunkFlags();
        tsn = i32(packet.buffer(), at + 4);
        streamId = u16(packet.buffer(), at + 8);
        message = interleaved ? i32(packet.buffer(), at + 12) : u16(packet.buffer(), at + 10);
        final int last = i32(packet.buffer(), at + header - Integer.BYTES);
        fragment = interleaved && !isBegin() ? last : 0;
        ppid = interleaved && !isBegin() ? 0 : last;
        payloadOffset = at + header;
        payloadLength = packet.chunkLength() - header;
        return true;
    }

    /** True for I-DATA. */
    public boolean isInterleaved() {
        return interleaved;
    }

    /** True for the first fragment. */
    public boolean isBegin() {
        return (flags & BEGIN) != 0;
    }

    /** True for the last fragment. */
    public boolean isEnd() {
        return (flags & END) != 0;
    }

    /** True when the message may overtake others of its stream. */
    public boolean isUnordered() {
        return (flags & UNORDERED) != 0;
    }

    /** True when the SACK should not be delayed. */
    public boolean isImmediate() {
        return (flags & IMMEDIATE) != 0;
    }

    /** Transmission sequence number. */
    public int tsn() {
        return tsn;
    }

    /** Stream, 0 to 65535. */
    public int streamId() {
        return streamId;
    }

    /** DATA: the stream sequence number, 0 to 65535; I-DATA: the message identifier, 32 bits. */
    public int message() {
        return message;
    }

    /** I-DATA: the fragment sequence number, 0 for the first; DATA: 0. */
    public int fragment() {
        return fragment;
    }

    /** Payload protocol identifier; 0 for fragments of I-DATA behind the first, which do not carry it. */
    public int ppid() {
        return ppid;
    }

    /** Where the user data starts in the packet's buffer. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of user data, at least 1. */
    public int payloadLength() {
        return payloadLength;
    }
}
