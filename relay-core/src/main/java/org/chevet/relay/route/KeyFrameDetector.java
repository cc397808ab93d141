package org.chevet.relay.route;

import org.chevet.codec.payload.DependencyDescriptor;
import org.chevet.codec.payload.KeyFrames;

/** Tells where a decoder can start. Reads the payload's own marks, and the dependency descriptor where there is one. */
final class KeyFrameDetector {
    private final DependencyDescriptor descriptor = new DependencyDescriptor();

    /** True when this packet is the first of a key frame. */
    boolean isStart(final Codec codec, final Packet packet) {
        final int offset = packet.payloadOffset();
        final int length = packet.payloadLength();
        return switch (codec) {
            case VP8 -> KeyFrames.isVp8Start(packet.buffer(), offset, length);
            case VP9 -> KeyFrames.isVp9Start(packet.buffer(), offset, length);
            case H264 -> KeyFrames.isH264Start(packet.buffer(), offset, length);
            case AV1 -> byDescriptor(packet) || KeyFrames.isAv1Start(packet.buffer(), offset, length);
            case OPUS, RED -> true;
        };
    }

    private boolean byDescriptor(final Packet packet) {
        return packet.has(HeaderExtension.DEPENDENCY_DESCRIPTOR)
            && descriptor.wrap(packet.buffer(), packet.extensionOffset(HeaderExtension.DEPENDENCY_DESCRIPTOR),
                packet.extensionLength(HeaderExtension.DEPENDENCY_DESCRIPTOR))
            && descriptor.isKeyFrameStart();
    }
}
