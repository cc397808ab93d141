package org.chevet.relay.route;

import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.Rtx;
import org.chevet.relay.memory.PacketSlab;

/**
 * What routing knows of a packet, parsed once and kept in the last bytes of its slot, so that every subscriber and
 * every retransmission reads it without parsing again. A repaired packet (RFC 4588) looks like the original from here
 * on: its payload starts behind the original sequence number; no byte is moved.
 *
 * <pre>
 *  0  extended sequence number (8)      28  payload length (4)
 *  8  arrival in ns (8)                 32  source (4)
 * 16  RTP timestamp (4)                 36  payload type (1)
 * 20  payload offset (4)                37  flags (1)
 * 24  first byte of the packet (4)      40  picture numbers, packed (4)
 * 44  decode targets it is part of (4)  48  decode targets that can be switched to (4)
 * 52  number of its frame (4)           56  spatial layer (1)
 * 60  where the primary block of a RED payload starts in it (2), unused (2)
 * 64  per known extension: offset (2) and length (1), 4 bytes each
 * </pre>
 *
 * <p>A flyweight: borrowed until the next wrap. Lane thread only.
 */
final class Packet {
    static final int MARKER = 1;
    static final int KEY_FRAME_START = 2;
    static final int FRAME_START = 4;
    static final int FRAME_END = 8;

    private static final HeaderExtension[] KNOWN = HeaderExtension.values();
    private static final int EXTENDED = 0;
    private static final int ARRIVED = 8;
    private static final int TIMESTAMP = 16;
    private static final int PAYLOAD_OFFSET = 20;
    private static final int START = 24;
    private static final int PAYLOAD_LENGTH = 28;
    private static final int SOURCE = 32;
    private static final int PAYLOAD_TYPE = 36;
    private static final int FLAGS = 37;
    private static final int PICTURES = 40;
    private static final int PRESENT = 44;
    private static final int SWITCHED = 48;
    private static final int FRAME = 52;
    private static final int SPATIAL = 56;
    private static final int PRIMARY = 60;
    private static final int ELEMENTS = 64;
    private static final int ELEMENT = 4;

    static {
        if (ELEMENTS + KNOWN.length * ELEMENT > PacketSlab.META_LENGTH) {
            throw new ExceptionInInitializerError("the slot has no room for all header extensions");
        }
    }

    private final PacketSlab slab;
    private final UnsafeBuffer buffer;
    private int slot;
    private int base;

    Packet(final PacketSlab slab) {
        this.slab = slab;
        buffer = slab.buffer();
    }

    Packet wrap(final int packetSlot) {
        slot = packetSlot;
        base = slab.metaOffset(packetSlot);
        return this;
    }

    /** Notes the known extensions of a header; {@code ordinals} maps the section's ids, -1 for unknown. */
    void takeExtensions(final RtpHeader header, final RtpExtensions extensions, final byte[] ordinals) {
        buffer.setMemory(base + ELEMENTS, KNOWN.length * ELEMENT, (byte) 0);
        buffer.putInt(base + START, header.offset());
        if (!extensions.wrap(header)) {
            return;
        }
        while (extensions.next()) {
            final int ordinal = ordinals[extensions.id()];
            if (ordinal >= 0) {
                final int at = base + ELEMENTS + ordinal * ELEMENT;
                buffer.putShort(at, (short) (extensions.valueOffset() - header.offset()));
                buffer.putByte(at + 2, (byte) extensions.valueLength());
            }
        }
    }

    /** Notes the rest. */
    void take(final RtpHeader header, final int payloadType, final boolean repair, final long extended,
        final int source, final long receivedNs) {
        buffer.putLong(base + EXTENDED, extended);
        buffer.putLong(base + ARRIVED, receivedNs);
        buffer.putInt(base + TIMESTAMP, header.timestamp());
        buffer.putInt(base + PAYLOAD_OFFSET, repair ? Rtx.originalPayloadOffset(header) : header.payloadOffset());
        buffer.putInt(base + PAYLOAD_LENGTH, repair ? Rtx.originalPayloadLength(header) : header.payloadLength());
        buffer.putInt(base + SOURCE, source);
        buffer.putByte(base + PAYLOAD_TYPE, (byte) payloadType);
        buffer.putByte(base + FLAGS, (byte) (header.marker() ? MARKER : 0));
        buffer.putInt(base + PICTURES, PictureNumbers.NONE);
        buffer.putInt(base + PRESENT, LayerMarks.ALL);
        buffer.putInt(base + PRIMARY, 0);
    }

