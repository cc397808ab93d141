package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;
import static org.chevet.codec.wire.BigEndian.i64;
import static org.chevet.codec.wire.BigEndian.u32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over a sender report (RFC 3550 section 6.4.1).
 *
 * <pre>
 * |V=2|P|    RC   |   PT=SR=200   |             length            |
 * |                         SSRC of sender                        |
 * |                   NTP timestamp (64 bits)                     |
 * |                         RTP timestamp                         |
 * |                     sender's packet count                     |
 * |                      sender's octet count                     |
 * |                        report blocks                          |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class SenderReport {
    static final int HEADER_LENGTH = 28;

    private final ReportBlocks blocks = new ReportBlocks();
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;

    /** Takes the packet the walker stands on; false when it is no sender report or its blocks do not fit. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        return packet.isType(RtcpType.SENDER_REPORT, HEADER_LENGTH) && blocks.wrap(packet, HEADER_LENGTH);
    }

    /** Who sends. */
    public int ssrc() {
        return i32(buffer, offset + 4);
    }

    /** NTP timestamp, 32.32; {@link org.chevet.codec.wire.NtpTime} converts. */
    public long ntp() {
        return i64(buffer, offset + 8);
    }

    /** The RTP timestamp of the same instant. */
    public int rtpTimestamp() {
        return i32(buffer, offset + 16);
    }

    /** Packets sent so far, modulo 2^32. */
    public long packetCount() {
        return u32(buffer, offset + 20);
    }

    /** Payload bytes sent so far, modulo 2^32. */
    public long octetCount() {
        return u32(buffer, offset + 24);
    }

    /** The report blocks, valid as long as this. */
    public ReportBlocks blocks() {
        return blocks;
    }
}
