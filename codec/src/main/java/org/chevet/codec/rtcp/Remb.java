package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u24;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over the receiver estimated maximum bit rate (draft-alvestrand-rmcat-remb-03 section 2).
 *
 * <pre>
 * |V=2|P| FMT=15  |   PT=206      |             length            |
 * |                  SSRC of packet sender                        |
 * |                  SSRC of media source (0)                     |
 * |  Unique identifier 'R' 'E' 'M' 'B'                            |
 * |  Num SSRC     | BR Exp    |  BR Mantissa                      |
 * |   SSRC feedback ...                                           |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class Remb {
    static final int HEADER_LENGTH = 20;
    static final int IDENTIFIER = 0x5245_4D42;
    static final int MANTISSA_BITS = 18;

    private static final int MANTISSA_MASK = (1 << MANTISSA_BITS) - 1;
    private static final int IDENTIFIER_OFFSET = 12;
    private static final int COUNT_OFFSET = 16;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int count;

    /** Takes the packet the walker stands on; false when it is no REMB or its SSRCs do not fit. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        count = 0;
        if (!packet.is(RtcpType.PAYLOAD_FEEDBACK, RtcpType.FORMAT_APPLICATION, HEADER_LENGTH)
            || i32(buffer, offset + IDENTIFIER_OFFSET) != IDENTIFIER) {
            return false;
        }
        final int sources = u8(buffer, offset + COUNT_OFFSET);
        if (HEADER_LENGTH + sources * Integer.BYTES > packet.packetLength()) {
            return false;
        }
        count = sources;
        return true;
    }

    /** Who estimates. */
    public int senderSsrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** The estimate in bit/s; {@link Long#MAX_VALUE} when the exponent leads beyond it. */
    public long rateBps() {
        final int word = u24(buffer, offset + COUNT_OFFSET + 1);
        final long mantissa = word & MANTISSA_MASK;
        final int exponent = word >>> MANTISSA_BITS;
        if (mantissa == 0) {
            return 0;
        }
        return Long.numberOfLeadingZeros(mantissa) <= exponent ? Long.MAX_VALUE : mantissa << exponent;
    }

    /** Number of sources the estimate is for, 0 to 255. */
    public int count() {
        return count;
    }

    /** A source the estimate is for; {@code index} from 0 to {@link #count()} - 1. */
    public int ssrc(final int index) {
        return i32(buffer, offset + HEADER_LENGTH + index * Integer.BYTES);
    }
}
