package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.i64;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over an extended report (RFC 3611): the receiver reference time (section 4.4) and the answer to it, the
 * delay since the last one (DLRR, section 4.5). Other blocks are passed over.
 *
 * <pre>
 * |V=2|P|reserved |   PT=XR=207   |             length            |
 * |                              SSRC                             |
 * |     BT=4      |   reserved    |       block length = 2        |
 * |                   NTP timestamp (64 bits)                     |
 * |     BT=5      |   reserved    |      block length = 3 n       |
 * |                      SSRC of the receiver                     |  n times
 * |                       last RR (LRR)                           |
 * |               delay since last RR (DLRR)                      |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Allocates nothing. Not thread-safe.
 */
public final class ExtendedReport {
    static final int HEADER_LENGTH = 8;
    static final int BLOCK_HEADER = 4;
    static final int REFERENCE_TIME = 4;
    static final int DELAY = 5;
    static final int REFERENCE_LENGTH = BLOCK_HEADER + Long.BYTES;
    static final int DELAY_ENTRY = 3 * Integer.BYTES;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int end;
    private int found;

    /** Takes the packet the walker stands on; false when it is no extended report. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        end = offset + packet.packetLength();
        return packet.isType(RtcpType.EXTENDED_REPORT, HEADER_LENGTH);
    }

    /** Who reports. */
    public int ssrc() {
        return i32(buffer, offset + RtcpType.HEADER_LENGTH);
    }

    /** Looks for a receiver reference time; {@link #ntp()} is then its time. */
    public boolean findReferenceTime() {
        for (int at = offset + HEADER_LENGTH; isWhole(at); at = next(at)) {
            if (u8(buffer, at) == REFERENCE_TIME && next(at) - at >= REFERENCE_LENGTH) {
                found = at + BLOCK_HEADER;
                return true;
            }
        }
        return false;
    }

    /** NTP timestamp, 32.32, of the receiver reference time that was found. */
    public long ntp() {
        return i64(buffer, found);
    }

    /** Looks for the answer to the receiver of this SSRC; {@link #lastReference()} and {@link #delay()} are then it. */
    public boolean findDelay(final int receiver) {
        for (int at = offset + HEADER_LENGTH; isWhole(at); at = next(at)) {
            if (u8(buffer, at) == DELAY) {
                for (int entry = at + BLOCK_HEADER; entry + DELAY_ENTRY <= next(at); entry += DELAY_ENTRY) {
                    if (i32(buffer, entry) == receiver) {
                        found = entry;
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Middle 32 bits of the NTP timestamp of the reference time that is answered; 0 when none was heard. */
    public int lastReference() {
        return i32(buffer, found + Integer.BYTES);
    }

    /** Time since it was received in 1/65536 s, unsigned. */
    public int delay() {
        return i32(buffer, found + 2 * Integer.BYTES);
    }

    private boolean isWhole(final int at) {
        return at + BLOCK_HEADER <= end && next(at) <= end;
    }

    private int next(final int at) {
        return at + BLOCK_HEADER + u16(buffer, at + 2) * Integer.BYTES;
    }
}
