package org.chevet.codec.payload;

import static org.chevet.codec.wire.BigEndian.u8;

import org.agrona.DirectBuffer;

/**
 * Where a receiver can start to decode: does a key frame begin in this RTP payload (without padding)?
 *
 * <p>Malformed payloads are no start. Of a frame sealed from end to end, VP9 still tells by its payload descriptor and
 * VP8 by the first byte of the frame, which the scheme leaves clear; H.264 and AV1 tell nothing, or what ciphertext
 * happens to look like: there only the {@link DependencyDescriptor} tells. Stateless; safe on any thread.
 */
public final class KeyFrames {
    private static final int VP8_START = 0x10;
    private static final int VP8_START_AND_PARTITION = 0x17;
    private static final int VP9_START_AND_INTER = 0x48;
    private static final int VP9_START = 0x08;
    private static final int TOP_BIT = 0x80;

    private KeyFrames() {
    }

    /** VP8 (RFC 7741): start of partition 0, and the frame header's P bit is 0. */
    public static boolean isVp8Start(final DirectBuffer buffer, final int offset, final int length) {
        if (length < 1 || (u8(buffer, offset) & VP8_START_AND_PARTITION) != VP8_START) {
            return false;
        }
        int at = 1;
        if ((u8(buffer, offset) & TOP_BIT) != 0) {
            if (length < 2) {
                return false;
            }
            final int flags = u8(buffer, offset + at++);
            if ((flags & 0x80) != 0) {
                at += at < length && (u8(buffer, offset + at) & TOP_BIT) != 0 ? 2 : 1;
            }
            at += (flags & 0x40) != 0 ? 1 : 0;
            at += (flags & 0x30) != 0 ? 1 : 0;
        }
        return at < length && (u8(buffer, offset + at) & 1) == 0;
    }

    /** VP9 (RFC 9628): start of a frame without inter-picture prediction in the lowest spatial layer. */
    public static boolean isVp9Start(final DirectBuffer buffer, final int offset, final int length) {
        if (length < 1 || (u8(buffer, offset) & VP9_START_AND_INTER) != VP9_START) {
            return false;
        }
        final int flags = u8(buffer, offset);
        if ((flags & 0x20) == 0) {
            return true;
        }
        int at = 1;
        if ((flags & 0x80) != 0) {
            at += at < length && (u8(buffer, offset + at) & TOP_BIT) != 0 ? 2 : 1;
        }
        return at < length && ((u8(buffer, offset + at) >>> 1) & 7) == 0;
    }

    /** H.264 (RFC 6184): see {@link H264Payload#isKeyFrameStart}. */
    public static boolean isH264Start(final DirectBuffer buffer, final int offset, final int length) {
        return H264Payload.isKeyFrameStart(buffer, offset, length);
    }

    /** AV1: see {@link Av1Payload#isKeyFrameStart}. */
    public static boolean isAv1Start(final DirectBuffer buffer, final int offset, final int length) {
        return Av1Payload.isKeyFrameStart(buffer, offset, length);
    }
}
