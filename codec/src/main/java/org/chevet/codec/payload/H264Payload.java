package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u16;
import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;

/**
 * Looks into H.264 payloads (RFC 6184): single NAL unit, STAP-A (section 5.7.1) and FU-A (section 5.8).
 *
 * <pre>
 *  NAL unit header  |F|NRI|  Type   |      FU header  |S|E|R|  Type   |
 *  STAP-A           |header| size 16 | NAL unit | size 16 | NAL unit | ...
 *  FU-A             |indicator| FU header | fragment
 * </pre>
 *
 * <p>Stateless; safe on any thread.
 */
public final class H264Payload {
    /** NAL unit type of a slice of an IDR picture. */
    public static final int IDR = 5;
    /** NAL unit type of a sequence parameter set. */
    public static final int SPS = 7;
    /** NAL unit type of a single-time aggregation packet. */
    public static final int STAP_A = 24;
    /** NAL unit type of a fragmentation unit. */
    public static final int FU_A = 28;

    private static final int TYPE_MASK = 0x1F;
    private static final int FU_START = 0x80;

    private H264Payload() {
    }

    /**
     * True when a key frame begins in this payload: it carries the start of a sequence parameter set, or the first
     * slice of an IDR picture. A sender that puts the SPS in a packet of its own makes two such packets of one
     * timestamp; the first is the place to switch.
     */
    public static boolean isKeyFrameStart(final DirectBuffer buffer, final int offset, final int length) {
        if (length < 2) {
            return false;
        }
        final int type = u8(buffer, offset) & TYPE_MASK;
        if (type == STAP_A) {
            return isKeyFrameStartOfAggregate(buffer, offset + 1, offset + length);
        }
        if (type == FU_A) {
            final int header = u8(buffer, offset + 1);
            return (header & FU_START) != 0
                && startsKeyFrame(buffer, header & TYPE_MASK, offset + 2, length - 2);
        }
        return startsKeyFrame(buffer, type, offset + 1, length - 1);
    }

    private static boolean isKeyFrameStartOfAggregate(final DirectBuffer buffer, final int from, final int end) {
        int at = from;
        while (end - at > Short.BYTES) {
            final int size = u16(buffer, at);
            at += Short.BYTES;
            if (size == 0 || size > end - at) {
                return false;
            }
            if (startsKeyFrame(buffer, u8(buffer, at) & TYPE_MASK, at + 1, size - 1)) {
                return true;
            }
            at += size;
        }
        return false;
    }

    /** The slice header begins with first_mb_in_slice as ue(v): 0 is the single bit 1 (ITU-T H.264 section 7.3.3). */
    private static boolean startsKeyFrame(final DirectBuffer buffer, final int type, final int body,
        final int length) {
        return type == SPS || (type == IDR && length > 0 && (u8(buffer, body) & 0x80) != 0);
    }
}
