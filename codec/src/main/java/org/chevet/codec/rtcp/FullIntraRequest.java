package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over a full intra request (RFC 5104 section 4.3.1).
 *
 * <pre>
 * |V=2|P|  FMT=4  |   PT=206      |          length               |
 * |                  SSRC of packet sender                        |
 * |                  SSRC of media source (0)                     |
 * |                  SSRC of the wanted source                    |  one or more
 * | Seq nr.       |    Reserved                                   |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class FullIntraRequest {
    private static final int ENTRY_LENGTH = 8;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int count;

    /** Takes the packet the walker stands on; false when it is no full intra request or has no entry. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        count = 0;
        if (!packet.is(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_FIR,
            RtcpType.FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH)) {
            return false;
        }
        count = (packet.packetLength() - RtcpType.FEEDBACK_HEADER_LENGTH) / ENTRY_LENGTH;
        return true;
    }

    /** Who asks. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** Number of entries, at least 1. */
    public int count() {
        return count;
    }

    /** Whose key frame is wanted; {@code index} from 0 to {@link #count()} - 1. */
    public int ssrc(final int index) {
        return i32(buffer, at(index));
    }

    /** Command number, 0 to 255: a repeated one is the same request sent again. */
    public int commandSequence(final int index) {
        return u8(buffer, at(index) + Integer.BYTES);
    }

    private int at(final int index) {
        return offset + RtcpType.FEEDBACK_HEADER_LENGTH + index * ENTRY_LENGTH;
    }
}
