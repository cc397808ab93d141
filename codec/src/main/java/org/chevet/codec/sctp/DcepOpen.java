package org.chevet.codec.sctp;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put8;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over DATA_CHANNEL_OPEN (RFC 8832 section 5.1), and the other numbers of the protocol.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | message type 3|  channel type |           priority            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     reliability parameter                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         label length          |       protocol length         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  label, protocol (UTF-8)                                      |
 * </pre>
 *
 * <p>Borrowed until the next wrap. Not thread-safe.
 */
public final class DcepOpen {
    /** Message type of DATA_CHANNEL_ACK, a message of this one byte. */
    public static final int ACK = 2;
    /** Message type of DATA_CHANNEL_OPEN. */
    public static final int OPEN = 3;
    /** Payload protocol identifier of this protocol (RFC 8831 section 8). */
    public static final int PPID_DCEP = 50;
    /** Payload protocol identifier of UTF-8 text. */
    public static final int PPID_STRING = 51;
    /** Payload protocol identifier of bytes. */
    public static final int PPID_BINARY = 53;
    /** Payload protocol identifier of the empty text; the message is one byte to be ignored. */
    public static final int PPID_STRING_EMPTY = 56;
    /** Payload protocol identifier of no bytes; the message is one byte to be ignored. */
    public static final int PPID_BINARY_EMPTY = 57;
    /** Channel type: all arrives. */
    public static final int RELIABLE = 0;
    /** Channel type: so many retransmissions. */
    public static final int LIMITED_RETRANSMITS = 1;
    /** Channel type: so many milliseconds. */
    public static final int LIMITED_LIFETIME = 2;
    /** Bit of the channel type: unordered. */
    public static final int UNORDERED = 0x80;
    /** Bytes before label and protocol. */
    public static final int FIXED_LENGTH = 12;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int at;

    /** Takes a message; false when it is no DATA_CHANNEL_OPEN, of an unknown channel type, or its parts do not fit. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FIXED_LENGTH || u8(buffer, offset) != OPEN
            || (u8(buffer, offset + 1) & ~UNORDERED) > LIMITED_LIFETIME
            || FIXED_LENGTH + u16(buffer, offset + 8) + u16(buffer, offset + 10) != length) {
            return false;
        }
        this.buffer = buffer;
        at = offset;
        return true;
    }

    /** {@link #RELIABLE}, {@link #LIMITED_RETRANSMITS} or {@link #LIMITED_LIFETIME}. */
    public int reliability() {
        return u8(buffer, at + 1) & ~UNORDERED;
    }

    /** True when messages may overtake each other. */
    public boolean isUnordered() {
        return (u8(buffer, at + 1) & UNORDERED) != 0;
    }

    /** Priority; 256 is normal, more is more urgent (RFC 8831 section 6.4). */
    public int priority() {
        return u16(buffer, at + 2);
    }

    /** Retransmissions or milliseconds, by {@link #reliability}. */
    public long reliabilityParameter() {
        return u32(buffer, at + 4);
    }

    /** Where the label starts. */
    public int labelOffset() {
        return at + FIXED_LENGTH;
    }

    /** Bytes of the label. */
    public int labelLength() {
        return u16(buffer, at + 8);
    }

    /** Where the protocol starts. */
    public int protocolOffset() {
        return labelOffset() + labelLength();
    }

    /** Bytes of the protocol. */
    public int protocolLength() {
        return u16(buffer, at + 10);
    }

    /** Writes a DATA_CHANNEL_OPEN; its length. The caller sees to the room. */
    public static int write(final MutableDirectBuffer out, final int offset, final int reliability,
        final boolean unordered, final int priority, final long reliabilityParameter, final byte[] label,
        final byte[] protocol) {
        put8(out, offset, OPEN);
        put8(out, offset + 1, unordered ? reliability | UNORDERED : reliability);
        put16(out, offset + 2, priority);
        put32(out, offset + 4, reliabilityParameter);
        put16(out, offset + 8, label.length);
        put16(out, offset + 10, protocol.length);
        out.putBytes(offset + FIXED_LENGTH, label);
        out.putBytes(offset + FIXED_LENGTH + label.length, protocol);
        return FIXED_LENGTH + label.length + protocol.length;
    }
}
