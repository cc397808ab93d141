package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.i32;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over a receiver report (RFC 3550 section 6.4.2).
 *
 * <pre>
 * |V=2|P|    RC   |   PT=RR=201   |             length            |
 * |                     SSRC of packet sender                     |
 * |                        report blocks                          |
 * </pre>
 *
 * <p>Borrows the walker's buffer until the next wrap. Not thread-safe.
 */
public final class ReceiverReport {
    static final int HEADER_LENGTH = 8;

    private final ReportBlocks blocks = new ReportBlocks();
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;

    /** Takes the packet the walker stands on; false when it is no receiver report or its blocks do not fit. */
    public boolean wrap(final RtcpCompound packet) {
        buffer = packet.buffer();
        offset = packet.packetOffset();
        return packet.isType(RtcpType.RECEIVER_REPORT, HEADER_LENGTH) && blocks.wrap(packet, HEADER_LENGTH);
    }

    /** Who reports. */
    public int ssrc() {
        return i32(buffer, offset + 4);
    }

    /** The report blocks, valid as long as this. */
    public ReportBlocks blocks() {
        return blocks;
    }
}