    /** Notes which scalability layers it belongs to; see {@link LayerMarks}. */
    void layers(final int present, final int switched, final int frame, final int spatial, final boolean start,
        final boolean end) {
        buffer.putInt(base + PRESENT, present);
        buffer.putInt(base + SWITCHED, switched);
        buffer.putInt(base + FRAME, frame);
        buffer.putByte(base + SPATIAL, (byte) spatial);
        buffer.putByte(base + FLAGS, (byte) (buffer.getByte(base + FLAGS) | (start ? FRAME_START : 0)
            | (end ? FRAME_END : 0)));
    }

    /** Bit n: part of decode target n; {@link LayerMarks#ALL} without layers. */
    int present() {
        return buffer.getInt(base + PRESENT);
    }

    /** Bit n: decode target n can be switched to at this frame. Only where {@link #present} is not ALL. */
    int switched() {
        return buffer.getInt(base + SWITCHED);
    }

    /** A number that rises from frame to frame, with wrap. Only where {@link #present} is not ALL. */
    int frame() {
        return buffer.getInt(base + FRAME);
    }

    /** Spatial layer. Only where {@link #present} is not ALL. */
    int spatial() {
        return buffer.getByte(base + SPATIAL);
    }

    /** First packet of its frame, of one spatial layer. Only where {@link #present} is not ALL. */
    boolean isFrameStart() {
        return (buffer.getByte(base + FLAGS) & FRAME_START) != 0;
    }

    /** Last packet of its frame, of one spatial layer. Only where {@link #present} is not ALL. */
    boolean isFrameEnd() {
        return (buffer.getByte(base + FLAGS) & FRAME_END) != 0;
    }

    /** Notes the packed {@link PictureNumbers} of the payload. */
    void pictures(final int packed) {
        buffer.putInt(base + PICTURES, packed);
    }

    /** Packed {@link PictureNumbers} of the payload, {@link PictureNumbers#NONE} when it has none. */
    int pictures() {
        return buffer.getInt(base + PICTURES);
    }

    void keyFrameStart() {
        buffer.putByte(base + FLAGS, (byte) (buffer.getByte(base + FLAGS) | KEY_FRAME_START));
    }

    int slot() {
        return slot;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    long extended() {
        return buffer.getLong(base + EXTENDED);
    }

    long arrivedNs() {
        return buffer.getLong(base + ARRIVED);
    }

    int timestamp() {
        return buffer.getInt(base + TIMESTAMP);
    }

    int payloadOffset() {
        return buffer.getInt(base + PAYLOAD_OFFSET);
    }

    int payloadLength() {
        return buffer.getInt(base + PAYLOAD_LENGTH);
    }

    /** Notes where the primary block of its RED payload (RFC 2198) starts, from the payload's start. */
    void primary(final int start) {
        buffer.putShort(base + PRIMARY, (short) start);
    }

    /** Bytes of the payload before the primary block; 0 when it is not RED. */
    int primary() {
        return buffer.getShort(base + PRIMARY);
    }

    int source() {
        return buffer.getInt(base + SOURCE);
    }

    int payloadType() {
        return buffer.getByte(base + PAYLOAD_TYPE);
    }

    boolean marker() {
        return (buffer.getByte(base + FLAGS) & MARKER) != 0;
    }

    boolean isKeyFrameStart() {
        return (buffer.getByte(base + FLAGS) & KEY_FRAME_START) != 0;
    }

    /** True when the packet carries this extension. */
    boolean has(final HeaderExtension extension) {
        return buffer.getShort(element(extension)) != 0;
    }

    int extensionOffset(final HeaderExtension extension) {
        return buffer.getInt(base + START) + buffer.getShort(element(extension));
    }

    int extensionLength(final HeaderExtension extension) {
        return buffer.getByte(element(extension) + 2) & 0xFF;
    }

    private int element(final HeaderExtension extension) {
        return base + ELEMENTS + extension.ordinal() * ELEMENT;
    }
}
