package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over a goodbye (RFC 3550 section 6.6); the reason text is not read.
 *
 * <pre>
 * |V=2|P|    SC   |   PT=BYE=203  |             length            |
 * |                           SSRC/CSRC ...                       |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class Bye {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int count;

    /** Takes the packet the walker stands on; false when it is no goodbye or its sources do not fit. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset() + RtcpType.HEADER_LENGTH;
        count = 0;
        if (!packet.isType(RtcpType.BYE, RtcpType.HEADER_LENGTH + packet.format() * Integer.BYTES)) {
            return false;
        }
        count = packet.format();
        return true;
    }

    /** Number of sources that leave, 0 to 31. */
    public int count() {
        return count;
    }

    /** A source that leaves; {@code index} from 0 to {@link #count()} - 1. */
    public int ssrc(final int index) {
        return i32(buffer, offset + index * Integer.BYTES);
    }
}
