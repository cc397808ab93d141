package org.chevet.relay.sctp;

/** Round trip and retransmission timeout (RFC 9260 section 6.3.1). One thread. */
final class RetransmissionTimeout {
    /** RTO.Initial. */
    static final long INITIAL_NS = 1_000_000_000L;
    /** RTO.Min: under the 1 s of section 16 because a lost vital must not wait that long; above a delayed SACK. */
    static final long MIN_NS = 400_000_000L;
    /** RTO.Max: under the 60 s of section 16 because consent (RFC 7675) ends a dead path far earlier. */
    static final long MAX_NS = 10_000_000_000L;

    private static final int ALPHA = 8;
    private static final int BETA = 4;

    private long smoothedNs;
    private long variationNs;
    private long timeoutNs = INITIAL_NS;

    void sample(final long roundTripNs) {
        final long sample = Math.max(0, roundTripNs);
        if (smoothedNs == 0) {
            smoothedNs = Math.max(1, sample);
            variationNs = sample / 2;
        } else {
            variationNs += (Math.abs(smoothedNs - sample) - variationNs) / BETA;
            smoothedNs = Math.max(1, smoothedNs + (sample - smoothedNs) / ALPHA);
        }
        timeoutNs = Math.clamp(smoothedNs + 4 * variationNs, MIN_NS, MAX_NS);
    }

    /** Doubles (section 6.3.3 rule E2). */
    void backOff() {
        timeoutNs = Math.min(2 * timeoutNs, MAX_NS);
    }

    long timeoutNs() {
        return timeoutNs;
    }

    /** The smoothed round trip, 0 before the first sample. */
    long roundTripNs() {
        return smoothedNs;
    }
}
