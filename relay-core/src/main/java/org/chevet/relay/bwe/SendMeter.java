package org.chevet.relay.bwe;

/**
 * Whether so much less is sent than could be that what arrives is no measure of the link. Looks at windows of
 * {@link #WINDOW_NS}. Lane thread only.
 */
final class SendMeter {
    /** Length of a window: several frames, and shorter than a pause of speech. */
    static final long WINDOW_NS = 500_000_000L;
    /** Below this part of the target: limited by what there is to send. */
    static final double LIMITED = 0.65;
    /** From this part of the target on: not limited any more. */
    static final double FREE = 0.8;
    private static final double BITS_PER_SECOND = Byte.SIZE * 1e9;

    private boolean started;
    private boolean limited;
    private long sinceNs;
    private long bytes;

    /** A packet left while this was the target. */
    void onSent(final int sizeBytes, final long targetBps, final long nowNs) {
        if (!started) {
            started = true;
            sinceNs = nowNs;
        }
        final long elapsedNs = nowNs - sinceNs;
        if (elapsedNs >= WINDOW_NS) {
            final double part = bytes * BITS_PER_SECOND / elapsedNs / targetBps;
            limited = part < (limited ? FREE : LIMITED);
            sinceNs = nowNs;
            bytes = 0;
        }
        bytes += sizeBytes;
    }

    boolean isLimited() {
        return limited;
    }
}
