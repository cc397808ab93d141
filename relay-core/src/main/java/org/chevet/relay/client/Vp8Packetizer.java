package org.chevet.relay.client;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cuts VP8 frames into RTP payloads (RFC 7741 section 4) of nearly equal size, with a 15-bit picture id.
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |1|R|N|S|R| PID |  X set; S on the first payload of a frame
 * |1|0|0|0| RSV   |  I: picture id follows
 * |1| picture id  |
 * |  picture id   |
 * </pre>
 *
 * <p>{@link #begin} a frame, then {@link #next} while {@link #hasNext}. Not thread-safe.
 */
public final class Vp8Packetizer {
    /** Bytes of payload at most, descriptor included: fits 1200 bytes with header, extensions and SRTP tag. */
    public static final int MAX_PAYLOAD = 1100;

    private static final int DESCRIPTOR = 4;
    private static final int EXTENDED = 0x80;
    private static final int START = 0x10;
    private static final int HAS_PICTURE_ID = 0x80;
    private static final int LONG_ID = 0x8000;
    private static final int PICTURE_ID_MASK = 0x7FFF;

    private DirectBuffer frame = new UnsafeBuffer(0, 0);
    private int start;
    private int at;
    private int end;
    private int packets;
    private int pictureId;

    /** Starts with a picture id, which then counts up by one per frame. */
    public Vp8Packetizer(final int firstPictureId) {
        pictureId = firstPictureId - 1;
    }

    /** Takes a frame, borrowed until the last payload was written. */
    public void begin(final DirectBuffer data, final int offset, final int length) {
        frame = data;
        start = offset;
        at = offset;
        end = offset + length;
        final int room = MAX_PAYLOAD - DESCRIPTOR;
        packets = (length + room - 1) / room;
        pictureId = (pictureId + 1) & PICTURE_ID_MASK;
    }

    /** True while the frame has payloads left; the one for which it becomes false carries the marker bit. */
    public boolean hasNext() {
        return at < end;
    }

    /** Writes the next payload, at most {@link #MAX_PAYLOAD} bytes, and returns its length. */
    public int next(final MutableDirectBuffer out, final int offset) {
        final int length = (end - at + packets - 1) / packets;
        put8(out, offset, EXTENDED | (at == start ? START : 0));
        put8(out, offset + 1, HAS_PICTURE_ID);
        put16(out, offset + 2, LONG_ID | pictureId);
        out.putBytes(offset + DESCRIPTOR, frame, at, length);
        at += length;
        packets--;
        return DESCRIPTOR + length;
    }

    /** True when an encoded VP8 frame is a key frame (RFC 6386 section 9.1). */
    public static boolean isKeyFrame(final DirectBuffer data, final int offset, final int length) {
        return length > 0 && (data.getByte(offset) & 1) == 0;
    }
}
