package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the packets of an RTCP datagram in the clear (RFC 3550 section 6.1), compound or of reduced size (RFC 5506).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P| count   |      PT       |      length in words - 1      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |              SSRC of sender (all types but SDES and BYE)      |
 * </pre>
 *
 * <p>{@link #wrap} checks the frame of every packet, so a walk never fails midway. Types that nobody knows are walked
 * over like the others. Borrowed until the next wrap. Not thread-safe.
 *
 * <pre>{@code
 * if (compound.wrap(buffer, offset, length)) {
 *     while (compound.next()) {
 *         switch (compound.packetType()) { ... senderReport.wrap(compound) ... }
 *     }
 * }
 * }</pre>
 */
public final class RtcpCompound {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int start;
    private int end;
    private int nextPacket;
    private int packet;
    private int packetLength;

    /**
     * Takes a datagram.
     *
     * @return false when it is not filled by whole packets of version 2, or a padding count is 0 or too large.
     *     Padding of any packet and of any size is let through though RFC 3550 section 6.4.1 wants it on the last one
     *     only and in words: browsers pad transport feedback by single bytes
     */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        start = offset;
        end = offset;
        rewind();
        if (length < RtcpType.HEADER_LENGTH) {
            return false;
        }
        final int limit = offset + length;
        int at = offset;
        while (at < limit) {
            if (limit - at < RtcpType.HEADER_LENGTH
                || (u8(buffer, at) & RtcpType.VERSION_MASK) != RtcpType.VERSION_BITS) {
                return false;
            }
            final int size = wholeLength(at);
            if (size > limit - at || !isPaddingSound(at, size)) {
                return false;
            }
            at += size;
        }
        end = limit;
        return true;
    }

    private boolean isPaddingSound(final int at, final int size) {
        if ((u8(buffer, at) & RtcpType.PADDING_BIT) == 0) {
            return true;
        }
        final int padding = u8(buffer, at + size - 1);
        return padding != 0 && padding <= size - RtcpType.HEADER_LENGTH;
    }

    private int wholeLength(final int at) {
        return (u16(buffer, at + 2) + 1) * Integer.BYTES;
    }

    /** Back to before the first packet. */
    public void rewind() {
        nextPacket = start;
        packet = start;
        packetLength = 0;
    }

    /** Moves to the next packet; false when there is none. */
    public boolean next() {
        if (nextPacket >= end) {
            return false;
        }
        packet = nextPacket;
        final int size = wholeLength(packet);
        nextPacket = packet + size;
        packetLength = (u8(buffer, packet) & RtcpType.PADDING_BIT) == 0 ? size : size - u8(buffer, nextPacket - 1);
        return true;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Type of this packet, as in {@link RtcpType}. */
    public int packetType() {
        return u8(buffer, packet + 1);
    }

    /** The five bits beside the version: report count, source count or feedback format. */
    public int format() {
        return u8(buffer, packet) & RtcpType.COUNT_MASK;
    }

    /** Where this packet's common header starts. */
    public int packetOffset() {
        return packet;
    }

    /** Bytes of this packet with its header, without padding. */
    public int packetLength() {
        return packetLength;
    }

    /** The SSRC behind the common header, or 0 when the packet is too short for one. */
    public int senderSsrc() {
        return packetLength < 2 * Integer.BYTES ? 0 : i32(buffer, packet + RtcpType.HEADER_LENGTH);
    }

    /** True when this packet has this type and format and at least {@code minLength} bytes. */
    boolean is(final int type, final int format, final int minLength) {
        return isType(type, minLength) && format() == format;
    }

    /** True when this packet has this type and at least {@code minLength} bytes. */
    boolean isType(final int type, final int minLength) {
        return packetLength >= minLength && packetType() == type;
    }
}
