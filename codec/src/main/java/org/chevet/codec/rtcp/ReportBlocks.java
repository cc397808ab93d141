package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i24;
import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.u32;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The report blocks of a sender or receiver report (RFC 3550 section 6.4.1), by index.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        SSRC of the source                     |
 * | fraction lost |       cumulative number of packets lost       |
 * |           extended highest sequence number received           |
 * |                      interarrival jitter                      |
 * |                         last SR (LSR)                         |
 * |                   delay since last SR (DLSR)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>An index runs from 0 to {@link #count()} - 1. Not thread-safe.
 */
public final class ReportBlocks {
    /** Bytes of one block. */
    public static final int LENGTH = 24;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int count;

    boolean wrap(final RtcpCompound packet, final int headerLength) {
        buffer = packet.buffer();
        offset = packet.packetOffset() + headerLength;
        count = packet.format();
        if (headerLength + count * LENGTH > packet.packetLength()) {
            count = 0;
            return false;
        }
        return true;
    }

    /** Number of blocks, 0 to 31. */
    public int count() {
        return count;
    }

    /** The source the block is about. */
    public int ssrc(final int index) {
        return i32(buffer, at(index));
    }

    /** Packets lost since the last report, in 1/256. */
    public int fractionLost(final int index) {
        return u8(buffer, at(index) + 4);
    }

    /** Packets lost since the beginning; negative when duplicates outnumber losses. */
    public int cumulativeLost(final int index) {
        return i24(buffer, at(index) + 5);
    }

    /** Cycles in the upper 16 bits, highest sequence number received in the lower. */
    public long extendedHighestSequence(final int index) {
        return u32(buffer, at(index) + 8);
    }

    /** Interarrival jitter in units of the source's RTP clock. */
    public long jitter(final int index) {
        return u32(buffer, at(index) + 12);
    }

    /** Middle 32 bits of the NTP time of the last SR received, 0 when none was. */
    public int lastSr(final int index) {
        return i32(buffer, at(index) + 16);
    }

    /** Time since that SR in 1/65536 s, unsigned. */
    public int delaySinceLastSr(final int index) {
        return i32(buffer, at(index) + 20);
    }

    private int at(final int index) {
        return offset + index * LENGTH;
    }
}
