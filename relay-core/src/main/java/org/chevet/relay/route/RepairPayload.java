package org.chevet.relay.route;

import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.Rtx;
import org.chevet.relay.memory.PacketSlab;

/** Room for the payload of one retransmission: original sequence number and payload (RFC 4588 section 4). */
final class RepairPayload {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[PacketSlab.SLOT_LENGTH]);

    /** The payload, valid until the next call; it is longer than the packet's by {@link Rtx#OSN_LENGTH}. */
    UnsafeBuffer build(final Packet packet, final int sequence) {
        final int at = Rtx.writeOsn(buffer, 0, sequence);
        buffer.putBytes(at, packet.buffer(), packet.payloadOffset(), packet.payloadLength());
        return buffer;
    }
}
