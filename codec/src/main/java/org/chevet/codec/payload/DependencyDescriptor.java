package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over the dependency descriptor header extension (RTP Payload Format For AV1, appendix A.8), which every
 * codec may use and which stays readable when payloads are encrypted end to end.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |S|E|template id|         frame number          |T|A|D|F|C| ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>S, E: first and last packet of a frame. The second half is there when the extension is longer than three bytes:
 * T a template structure follows, A active decode targets, D F C custom fields. {@link DependencyTemplates} reads the
 * structure. Borrowed until the next wrap. Not thread-safe.
 */
public final class DependencyDescriptor {
    /** Bytes of the part that is always there. */
    public static final int MANDATORY_LENGTH = 3;

    private static final int FLAGS_OFFSET = 3;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int length;

    /** Takes the value of the extension; false when it is shorter than three bytes. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        return length >= MANDATORY_LENGTH;
    }

    /** The buffer given to wrap. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Where the value starts. */
    public int offset() {
        return offset;
    }

    /** Bytes of the value. */
    public int length() {
        return length;
    }

    /** True for the first packet of a frame (of one layer). */
    public boolean isStartOfFrame() {
        return (u8(buffer, offset) & 0x80) != 0;
    }

    /** True for the last packet of a frame (of one layer). */
    public boolean isEndOfFrame() {
        return (u8(buffer, offset) & 0x40) != 0;
    }

    /** Template the frame follows, 0 to 63; {@link DependencyTemplates} knows its layers. */
    public int templateId() {
        return u8(buffer, offset) & 0x3F;
    }

    /** Frame number, 0 to 65535. */
    public int frameNumber() {
        return u16(buffer, offset + 1);
    }

    /** True when a template structure is attached, which senders do on the first packet of a key frame. */
    public boolean hasStructure() {
        return length > MANDATORY_LENGTH && (u8(buffer, offset + FLAGS_OFFSET) & 0x80) != 0;
    }

    /** True for the first packet of a key frame: start of frame with a template structure. */
    public boolean isKeyFrameStart() {
        return isStartOfFrame() && hasStructure();
    }

    /** True when the set of active decode targets is given. */
    public boolean hasActiveDecodeTargets() {
        return length > MANDATORY_LENGTH && (u8(buffer, offset + FLAGS_OFFSET) & 0x40) != 0;
    }
}
