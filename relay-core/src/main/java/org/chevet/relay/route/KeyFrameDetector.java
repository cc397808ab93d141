package org.chevet.relay.route;

import org.chevet.codec.payload.DependencyDescriptor;
import org.chevet.codec.payload.KeyFrames;

/**
 * Tells where a decoder can start. The dependency descriptor tells it for any codec, also when the payload is sealed
 * from end to end; without one the payload's own marks do. Lane thread only.
 */
final class KeyFrameDetector {
    private final DependencyDescriptor descriptor = new DependencyDescriptor();

    /**
     * True when this packet is the first of a key frame.
     *
     * @param described the stream's descriptors have brought a structure before, as they do on every key frame: one
     *     without is none, whatever the payload looks like. Before that a payload may know better, because there are
     *     senders whose descriptors never have one.
     */
    boolean isStart(final Codec codec, final Packet packet, final boolean described) {
        if (packet.has(HeaderExtension.DEPENDENCY_DESCRIPTOR)
            && descriptor.wrap(packet.buffer(), packet.extensionOffset(HeaderExtension.DEPENDENCY_DESCRIPTOR),
                packet.extensionLength(HeaderExtension.DEPENDENCY_DESCRIPTOR))) {
            if (descriptor.isKeyFrameStart()) {
                return true;
            }
            if (described) {
                return false;
            }
        }
        final int offset = packet.payloadOffset();
        final int length = packet.payloadLength();
        return switch (codec) {
            case VP8 -> KeyFrames.isVp8Start(packet.buffer(), offset, length);
            case VP9 -> KeyFrames.isVp9Start(packet.buffer(), offset, length);
            case H264 -> KeyFrames.isH264Start(packet.buffer(), offset, length);
            case AV1 -> KeyFrames.isAv1Start(packet.buffer(), offset, length);
            case OPUS, RED -> true;
        };
    }
}
