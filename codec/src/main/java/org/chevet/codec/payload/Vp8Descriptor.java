package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put8;
import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over the VP8 payload descriptor (RFC 7741 section 4.2).
 *
 * <pre>
 *       0 1 2 3 4 5 6 7
 *      +-+-+-+-+-+-+-+-+
 *      |X|R|N|S|R| PID | (required)
 *      +-+-+-+-+-+-+-+-+
 * X:   |I|L|T|K| RSV   | (when X)
 *      +-+-+-+-+-+-+-+-+
 * I:   |M| PictureID   | (when I; 15 bits when M)
 *      +-+-+-+-+-+-+-+-+
 * L:   |   TL0PICIDX   | (when L)
 *      +-+-+-+-+-+-+-+-+
 * T/K: |TID|Y| KEYIDX  | (when T or K)
 *      +-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Borrowed until the next wrap. Not thread-safe.
 */
public final class Vp8Descriptor {
    /** What the numbers are when the descriptor does not carry them. */
    public static final int NONE = -1;

    private static final int X = 0x80;
    private static final int N = 0x20;
    private static final int S = 0x10;
    private static final int PID = 0x07;
    private static final int I = 0x80;
    private static final int L = 0x40;
    private static final int T = 0x20;
    private static final int K = 0x10;
    private static final int M = 0x80;
    private static final int LONG_MASK = 0x7FFF;
    private static final int SHORT_MASK = 0x7F;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int end;
    private int length;
    private int pictureIdAt;
    private int tl0PicIdxAt;
    private int layersAt;
    private boolean hasTemporalId;
    private boolean hasKeyIndex;

    /** Takes an RTP payload without padding; false when it is empty or the descriptor is cut short. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int payloadLength) {
        this.buffer = buffer;
        this.offset = offset;
        end = offset + payloadLength;
        pictureIdAt = NONE;
        tl0PicIdxAt = NONE;
        layersAt = NONE;
        hasTemporalId = false;
        hasKeyIndex = false;
        length = 0;
        if (payloadLength < 1) {
            return false;
        }
        int at = offset + 1;
        if ((u8(buffer, offset) & X) != 0) {
            if (at >= end) {
                return false;
            }
            final int flags = u8(buffer, at++);
            hasTemporalId = (flags & T) != 0;
            hasKeyIndex = (flags & K) != 0;
            if ((flags & I) != 0) {
                pictureIdAt = at;
                at += at < end && (u8(buffer, at) & M) != 0 ? 2 : 1;
            }
            if ((flags & L) != 0) {
                tl0PicIdxAt = at++;
            }
            if (hasTemporalId || hasKeyIndex) {
                layersAt = at++;
            }
        }
        length = at - offset;
        return at <= end;
    }

    /** Bytes of the descriptor. */
    public int length() {
        return length;
    }

    /** True for the first packet of a frame: start of partition 0. */
    public boolean isStartOfFrame() {
        return (u8(buffer, offset) & (S | PID)) == S;
    }

    /** True for the first packet of a key frame: start of frame, and the P bit of the frame header is 0. */
    public boolean isKeyFrameStart() {
        return isStartOfFrame() && offset + length < end && (u8(buffer, offset + length) & 1) == 0;
    }

    /** True when no other frame refers to this one, so it may be left out. */
    public boolean isNonReference() {
        return (u8(buffer, offset) & N) != 0;
    }

    /** PictureID of 7 or 15 bits, or {@link #NONE}. */
    public int pictureId() {
        if (pictureIdAt == NONE) {
            return NONE;
        }
        return isLongPictureId() ? u16(buffer, pictureIdAt) & LONG_MASK : u8(buffer, pictureIdAt) & SHORT_MASK;
    }

    /** True when the PictureID has 15 bits. */
    public boolean isLongPictureId() {
        return pictureIdAt != NONE && (u8(buffer, pictureIdAt) & M) != 0;
    }

    /** TL0PICIDX, 0 to 255, or {@link #NONE}. */
    public int tl0PicIdx() {
        return tl0PicIdxAt == NONE ? NONE : u8(buffer, tl0PicIdxAt);
    }

    /** Temporal layer, 0 to 3, or {@link #NONE}. */
    public int temporalId() {
        return hasTemporalId ? u8(buffer, layersAt) >>> 6 : NONE;
    }

    /** True when the frame depends only on temporal layer 0, so a receiver may switch up here. */
    public boolean isLayerSync() {
        return hasTemporalId && (u8(buffer, layersAt) & 0x20) != 0;
    }

    /** KEYIDX, 0 to 31, or {@link #NONE}. */
    public int keyIndex() {
        return hasKeyIndex ? u8(buffer, layersAt) & 0x1F : NONE;
    }

    /**
     * Writes another PictureID over the one of a copy of this payload; nothing happens when there is none.
     *
     * @param copyOffset where the copied payload starts in {@code copy}
     * @param pictureId its low 15 or 7 bits are written, as many as the original has
     */
    public void putPictureId(final MutableDirectBuffer copy, final int copyOffset, final int pictureId) {
        if (pictureIdAt == NONE) {
            return;
        }
        final int at = copyOffset + pictureIdAt - offset;
        if (isLongPictureId()) {
            put16(copy, at, (M << Byte.SIZE) | (pictureId & LONG_MASK));
        } else {
            put8(copy, at, pictureId & SHORT_MASK);
        }
    }

    /** Writes another TL0PICIDX (low 8 bits) over the one of a copy of this payload, if there is one. */
    public void putTl0PicIdx(final MutableDirectBuffer copy, final int copyOffset, final int tl0PicIdx) {
        if (tl0PicIdxAt != NONE) {
            put8(copy, copyOffset + tl0PicIdxAt - offset, tl0PicIdx);
        }
    }
}
