package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Flyweight over the VP9 payload descriptor (RFC 9628 section 4.2).
 *
 * <pre>
 *       0 1 2 3 4 5 6 7
 *      +-+-+-+-+-+-+-+-+
 *      |I|P|L|F|B|E|V|Z| (required)
 *      +-+-+-+-+-+-+-+-+
 * I:   |M| PICTURE ID  | (when I; 15 bits when M)
 *      +-+-+-+-+-+-+-+-+
 * L:   | TID |U| SID |D| (when L)
 *      +-+-+-+-+-+-+-+-+
 *      |   TL0PICIDX   | (when L and not F)
 *      +-+-+-+-+-+-+-+-+
 * P,F: | P_DIFF      |N| (when P and F, up to 3 times)
 *      +-+-+-+-+-+-+-+-+
 * V:   | SS ...        | (when V, section 4.2.1)
 *      +-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Borrowed until the next wrap. Not thread-safe.
 */
public final class Vp9Descriptor {
    /** What the numbers are when the descriptor does not carry them. */
    public static final int NONE = -1;

    private static final int I = 0x80;
    private static final int P = 0x40;
    private static final int L = 0x20;
    private static final int F = 0x10;
    private static final int B = 0x08;
    private static final int E = 0x04;
    private static final int V = 0x02;
    private static final int Z = 0x01;
    private static final int M = 0x80;
    private static final int MAX_DIFFS = 3;

    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int offset;
    private int end;
    private int length;
    private int pictureIdAt;
    private int layersAt;
    private int tl0PicIdxAt;
    private int spatialLayers;

    /** Takes an RTP payload without padding; false when it is empty or the descriptor is cut short. */
    public boolean wrap(final DirectBuffer buffer, final int offset, final int payloadLength) {
        this.buffer = buffer;
        this.offset = offset;
        end = offset + payloadLength;
        pictureIdAt = NONE;
        layersAt = NONE;
        tl0PicIdxAt = NONE;
        spatialLayers = NONE;
        length = 0;
        if (payloadLength < 1) {
            return false;
        }
        final int flags = u8(buffer, offset);
        int at = offset + 1;
        if ((flags & I) != 0) {
            pictureIdAt = at;
            at += at < end && (u8(buffer, at) & M) != 0 ? 2 : 1;
        }
        if ((flags & L) != 0) {
            layersAt = at++;
            if ((flags & F) == 0) {
                tl0PicIdxAt = at++;
            }
        }
        if ((flags & (P | F)) == (P | F)) {
            at = skipDiffs(at);
        }
        if ((flags & V) != 0) {
            at = skipScalability(at);
        }
        length = at - offset;
        return at <= end;
    }

    private int skipDiffs(final int from) {
        int at = from;
        for (int i = 0; i < MAX_DIFFS; i++) {
            if (at >= end) {
                return end + 1;
            }
            if ((u8(buffer, at++) & 1) == 0) {
                break;
            }
        }
        return at;
    }

    /** The scalability structure: N_S, Y, G; resolutions when Y; pictures of the group when G. */
    private int skipScalability(final int from) {
        if (from >= end) {
            return end + 1;
        }
        final int flags = u8(buffer, from);
        spatialLayers = (flags >>> 5) + 1;
        int at = from + 1;
        if ((flags & 0x10) != 0) {
            at += Integer.BYTES * spatialLayers;
        }
        if ((flags & 0x08) == 0) {
            return at;
        }
        if (at >= end) {
            return end + 1;
        }
        final int pictures = u8(buffer, at++);
        for (int i = 0; i < pictures; i++) {
            if (at >= end) {
                return end + 1;
            }
            at += 1 + ((u8(buffer, at) >>> 2) & 3);
        }
        return at;
    }

    /** Bytes of the descriptor. */
    public int length() {
        return length;
    }

    /** True for the first packet of a frame (of one spatial layer). */
    public boolean isStartOfFrame() {
        return (u8(buffer, offset) & B) != 0;
    }

    /** True for the last packet of a frame (of one spatial layer). */
    public boolean isEndOfFrame() {
        return (u8(buffer, offset) & E) != 0;
    }

    /** True for the first packet of a key picture: start of frame, no inter-picture prediction, lowest layer. */
    public boolean isKeyFrameStart() {
        return (u8(buffer, offset) & (B | P)) == B && spatialId() <= 0;
    }

    /** True when the frame is predicted from an earlier picture. */
    public boolean isInterPicture() {
        return (u8(buffer, offset) & P) != 0;
    }

    /** True when higher spatial layers of the picture do not refer to this frame. */
    public boolean isNotReferredToByHigherLayers() {
        return (u8(buffer, offset) & Z) != 0;
    }

    /** Picture id of 7 or 15 bits, or {@link #NONE}. */
    public int pictureId() {
        if (pictureIdAt == NONE) {
            return NONE;
        }
        return isLongPictureId() ? u16(buffer, pictureIdAt) & 0x7FFF : u8(buffer, pictureIdAt);
    }

    /** True when the picture id has 15 bits. */
    public boolean isLongPictureId() {
        return pictureIdAt != NONE && (u8(buffer, pictureIdAt) & M) != 0;
    }

    /** Temporal layer, 0 to 7, or {@link #NONE}. */
    public int temporalId() {
        return layersAt == NONE ? NONE : u8(buffer, layersAt) >>> 5;
    }

    /** Spatial layer, 0 to 7, or {@link #NONE}. */
    public int spatialId() {
        return layersAt == NONE ? NONE : (u8(buffer, layersAt) >>> 1) & 7;
    }

    /** True when a receiver may switch up to this temporal layer here. */
    public boolean isSwitchingUpPoint() {
        return layersAt != NONE && (u8(buffer, layersAt) & 0x10) != 0;
    }

    /** True when the frame depends on the layer below in the same picture. */
    public boolean isInterLayer() {
        return layersAt != NONE && (u8(buffer, layersAt) & 1) != 0;
    }

    /** TL0PICIDX, 0 to 255, or {@link #NONE}. */
    public int tl0PicIdx() {
        return tl0PicIdxAt == NONE ? NONE : u8(buffer, tl0PicIdxAt);
    }

    /** Number of spatial layers of the scalability structure, or {@link #NONE} when the packet carries none. */
    public int spatialLayerCount() {
        return spatialLayers;
    }
}
