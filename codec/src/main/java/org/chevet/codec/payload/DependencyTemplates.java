package org.chevet.codec.payload;

import java.util.Arrays;

/**
 * The template structure of one stream (RTP Payload Format For AV1, appendix A.8.3): which layers a template id
 * stands for, and what a frame is for each decode target. Read from a key frame, it serves until the next structure.
 *
 * <p>Keeps layers, decode target indications and resolutions; frame differences and chains are walked over. Allocates
 * nothing after construction. Not thread-safe: owned by one stream.
 */
public final class DependencyTemplates {
    /** Template ids have six bits. */
    public static final int MAX_TEMPLATES = 64;
    /** Largest temporal id (appendix A.4). */
    public static final int MAX_TEMPORAL_ID = 7;
    /** Largest spatial id (appendix A.4). */
    public static final int MAX_SPATIAL_ID = 3;
    /** What is returned when it is not known. */
    public static final int NONE = -1;

    /** Bound on decode targets: their number has five bits. */
    public static final int MAX_DECODE_TARGETS = 32;

    /** Decode target indication: not needed by the target; 1 is discardable, 3 required. */
    private static final int NOT_PRESENT = 0;
    /** Decode target indication: needed, and decoding of the target can start or go on here. */
    private static final int SWITCH = 2;
    private static final int INDICATION_BITS = 2;
    private static final int NEXT_TEMPORAL = 1;
    private static final int NEXT_SPATIAL = 2;
    private static final int LAST = 3;

    private final BitReader reader = new BitReader();
    private final byte[] spatialIds = new byte[MAX_TEMPLATES];
    private final byte[] temporalIds = new byte[MAX_TEMPLATES];
    /** Bit n for decode target n: a frame of the template is part of it; it can be switched to here. */
    private final int[] presents = new int[MAX_TEMPLATES];
    private final int[] switches = new int[MAX_TEMPLATES];
    private final int[] nextPresents = new int[MAX_TEMPLATES];
    private final int[] nextSwitches = new int[MAX_TEMPLATES];
    private int framePresent;
    private int frameSwitch;
    private final int[] widths = new int[MAX_SPATIAL_ID + 1];
    private final int[] heights = new int[MAX_SPATIAL_ID + 1];
    private final int[] nextWidths = new int[MAX_SPATIAL_ID + 1];
    private final int[] nextHeights = new int[MAX_SPATIAL_ID + 1];
    private final byte[] nextSpatialIds = new byte[MAX_TEMPLATES];
    private final byte[] nextTemporalIds = new byte[MAX_TEMPLATES];
    private int nextTemplateCount;
    private int nextTemplateIdOffset;
    private int nextDecodeTargetCount;
    private int nextMaxTemporalId;
    private int templateCount;
    private int templateIdOffset;
    private int decodeTargetCount;
    private int maxSpatialId = NONE;
    private int maxTemporalId = NONE;
    private long activeDecodeTargets;

    /**
     * Takes over the structure of a descriptor that has one, and the active decode targets of one that has them, and
     * what this frame is for each decode target.
     *
     * @return false when the descriptor is malformed or speaks of templates that are not known; what was known stays
     */
    public boolean update(final DependencyDescriptor descriptor) {
        if (descriptor.length() <= DependencyDescriptor.MANDATORY_LENGTH) {
            return takeIndications(descriptor.templateId());
        }
        reader.wrap(descriptor.buffer(), descriptor.offset() + DependencyDescriptor.MANDATORY_LENGTH,
            descriptor.length() - DependencyDescriptor.MANDATORY_LENGTH);
        // Structure and active targets are asked of the descriptor; own differences and chains stand at the end.
        reader.skip(2);
        final boolean ownIndications = reader.flag();
        reader.skip(2);
        final boolean hasStructure = descriptor.hasStructure();
        if (hasStructure && !readStructure()) {
            return false;
        }
        final int targets = hasStructure ? nextDecodeTargetCount : decodeTargetCount;
        long active = hasStructure ? (1L << targets) - 1 : activeDecodeTargets;
        if (descriptor.hasActiveDecodeTargets() && targets > 0) {
            active = Integer.toUnsignedLong(reader.bits(targets));
        }
        int present = 0;
        int switched = 0;
        if (ownIndications) {
            for (int target = 0; target < targets; target++) {
                final int indication = reader.bits(INDICATION_BITS);
                present |= indication == NOT_PRESENT ? 0 : 1 << target;
                switched |= indication == SWITCH ? 1 << target : 0;
            }
        }
        if (reader.isOverrun()) {
            return false;
        }
        if (hasStructure) {
            takeStructure();
        }
        activeDecodeTargets = active;
        final boolean known = takeIndications(descriptor.templateId());
        if (known && ownIndications) {
            framePresent = present;
            frameSwitch = switched;
        }
        return known;
    }

    private boolean takeIndications(final int templateId) {
        final int index = indexOf(templateId);
        if (index == NONE) {
            return false;
        }
        framePresent = presents[index];
        frameSwitch = switches[index];
        return true;
    }

    /** Everything read so far is sound: from here on the new structure counts. */
    private void takeStructure() {
        templateCount = nextTemplateCount;
        System.arraycopy(nextPresents, 0, presents, 0, templateCount);
        System.arraycopy(nextSwitches, 0, switches, 0, templateCount);
        System.arraycopy(nextSpatialIds, 0, spatialIds, 0, templateCount);
        System.arraycopy(nextTemporalIds, 0, temporalIds, 0, templateCount);
        templateIdOffset = nextTemplateIdOffset;
        decodeTargetCount = nextDecodeTargetCount;
        maxSpatialId = nextSpatialIds[templateCount - 1];
        maxTemporalId = nextMaxTemporalId;
        System.arraycopy(nextWidths, 0, widths, 0, widths.length);
        System.arraycopy(nextHeights, 0, heights, 0, heights.length);
    }

