package org.chevet.codec.payload;

/**
 * The template structure of one stream (RTP Payload Format For AV1, appendix A.8.3): which layers a template id
 * stands for. Read from a key frame, it serves until the next structure.
 *
 * <p>Keeps layers and counts; the indications and chains of decode targets are walked over. Allocates nothing after
 * construction. Not thread-safe: owned by one stream.
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

    private static final int FLAG_BITS = 5;
    private static final int NEXT_TEMPORAL = 1;
    private static final int NEXT_SPATIAL = 2;
    private static final int LAST = 3;

    private final BitReader reader = new BitReader();
    private final byte[] spatialIds = new byte[MAX_TEMPLATES];
    private final byte[] temporalIds = new byte[MAX_TEMPLATES];
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
     * Takes over the structure of a descriptor that has one, and the active decode targets of one that has them.
     *
     * @return false when the descriptor is malformed or speaks of templates that are not known; what was known stays
     */
    public boolean update(final DependencyDescriptor descriptor) {
        if (descriptor.length() <= DependencyDescriptor.MANDATORY_LENGTH) {
            return isKnown(descriptor.templateId());
        }
        reader.wrap(descriptor.buffer(), descriptor.offset() + DependencyDescriptor.MANDATORY_LENGTH,
            descriptor.length() - DependencyDescriptor.MANDATORY_LENGTH);
        reader.skip(FLAG_BITS);
        final boolean hasStructure = descriptor.hasStructure();
        if (hasStructure && !readStructure()) {
            return false;
        }
        final int targets = hasStructure ? nextDecodeTargetCount : decodeTargetCount;
        long active = hasStructure ? (1L << targets) - 1 : activeDecodeTargets;
        if (descriptor.hasActiveDecodeTargets() && targets > 0) {
            active = Integer.toUnsignedLong(reader.bits(targets));
        }
        if (reader.isOverrun()) {
            return false;
        }
        if (hasStructure) {
            takeStructure();
        }
        activeDecodeTargets = active;
        return isKnown(descriptor.templateId());
    }

    /** Everything read so far is sound: from here on the new structure counts. */
    private void takeStructure() {
        templateCount = nextTemplateCount;
        System.arraycopy(nextSpatialIds, 0, spatialIds, 0, templateCount);
        System.arraycopy(nextTemporalIds, 0, temporalIds, 0, templateCount);
        templateIdOffset = nextTemplateIdOffset;
        decodeTargetCount = nextDecodeTargetCount;
        maxSpatialId = nextSpatialIds[templateCount - 1];
        maxTemporalId = nextMaxTemporalId;
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
        skipDependencies(count, targets, spatial);
        nextTemplateCount = count;
        nextTemplateIdOffset = firstId;
        nextDecodeTargetCount = targets;
        nextMaxTemporalId = highestTemporal;
        return !reader.isOverrun();
    }

    /** Decode target indications, frame differences, chains and resolutions: walked over, to reach what follows. */
    private void skipDependencies(final int templates, final int targets, final int highestSpatial) {
        reader.skip(2 * templates * targets);
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
        if (reader.flag()) {
            reader.skip(2 * Short.SIZE * (highestSpatial + 1));
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

    /** Forgets the structure, as for a new stream. */
    public void reset() {
        templateCount = 0;
        decodeTargetCount = 0;
        maxSpatialId = NONE;
        maxTemporalId = NONE;
        activeDecodeTargets = 0;
    }
}
