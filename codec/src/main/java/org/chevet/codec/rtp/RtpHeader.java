package org.chevet.codec.rtp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u32;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over one RTP packet (RFC 3550 section 5.1), plain or protected by SRTP, whose header is the same.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                             SSRC                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     CSRC (0 to 15 times)                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  when X: profile (16)         |  length in words (16)         |
 * |  extension words                                              |
 * |  payload, padding whose last byte counts it                   |
 * </pre>
 *
 * <p>Meaningful only after a wrap returned true. The buffer is borrowed until the next wrap. Offsets are absolute in
 * the buffer. Not thread-safe.
 */
public final class RtpHeader {
    /** Bytes of a header without CSRCs and extension. */
    public static final int MIN_LENGTH = 12;
    /** The profile of one-byte extension headers (RFC 8285 section 4.2). */
    public static final int ONE_BYTE_PROFILE = 0xBEDE;
    /** The profile of two-byte extension headers without its four appbits (RFC 8285 section 4.3). */
    public static final int TWO_BYTE_PROFILE = 0x1000;

    static final int VERSION_BITS = 0x80;
    static final int PADDING_BIT = 0x20;
    static final int EXTENSION_BIT = 0x10;
    static final int MARKER_BIT = 0x80;
    static final int CSRC_COUNT_MASK = 0x0F;
    static final int EXTENSION_HEADER = 4;

    private static final int VERSION_MASK = 0xC0;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int length;
    private int headerLength;
    private int extensionOffset;
    private int paddingLength;

    /**
     * Takes a packet, plain or protected. Padding is not looked at (SRTP encrypts its count), so
     * {@link #payloadLength()} includes it, and the SRTP tag too when there is one.
     *
     * @return false when it is not version 2 or the header with CSRCs and extension does not fit
     */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        paddingLength = 0;
        extensionOffset = -1;
        headerLength = MIN_LENGTH;
        if (length < MIN_LENGTH) {
            return false;
        }
        final int first = u8(buffer, offset);
        if ((first & VERSION_MASK) != VERSION_BITS) {
            return false;
        }
        int size = MIN_LENGTH + Integer.BYTES * (first & CSRC_COUNT_MASK);
        if ((first & EXTENSION_BIT) != 0) {
            if (size + EXTENSION_HEADER > length) {
                return false;
            }
            extensionOffset = offset + size + EXTENSION_HEADER;
            size += EXTENSION_HEADER + Integer.BYTES * u16(buffer, offset + size + 2);
        }
        if (size > length) {
            return false;
        }
        headerLength = size;
        return true;
    }

    /**
     * Takes a packet in the clear: {@link #wrap}, then the padding is checked and taken off the payload.
     *
     * @return false also when the P bit is set and the padding count is 0 or larger than what follows the header
     */
    public boolean wrapPlain(final DirectBuffer buffer, final int offset, final int length) {
        if (!wrap(buffer, offset, length)) {
            return false;
        }
        if (!hasPadding()) {
            return true;
        }
        final int room = length - headerLength;
        final int padding = room == 0 ? 0 : u8(buffer, offset + length - 1);
        if (padding == 0 || padding > room) {
            return false;
        }
        paddingLength = padding;
        return true;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Where the packet starts. */
    public int offset() {
        return offset;
    }

    /** Bytes of the packet, header and everything. */
    public int length() {
        return length;
    }

    /** True when the P bit is set. */
    public boolean hasPadding() {
        return (u8(buffer, offset) & PADDING_BIT) != 0;
    }

    /** True when the X bit is set. */
    public boolean hasExtension() {
        return extensionOffset >= 0;
    }

    /** Number of CSRCs, 0 to 15. */
    public int csrcCount() {
        return u8(buffer, offset) & CSRC_COUNT_MASK;
    }

    /** The CSRC number {@code index}, 0 to {@link #csrcCount()} - 1. */
    public int csrc(final int index) {
        return i32(buffer, offset + MIN_LENGTH + Integer.BYTES * index);
    }

    /** The M bit. */
    public boolean marker() {
        return (u8(buffer, offset + 1) & MARKER_BIT) != 0;
    }

    /** Payload type, 0 to 127. */
    public int payloadType() {
        return u8(buffer, offset + 1) & ~MARKER_BIT;
    }

    /** Sequence number, 0 to 65535. */
    public int sequence() {
        return u16(buffer, offset + 2);
    }

    /** RTP timestamp; a serial number of 32 bits. */
    public int timestamp() {
        return i32(buffer, offset + 4);
    }

    /** RTP timestamp, 0 to 4294967295. */
    public long timestampUnsigned() {
        return u32(buffer, offset + 4);
    }

    /** SSRC; compare for equality. */
    public int ssrc() {
        return i32(buffer, offset + 8);
    }

    /** Bytes of fixed header, CSRCs and extension together. */
    public int headerLength() {
        return headerLength;
    }

    /** The 16 bits "defined by profile" of the extension, or 0 when there is none. */
    public int extensionProfile() {
        return hasExtension() ? u16(buffer, extensionOffset - EXTENSION_HEADER) : 0;
    }

    /** Where the extension's elements start (behind profile and length), or -1 when there is none. */
    public int extensionOffset() {
        return extensionOffset;
    }

    /** Bytes of the extension's elements with their padding; 0 when there is none. */
    public int extensionLength() {
        return hasExtension() ? offset + headerLength - extensionOffset : 0;
    }

    /** Where the payload starts. */
    public int payloadOffset() {
        return offset + headerLength;
    }

    /** Bytes of payload; after {@link #wrapPlain} without the padding. */
    public int payloadLength() {
        return length - headerLength - paddingLength;
    }

    /** Bytes of padding; 0 unless {@link #wrapPlain} was used. */
    public int paddingLength() {
        return paddingLength;
    }

    /** True for a packet of padding alone, as senders probe with; known only after {@link #wrapPlain}. */
    public boolean isPaddingOnly() {
        return paddingLength > 0 && payloadLength() == 0;
    }
}
