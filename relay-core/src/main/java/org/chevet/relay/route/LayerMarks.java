package org.chevet.relay.route;

import org.chevet.codec.payload.DependencyDescriptor;
import org.chevet.codec.payload.DependencyTemplates;
import org.chevet.codec.payload.Vp8Descriptor;

/**
 * Which scalability layers the packets of one encoding belong to: by the dependency descriptor where there is one (any
 * codec, also under end-to-end encryption), else by the temporal layers of a VP8 descriptor.
 *
 * <p>Layers are told as decode targets (RTP Payload Format For AV1, appendix A.4): bit n of a mask stands for target
 * n. Without a structure every packet belongs to all. Lane thread only.
 */
final class LayerMarks {
    /** Mask of a packet that no target can do without. */
    static final int ALL = -1;
    /** VP8 knows temporal layers 0 to 3: target n is all up to layer n. */
    private static final int VP8_TARGETS = 4;
    private static final int VP8_MASK = (1 << VP8_TARGETS) - 1;
    /** Frame numbers of 16 bits are compared as 32 bits. */
    private static final int FRAME_SHIFT = 16;

    private final DependencyDescriptor descriptor = new DependencyDescriptor();
    private final DependencyTemplates templates = new DependencyTemplates();
    private boolean described;
    private boolean vp8Layers;
    private long activeTargets;
    private int version;

    /** Forgets the structure: another source. */
    void reset() {
        templates.reset();
        described = false;
        vp8Layers = false;
        activeTargets = 0;
        version++;
    }

    /**
     * Notes in the packet what it is a part of. Its picture numbers and key frame mark were noted before.
     *
     * @param vp8 wrapped around the packet's payload when it is VP8 with a sound descriptor
     * @param isVp8 whether it is
     */
    void mark(final Packet packet, final Vp8Descriptor vp8, final boolean isVp8) {
        if (packet.has(HeaderExtension.DEPENDENCY_DESCRIPTOR)
            && descriptor.wrap(packet.buffer(), packet.extensionOffset(HeaderExtension.DEPENDENCY_DESCRIPTOR),
                packet.extensionLength(HeaderExtension.DEPENDENCY_DESCRIPTOR))
            && templates.update(descriptor)) {
            if (!described || descriptor.hasStructure() || templates.activeDecodeTargets() != activeTargets) {
                described = true;
                activeTargets = templates.activeDecodeTargets();
                version++;
            }
            packet.layers(templates.framePresent(), templates.frameSwitch(),
                descriptor.frameNumber() << FRAME_SHIFT, templates.spatialId(descriptor.templateId()),
                descriptor.isStartOfFrame(), descriptor.isEndOfFrame());
        } else if (isVp8 && !described && vp8.temporalId() >= 0) {
            markVp8(packet, vp8);
        }
    }

    private void markVp8(final Packet packet, final Vp8Descriptor vp8) {
        final int temporal = vp8.temporalId();
        version += vp8Layers ? 0 : 1;
        vp8Layers = true;
        final int present = (ALL << temporal) & VP8_MASK;
        final int switched = packet.isKeyFrameStart() ? VP8_MASK : vp8.isLayerSync() ? present
            : temporal == 0 ? 1 : 0;
        packet.layers(present, switched, packet.timestamp(), 0, vp8.isStartOfFrame(), packet.marker());
    }

    /** True when a dependency descriptor with a structure has come. */
    boolean isDescribed() {
        return described;
    }

    /** Decode targets known, 0 when the encoding has no layers. */
    int targets() {
        return described ? templates.decodeTargetCount() : vp8Layers ? VP8_TARGETS : 0;
    }

    /** Another number whenever {@link #best} may have another answer. */
    int version() {
        return version;
    }

    /** The best decode target within both limits; the lowest of all when none is. -1 without layers. */
    int best(final int maxSpatial, final int maxTemporal) {
        int best = -1;
        int lowest = -1;
        for (int target = 0; target < targets(); target++) {
            if (described && (activeTargets & (1L << target)) == 0) {
                continue;
            }
            final int layers = layersOf(target);
            if (spatial(layers) <= maxSpatial && temporal(layers) <= maxTemporal
                && (best < 0 || layers > layersOf(best))) {
                best = target;
            }
            lowest = lowest < 0 || layers < layersOf(lowest) ? target : lowest;
        }
        return best < 0 ? lowest : best;
    }

    /** Highest spatial layer of a decode target, 0 for no target. */
    int spatialOf(final int target) {
        return target < 0 ? 0 : spatial(layersOf(target));
    }

    /** Highest temporal layer of a decode target, 0 for no target. */
    int temporalOf(final int target) {
        return target < 0 ? 0 : temporal(layersOf(target));
    }

    /** True when the target is being sent. */
    boolean isActive(final int target) {
        return !described || (activeTargets & (1L << target)) != 0;
    }

    /** Highest spatial layer there is, 0 without layers. */
    int maxSpatial() {
        return described ? Math.max(0, templates.maxSpatialId()) : 0;
    }

    /** Width in pixels of a spatial layer, 0 when nobody told. */
    int width(final int spatial) {
        return described ? templates.width(spatial) : 0;
    }

    /** Height in pixels of a spatial layer, 0 when nobody told. */
    int height(final int spatial) {
        return described ? templates.height(spatial) : 0;
    }

    /** Spatial layers weigh more than temporal ones. */
    private int layersOf(final int target) {
        return described ? (templates.targetSpatialId(target) << Byte.SIZE) | templates.targetTemporalId(target)
            : target;
    }

    private static int spatial(final int layers) {
        return layers >> Byte.SIZE;
    }

    private static int temporal(final int layers) {
        return layers & 0xFF;
    }
}
