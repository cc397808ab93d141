package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over a picture loss indication (RFC 4585 section 6.3.1).
 *
 * <pre>
 * |V=2|P|  FMT=1  |   PT=206      |          length = 2           |
 * |                  SSRC of packet sender                        |
 * |                  SSRC of media source                         |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class PictureLoss {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;

    /** Takes the packet the walker stands on; false when it is no picture loss indication. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        return packet.is(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_PLI, RtcpType.FEEDBACK_HEADER_LENGTH);
    }

    /** Who asks. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** Whose key frame is wanted. */
    public int mediaSsrc() {
        return i32(buffer, offset + RtcpType.MEDIA_SSRC_OFFSET);
    }
}
