package org.chevet.relay.stream;

/**
 * Round trip to a receiver from LSR and DLSR of its reports (RFC 3550 section 6.4.1).
 *
 * <p>The relay sends reports with the publisher's clock in them, so it remembers when each left instead of reading
 * the time out of LSR. Lane thread only.
 */
public final class RoundTrips {
    /** Reports remembered: receivers answer the last one or the one before. */
    private static final int REMEMBERED = 8;
    private static final long MAX_ROUND_TRIP_NS = 60_000_000_000L;

    private final int[] lastReports = new int[REMEMBERED];
    private final long[] sentNs = new long[REMEMBERED];
    private int next;
    private int count;
    private long roundTripNs = -1;

    /** A sender report with this middle of the NTP time left. */
    public void onReportSent(final int lastReport, final long nowNs) {
        lastReports[next] = lastReport;
        sentNs[next] = nowNs;
        next = (next + 1) % REMEMBERED;
        count = Math.min(count + 1, REMEMBERED);
    }

    /** A report block came back; one that answers no remembered report says nothing. */
    public void onReportBlock(final int lastReport, final int delaySinceLastReport, final long nowNs) {
        if (lastReport == 0) {
            return;
        }
        for (int i = 1; i <= count; i++) {
            final int index = (next - i + REMEMBERED) % REMEMBERED;
            if (lastReports[index] == lastReport) {
                final long delayNs = ((delaySinceLastReport & 0xFFFF_FFFFL) * 1_000_000_000L) >> 16;
                final long sampleNs = nowNs - sentNs[index] - delayNs;
                if (sampleNs >= 0 && sampleNs <= MAX_ROUND_TRIP_NS) {
                    roundTripNs = roundTripNs < 0 ? sampleNs : roundTripNs + (sampleNs - roundTripNs) / 8;
                }
                return;
            }
        }
    }

    /** Smoothed round trip, or -1 before the first measurement. */
    public long roundTripNs() {
        return roundTripNs;
    }
}
