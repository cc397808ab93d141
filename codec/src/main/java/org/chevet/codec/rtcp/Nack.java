package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u16;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the sequence numbers of a generic NACK (RFC 4585 section 6.2.1).
 *
 * <pre>
 * |V=2|P|  FMT=1  |   PT=205      |          length               |
 * |                  SSRC of packet sender                        |
 * |                  SSRC of media source                         |
 * |            PID                |             BLP               |  one or more
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class Nack {
    private static final int BITS = 16;
    private static final int NONE = -1;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int end;
    private int at;
    /** Bit 0 is the PID itself, bit n the n-th number behind it. */
    private int pending;

    /** Takes the packet the walker stands on; false when it is no NACK or has no or half an entry. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        end = offset + packet.packetLength();
        at = end;
        pending = 0;
        if (!packet.is(RtcpType.TRANSPORT_FEEDBACK, RtcpType.FORMAT_NACK,
            RtcpType.FEEDBACK_HEADER_LENGTH + Integer.BYTES)) {
            return false;
        }
        rewind();
        return true;
    }

    /** Back to before the first sequence number. */
    public void rewind() {
        at = offset + RtcpType.FEEDBACK_HEADER_LENGTH - Integer.BYTES;
        pending = 0;
    }

    /** The next lost sequence number, 0 to 65535, or -1 when there is none. */
    public int next() {
        if (pending == 0) {
            if (end - at < 2 * Integer.BYTES) {
                return NONE;
            }
            at += Integer.BYTES;
            pending = 1 | (u16(buffer, at + 2) << 1);
        }
        final int bit = Integer.numberOfTrailingZeros(pending);
        pending &= pending - 1;
        return (u16(buffer, at) + bit) & ((1 << BITS) - 1);
    }

    /** Who asks. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** Whose packets are lost. */
    public int mediaSsrc() {
        return i32(buffer, offset + RtcpType.MEDIA_SSRC_OFFSET);
    }
}
