package org.chevet.relay.stream;

/**
 * The last sender report of a source: which wall-clock time of the sender is which RTP timestamp
 * (RFC 3550 section 6.4.1). Lane thread only.
 */
public final class SenderClock {
    private static final double NTP_UNITS_PER_SECOND = 4294967296.0;

    private boolean known;
    private long ntp;
    private int timestamp;
    private long receivedNs;

    /** Takes the mapping of a sender report: 64-bit NTP time, RTP timestamp, arrival. */
    public void onSenderReport(final long reportNtp, final int reportTimestamp, final long nowNs) {
        known = true;
        ntp = reportNtp;
        timestamp = reportTimestamp;
        receivedNs = nowNs;
    }

    /** Forgets: the source restarted. */
    public void clear() {
        known = false;
    }

    /** True after a sender report. */
    public boolean known() {
        return known;
    }

    /** NTP time of the last report, 64-bit fixed point. */
    public long ntp() {
        return ntp;
    }

    /** Time since the last report arrived. */
    public long ageNs(final long nowNs) {
        return nowNs - receivedNs;
    }

    /** RTP timestamp of the last report. */
    public int timestamp() {
        return timestamp;
    }

    /** LSR of a report block: the middle 32 bits of the NTP time, 0 without a report. */
    public int lastReport() {
        return known ? (int) (ntp >>> 16) : 0;
    }

    /** DLSR of a report block: time since the report arrived in 1/65536 s, 0 without a report. */
    public int delaySinceLastReport(final long nowNs) {
        if (!known) {
            return 0;
        }
        final long elapsedNs = Math.clamp(nowNs - receivedNs, 0, 65_000_000_000_000L);
        return (int) (((elapsedNs / 1000) << 16) / 1_000_000);
    }

    /** The NTP time at which this source would show an RTP timestamp. Needs {@link #known()}. */
    public long ntpOf(final int otherTimestamp, final int clockRate) {
        final double seconds = (double) (otherTimestamp - timestamp) / clockRate;
        return ntp + (long) (seconds * NTP_UNITS_PER_SECOND);
    }

    /** The RTP timestamp this source would show at an NTP time. Needs {@link #known()}. */
    public int timestampAt(final long otherNtp, final int clockRate) {
        final double seconds = (otherNtp - ntp) / NTP_UNITS_PER_SECOND;
        return timestamp + (int) Math.round(seconds * clockRate);
    }
}
