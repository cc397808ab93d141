package org.chevet.relay.bwe;

/**
 * What a consultation is doing, and so which of its videos and backfill get bandwidth first. Alerts to device audio
 * keep their places in every mode: they are never lowered.
 */
public enum ExamMode {
    /** Every video keeps its lowest step as long as it can; what is left goes to scope and guided video, then faces. */
    NORMAL(Pacer.MAX_QUEUE_NS),
    /**
     * Listening: faces come last, after what is sent again of sound and waveforms, and on their lowest step, so that
     * their key frames do not stand in front of the sound.
     */
    AUSCULTATION(Pacer.MAX_QUEUE_NS),
    /** Looking: scope video gets all it wants, sharpness first, before a face gets anything. */
    SCOPE(Pacer.MAX_QUEUE_NS),
    /** Guiding a hand: guided video gets all it wants, frame rate first, and its queues are kept short. */
    GESTURE(150_000_000L);

    /** Classes that can be lowered and paused. */
    static final int CLASSES = 3;

    private final long maxQueueNs;

    ExamMode(final long maxQueueNs) {
        this.maxQueueNs = maxQueueNs;
    }

    /** How long a packet of a video may wait before it is of no use, in ns. */
    public long maxQueueNs(final ClinicalClass clinicalClass) {
        return clinicalClass == ClinicalClass.GUIDED_VIDEO ? maxQueueNs : Pacer.MAX_QUEUE_NS;
    }

    /** The class at a place of the order, 0 to {@link #CLASSES} - 1; the last one yields first. */
    ClinicalClass at(final int place) {
        if (place == 0) {
            return ClinicalClass.GUIDED_VIDEO;
        }
        return (place == 1) == (this == AUSCULTATION) ? ClinicalClass.BACKFILL : ClinicalClass.FACE_VIDEO;
    }

    /** True for a video that gets all it wants before the others get anything. */
    boolean isFirst(final ClinicalClass clinicalClass, final VideoProfile profile) {
        return clinicalClass == ClinicalClass.GUIDED_VIDEO && (this == SCOPE ? profile != VideoProfile.MOTION
            : this == GESTURE && profile != VideoProfile.DETAIL);
    }

    /** True for a video that stays on its lowest step. */
    boolean isLowest(final ClinicalClass clinicalClass) {
        return this == AUSCULTATION && clinicalClass == ClinicalClass.FACE_VIDEO;
    }

    /** The profile a video without one of its own has in this mode. */
    public VideoProfile profile(final ClinicalClass clinicalClass, final VideoProfile own) {
        if (own != VideoProfile.BALANCED || clinicalClass != ClinicalClass.GUIDED_VIDEO) {
            return own;
        }
        return this == SCOPE ? VideoProfile.DETAIL : this == GESTURE ? VideoProfile.MOTION : own;
    }
}
