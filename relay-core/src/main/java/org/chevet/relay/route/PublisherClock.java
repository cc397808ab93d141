package org.chevet.relay.route;

import org.chevet.codec.wire.NtpTime;
import org.chevet.relay.stream.ClockFilter;

/**
 * The NTP clock of one publishing connection, which its sender reports speak of, against the lane's: the relay's
 * receiver reference times (RFC 3611 section 4.4) are answered beside a sender report, and the two together are one
 * exchange of {@link ClockFilter}. Publishers that do not answer (the answer is not mandatory) stay unknown. Lane
 * thread only.
 */
final class PublisherClock {
    /** Answers to older questions than this are none: the 32 bits may have wrapped. */
    private static final long OLDEST_NS = 60_000_000_000L;
    /** Reports count in 1/65536 s, and a sender reads its clock several times while it writes one. */
    private static final long RESOLUTION_NS = 500_000;

    private final ClockFilter filter = new ClockFilter(RESOLUTION_NS);

    /** The reference time to send now: the lane's clock as an NTP timestamp. */
    static long referenceTime(final long nowNs) {
        return NtpTime.ofUnixNs(nowNs);
    }

    /**
     * Takes an answer.
     *
     * @param ntp when it left, by the publisher's clock
     * @param lastReference which question it answers: middle 32 bits of its reference time
     * @param delay since that arrived, in 1/65536 s
     */
    void onAnswer(final long ntp, final int lastReference, final int delay, final long nowNs) {
        final long askedNs =
            NtpTime.middle32ToNs(NtpTime.middle32(NtpTime.ofUnixNs(nowNs)) - lastReference);
        final long heldNs = NtpTime.middle32ToNs(delay);
        if (lastReference == 0 || askedNs > OLDEST_NS || heldNs > askedNs + RESOLUTION_NS) {
            return;
        }
        final long leftNs = NtpTime.toUnixNs(ntp);
        filter.add(nowNs - askedNs, leftNs - heldNs, leftNs, nowNs);
    }

    /** True after enough answers. */
    boolean known() {
        return filter.isReady();
    }

    /** The lane's time of an NTP timestamp of the publisher's. Needs {@link #known()}. */
    long laneNs(final long ntp, final long nowNs) {
        return NtpTime.toUnixNs(ntp) - filter.offsetNs(nowNs);
    }

    /** {@link #laneNs} is true within plus or minus this. */
    long uncertaintyNs(final long nowNs) {
        return filter.uncertaintyNs(nowNs);
    }
}
