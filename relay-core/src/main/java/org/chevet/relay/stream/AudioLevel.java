package org.chevet.relay.stream;

/**
 * How loud one track is, from the levels its publisher writes beside the sound (RFC 6464): smoothed over
 * {@link #SMOOTHING_NS}, in dBov, from 0, the loudest, to {@link #SILENT}. The sound itself is not looked at. Lane
 * thread only; allocates nothing.
 */
public final class AudioLevel {
    /** Silence, and a track that says nothing. */
    public static final int SILENT = -127;
    /** Time constant of the smoothing, 300 ms. */
    static final long SMOOTHING_NS = 300_000_000L;
    /** A track that sent nothing for this long is silent: encoders pause between words. */
    static final long STALE_NS = 500_000_000L;
    private static final int LEVEL_MASK = 0x7F;

    private double dbov = SILENT;
    private long lastNs = Long.MIN_VALUE;

    /**
     * Takes the level of one packet.
     *
     * @param value the extension's byte: voice activity in the top bit, which is not used because it is optional, and
     *     the level in -dBov below it (RFC 6464 section 3)
     */
    public void onPacket(final int value, final long nowNs) {
        final double heard = -(value & LEVEL_MASK);
        if (lastNs == Long.MIN_VALUE || nowNs - lastNs > STALE_NS) {
            dbov = heard;
        } else {
            final double passedNs = Math.max(0, nowNs - lastNs);
            dbov += (heard - dbov) * (passedNs / (SMOOTHING_NS + passedNs));
        }
        lastNs = nowNs;
    }

    /** The level now, in dBov. */
    public int dbov(final long nowNs) {
        return lastNs == Long.MIN_VALUE || nowNs - lastNs > STALE_NS ? SILENT : (int) Math.round(dbov);
    }
}