    private boolean readStructure() {
        final int firstId = reader.bits(6);
        final int targets = reader.bits(5) + 1;
        int count = 0;
        int spatial = 0;
        int temporal = 0;
        int highestTemporal = 0;
        int next;
        do {
            if (count == MAX_TEMPLATES || temporal > MAX_TEMPORAL_ID || spatial > MAX_SPATIAL_ID) {
                return false;
            }
            nextSpatialIds[count] = (byte) spatial;
            nextTemporalIds[count++] = (byte) temporal;
            highestTemporal = Math.max(highestTemporal, temporal);
            next = reader.bits(2);
            if (next == NEXT_TEMPORAL) {
                temporal++;
            } else if (next == NEXT_SPATIAL) {
                temporal = 0;
                spatial++;
            }
        } while (next != LAST && !reader.isOverrun());
        readIndications(count, targets);
        readRest(count, targets, spatial);
        nextTemplateCount = count;
        nextTemplateIdOffset = firstId;
        nextDecodeTargetCount = targets;
        nextMaxTemporalId = highestTemporal;
        return !reader.isOverrun();
    }

    private void readIndications(final int templates, final int targets) {
        for (int i = 0; i < templates; i++) {
            nextPresents[i] = 0;
            nextSwitches[i] = 0;
            for (int target = 0; target < targets; target++) {
                final int indication = reader.bits(INDICATION_BITS);
                nextPresents[i] |= indication == NOT_PRESENT ? 0 : 1 << target;
                nextSwitches[i] |= indication == SWITCH ? 1 << target : 0;
            }
        }
    }

    /** Frame differences and chains are walked over, to reach the resolutions and what follows. */
    private void readRest(final int templates, final int targets, final int highestSpatial) {
        for (int i = 0; i < templates; i++) {
            while (reader.flag()) {
                reader.skip(4);
            }
        }
        final int chains = reader.nonSymmetric(targets + 1);
        if (chains > 0) {
            for (int i = 0; i < targets; i++) {
                reader.nonSymmetric(chains);
            }
            reader.skip(4 * templates * chains);
        }
        final boolean resolutions = reader.flag();
        for (int i = 0; i <= MAX_SPATIAL_ID; i++) {
            final boolean given = resolutions && i <= highestSpatial;
            nextWidths[i] = given ? reader.bits(Short.SIZE) + 1 : 0;
            nextHeights[i] = given ? reader.bits(Short.SIZE) + 1 : 0;
        }
    }

    private int indexOf(final int templateId) {
        final int index = (templateId - templateIdOffset) & (MAX_TEMPLATES - 1);
        return index < templateCount ? index : NONE;
    }

    /** True when the template is part of the structure. */
    public boolean isKnown(final int templateId) {
        return indexOf(templateId) != NONE;
    }

    /** Spatial layer of a template, or {@link #NONE}. */
    public int spatialId(final int templateId) {
        final int index = indexOf(templateId);
        return index == NONE ? NONE : spatialIds[index];
    }

    /** Temporal layer of a template, or {@link #NONE}. */
    public int temporalId(final int templateId) {
        final int index = indexOf(templateId);
        return index == NONE ? NONE : temporalIds[index];
    }

    /** Highest spatial layer of the structure, or {@link #NONE} before the first one. */
    public int maxSpatialId() {
        return maxSpatialId;
    }

    /** Highest temporal layer of the structure, or {@link #NONE} before the first one. */
    public int maxTemporalId() {
        return maxTemporalId;
    }

    /** Number of decode targets, 0 before the first structure. */
    public int decodeTargetCount() {
        return decodeTargetCount;
    }

    /** Bit n is set when decode target n is being sent. */
    public long activeDecodeTargets() {
        return activeDecodeTargets;
    }

    /** Bit n is set when the frame of the last {@link #update} is part of decode target n. */
    public int framePresent() {
        return framePresent;
    }

    /** Bit n is set when decode target n can be switched to at the frame of the last {@link #update}. */
    public int frameSwitch() {
        return frameSwitch;
    }

    /**
     * Highest spatial layer of a decode target (appendix A.8.3.1), or {@link #NONE} when it has no frames.
     *
     * @param target 0 to {@link #decodeTargetCount()} - 1
     */
    public int targetSpatialId(final int target) {
        return highest(spatialIds, target);
    }

    /** Highest temporal layer of a decode target, or {@link #NONE} when it has no frames. */
    public int targetTemporalId(final int target) {
        return highest(temporalIds, target);
    }

    /** Width in pixels of a spatial layer, 0 when the structure does not tell. */
    public int width(final int spatialId) {
        return spatialId < 0 || spatialId > MAX_SPATIAL_ID ? 0 : widths[spatialId];
    }

    /** Height in pixels of a spatial layer, 0 when the structure does not tell. */
    public int height(final int spatialId) {
        return spatialId < 0 || spatialId > MAX_SPATIAL_ID ? 0 : heights[spatialId];
    }

    private int highest(final byte[] ids, final int target) {
        int highest = NONE;
        for (int i = 0; i < templateCount; i++) {
            if ((presents[i] & (1 << target)) != 0) {
                highest = Math.max(highest, ids[i]);
            }
        }
        return highest;
    }

    /** Forgets the structure, as for a new stream. */
    public void reset() {
        templateCount = 0;
        decodeTargetCount = 0;
        maxSpatialId = NONE;
        maxTemporalId = NONE;
        activeDecodeTargets = 0;
        framePresent = 0;
        frameSwitch = 0;
        Arrays.fill(widths, 0);
        Arrays.fill(heights, 0);
    }
}
