package org.chevet.codec.rtp;

import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the elements of an RTP header extension (RFC 8285): one-byte form (section 4.2) and two-byte form
 * (section 4.3).
 *
 * <pre>
 *   one-byte:  |  ID   | L - 1 |  L bytes ...        two-byte:  |      ID       |       L       |  L bytes ...
 * </pre>
 *
 * <p>ID 0 is padding of one byte. In the one-byte form ID 15 ends the elements, and so does ID 0 with a length
 * (section 4.2). An element that does not fit ends them too; what stood before it counts.
 *
 * <p>Either {@link #find} one id, or {@link #rewind()} and walk with {@link #next()}; both leave the element in
 * {@link #id()}, {@link #valueOffset()}, {@link #valueLength()}. Borrowed until the next wrap. Not thread-safe.
 */
public final class RtpExtensions {
    /** The id that ends the elements of the one-byte form. */
    public static final int STOP_ID = 15;

    private static final int APPBITS_MASK = 0x000F;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private boolean twoByte;
    private int profile;
    private int start;
    private int end;
    private int at;
    private int id;
    private int valueOffset;
    private int valueLength;

    /** Takes the extension of a packet; false when it has none, or one of another profile than RFC 8285's. */
    public boolean wrap(final RtpHeader header) {
        return wrap(header.extensionProfile(), header.buffer(), header.extensionOffset(), header.extensionLength());
    }

    /** Takes {@code length} bytes of elements in the form that {@code profile} names. */
    public boolean wrap(final int profile, final DirectBuffer buffer, final int offset, final int length) {
        this.buffer = buffer;
        this.profile = profile;
        twoByte = (profile & ~APPBITS_MASK) == RtpHeader.TWO_BYTE_PROFILE;
        start = offset;
        end = offset;
        rewind();
        if (!twoByte && profile != RtpHeader.ONE_BYTE_PROFILE) {
            return false;
        }
        end = offset + length;
        return true;
    }

    /** True for the two-byte form. */
    public boolean isTwoByte() {
        return twoByte;
    }

    /** The four application bits of the two-byte form's profile, else 0. */
    public int appbits() {
        return twoByte ? profile & APPBITS_MASK : 0;
    }

    /** Back to before the first element. */
    public void rewind() {
        at = start;
        id = 0;
        valueOffset = start;
        valueLength = 0;
    }

    /** Moves to the first element with this id; false when there is none. */
    public boolean find(final int wantedId) {
        rewind();
        while (next()) {
            if (id == wantedId) {
                return true;
            }
        }
        return false;
    }

    /** Moves to the next element; false at the end. */
    public boolean next() {
        while (at < end) {
            final int first = u8(buffer, at);
            if (first == 0) {
                at++;
                continue;
            }
            return twoByte ? readTwoByte(first) : readOneByte(first);
        }
        return false;
    }

    private boolean readOneByte(final int first) {
        final int element = first >>> 4;
        final int size = (first & 0x0F) + 1;
        if (element == 0 || element == STOP_ID || size > end - at - 1) {
            return stop();
        }
        return take(element, at + 1, size);
    }

    private boolean readTwoByte(final int element) {
        if (end - at < 2) {
            return stop();
        }
        final int size = u8(buffer, at + 1);
        return size > end - at - 2 ? stop() : take(element, at + 2, size);
    }

    private boolean take(final int element, final int value, final int size) {
        id = element;
        valueOffset = value;
        valueLength = size;
        at = value + size;
        return true;
    }

    private boolean stop() {
        at = end;
        return false;
    }

    /** The element's id: 1 to 14, or 1 to 255 in the two-byte form. */
    public int id() {
        return id;
    }

    /** Where the element's value starts, absolute in the buffer. */
    public int valueOffset() {
        return valueOffset;
    }

    /** Bytes of the value: 1 to 16, or 0 to 255 in the two-byte form. */
    public int valueLength() {
        return valueLength;
    }

    /** The value's first byte, or -1 when it is empty. */
    public int valueU8() {
        return valueLength == 0 ? -1 : u8(buffer, valueOffset);
    }

    /** The value's first two bytes, or -1 when it is shorter. */
    public int valueU16() {
        return valueLength < 2 ? -1 : (u8(buffer, valueOffset) << Byte.SIZE) | u8(buffer, valueOffset + 1);
    }
}
