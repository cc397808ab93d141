package org.chevet.relay.route;

import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.payload.Vp8Descriptor;
import org.chevet.codec.rtp.Rtx;
import org.chevet.relay.memory.PacketSlab;

/** Room for one payload that does not leave as it came. What it returns is valid until the next call. Lane thread. */
final class RewrittenPayload {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[PacketSlab.SLOT_LENGTH]);
    private final Vp8Descriptor descriptor = new Vp8Descriptor();

    /**
     * The payload of a retransmission: original sequence number and payload (RFC 4588 section 4), longer than what
     * it repeats by {@link Rtx#OSN_LENGTH}.
     *
     * @param skipped bytes at the start of the packet's payload that are left out
     * @param pictures packed {@link PictureNumbers} it has to show
     */
    UnsafeBuffer repair(final Packet packet, final int sequence, final int skipped, final int pictures) {
        final int at = Rtx.writeOsn(buffer, 0, sequence);
        copy(packet, at, skipped, pictures);
        return buffer;
    }

    /** A VP8 payload with other numbers in its descriptor, as long as the packet's. */
    UnsafeBuffer withPictures(final Packet packet, final int pictures) {
        copy(packet, 0, 0, pictures);
        return buffer;
    }

    private void copy(final Packet packet, final int at, final int skipped, final int pictures) {
        buffer.putBytes(at, packet.buffer(), packet.payloadOffset() + skipped, packet.payloadLength() - skipped);
        if (pictures != packet.pictures()
            && descriptor.wrap(packet.buffer(), packet.payloadOffset(), packet.payloadLength())) {
            descriptor.putPictureId(buffer, at, PictureNumbers.pictureId(pictures));
            descriptor.putTl0PicIdx(buffer, at, PictureNumbers.tl0(pictures));
        }
    }
}
