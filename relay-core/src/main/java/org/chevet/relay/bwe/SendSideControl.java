package org.chevet.relay.bwe;

import org.chevet.codec.rtcp.TransportFeedback;

/**
 * Congestion control towards one peer that receives: numbers of its packets, estimate of its link, when paced packets
 * may leave, when probes are due. Holds no packet.
 *
 * <p>Order of use for a packet: {@link #mayLeave}, then {@link #nextTransportNumber} (or {@link #onSentWithoutNumber})
 * once it is certain to leave. Feedback may come at any time. {@link #handleTimeout} at {@link #nextDeadlineNs}.
 *
 * <p>Until the first feedback the start rate holds; who does not answer at all for {@link #SILENCE_NS} is taken for a
 * client that gives none and is not limited. Lane thread only; no allocation after the first packet; at most 76 KiB.
 */
public final class SendSideControl {
    /** Packets leave and nothing is heard of them for this long: the path is gone, or the client gives no feedback. */
    public static final long SILENCE_NS = 2_000_000_000L;
    /** While nothing is heard, the rate falls once in this time. */
    public static final long SILENCE_STEP_NS = 1_000_000_000L;
    /** The clusters at the start have told by then what they can, each in a round trip and a feedback interval. */
    public static final long ESTIMATE_NS = 1_500_000_000L;
    /** With nothing sent there is no feedback, and a rate that would be of use is looked for by the clock. */
    public static final long IDLE_NS = Prober.INTERVAL_NS + 1_000_000_000L;
    /** Receiver reports are gathered over this time; together they make one observation. */
    public static final long REPORTS_NS = 500_000_000L;
    /** IPv4, UDP and the tag of SRTP: the link carries them too. */
    public static final int OVERHEAD_BYTES = 44;

    /** Feedback says that a packet did not arrive. */
    static final int MISSING = 0;
    /** Feedback says when a packet arrived. */
    static final int ARRIVED = 1;
    /** Feedback says that a packet arrived, but not when. */
    static final int ARRIVED_SOME_TIME = 2;

    private static final int FULL_FRACTION = 256;
    private static final double KBPS_NS = Byte.SIZE * 1e6;
    private static final long RTT_PART = 8;

    private final SentPacketLog log = new SentPacketLog();
    private final Pacer pacer = new Pacer();
    private final Prober prober;
    private final BandwidthEstimator estimator;
    private final SendMeter meter = new SendMeter();
    private final BweConfig config;
    private final boolean mayProbe;
    private long usefulBps;
    private boolean limited;
    private boolean everHeard;
    private boolean everFeedback;
    private boolean estimated;
    private long estimatedByNs = Long.MAX_VALUE;
    private long silentSinceNs = Long.MAX_VALUE;
    private long silenceDueNs = Long.MAX_VALUE;
    private long waitNs = Long.MAX_VALUE;
    private long idleNs = Long.MAX_VALUE;
    private int withoutNumberBytes;
    private boolean known;
    private long newestSentNs;
    private boolean applicationLimited;
    private long arrivalTicks;
    private boolean arrivalKnown;
    private long rttNs;
    private long reportsSinceNs;
    private boolean reporting;
    private double fractions;
    private int reports;
    private long reportedPackets;
    private long reportedBytes;

    /**
     * A control that starts at the start rate.
     *
     * @param answers the peer agreed to give feedback; who did not is not limited unless it gives some all the same
     * @param mayProbe the peer takes padding, so clusters can be filled
     */
    public SendSideControl(final BweConfig config, final boolean answers, final boolean mayProbe, final long nowNs) {
        this.config = config;
        this.mayProbe = mayProbe;
        limited = answers;
        prober = new Prober(config);
        estimator = new BandwidthEstimator(config, prober, mayProbe, nowNs);
        usefulBps = config.ceilingBps();
        pacer.setRateBps(limited ? config.startBps() : 0, nowNs);
    }

    /** Says the most that there is to send: probes look for no more than twice that. */
    public void setUsefulBps(final long bps) {
        usefulBps = Math.clamp(bps, config.floorBps(), config.ceilingBps());
    }

    /**
     * True when a packet may leave now. A refusal sets a deadline, at which the packets of {@link Pacer#BURST_NS} may
     * leave together; the packet stays where it is.
     */
    public boolean mayLeave(final ClinicalClass clinicalClass, final long nowNs) {
        if (!limited || !clinicalClass.isPaced()) {
            return true;
        }
        if (prober.isActive(nowNs)) {
            // The cluster's pace is the faster one, and media is better than padding.
            if (prober.lackingBytes(nowNs) > 0) {
                return true;
            }
        }
        final long readyNs = pacer.readyNs(clinicalClass, nowNs);
        if (readyNs == Pacer.NOW) {
            return true;
        }
        waitNs = Math.min(waitNs, Math.max(readyNs, nowNs + Pacer.BURST_NS));
        return false;
    }

    /** A packet leaves now; its transport-wide sequence number, 0 to 65535. */
    public int nextTransportNumber(final ClinicalClass clinicalClass, final int bytes, final long nowNs) {
        final int cluster = mayProbe ? prober.cluster(nowNs) : SentPacketLog.NO_CLUSTER;
        onSent(bytes, nowNs);
        if (cluster != SentPacketLog.NO_CLUSTER) {
            prober.onSent(bytes, nowNs);
        }
        // What left without a number took its part of the link, and nobody else will tell of it.
        final int charged = bytes + withoutNumberBytes;
        withoutNumberBytes = 0;
        awaitAnswer(nowNs);
        return log.add(charged, clinicalClass, cluster, nowNs);
    }

    /** A packet leaves now that carries no transport-wide number. */
    public void onSentWithoutNumber(final int bytes, final long nowNs) {
        onSent(bytes, nowNs);
        withoutNumberBytes = Math.min(withoutNumberBytes + bytes, Short.MAX_VALUE);
        if (!everFeedback) {
            awaitAnswer(nowNs);
        }
    }

    /** A datagram leaves once more under the transport-wide number it had. */
    public void onSentAgain(final int transportNumber, final int bytes, final long nowNs) {
        onSentWithoutNumber(bytes, nowNs);
        final int index = log.find(transportNumber, nowNs);
        if (index != SentPacketLog.NOT_FOUND) {
            log.onRepeated(index);
        }
    }

    private void onSent(final int bytes, final long nowNs) {
        pacer.onSent(bytes, nowNs);
        meter.onSent(bytes, estimator.targetBps(), nowNs);
        reportedPackets++;
        reportedBytes += bytes;
    }

    private void awaitAnswer(final long nowNs) {
        if (silentSinceNs == Long.MAX_VALUE) {
            silentSinceNs = nowNs;
            silenceDueNs = nowNs + SILENCE_NS;
        } else if (nowNs >= silenceDueNs) {
            onSilence(nowNs);
        }
    }

    private void onSilence(final long nowNs) {
        silenceDueNs = nowNs + SILENCE_STEP_NS;
        if (everHeard) {
            estimator.onSilence(nowNs);
            apply(nowNs);
        } else {
            limited = false;
            pacer.setRateBps(0, nowNs);
        }
    }

    private void heard() {
        everHeard = true;
        limited = true;
        silentSinceNs = Long.MAX_VALUE;
        silenceDueNs = Long.MAX_VALUE;
    }

    /** Takes transport-wide feedback; the walker is used up. */
    public void onTransportFeedback(final TransportFeedback feedback, final long nowNs) {
        beginFeedback();
        while (feedback.next()) {
            final boolean received = feedback.isReceived();
            onReport(feedback.sequence(), received ? ARRIVED : MISSING,
                received ? arrivalNs(feedback.arrivalTicks()) : 0, nowNs);
        }
        endFeedback(nowNs);
    }

    /** The transport-wide number given last. */
    int newestNumber() {
        return log.newest();
    }

    /** Feedback of whatever form begins: {@link #onReport} for each packet in the order of sending, then the end. */
    void beginFeedback() {
        known = false;
        newestSentNs = Long.MIN_VALUE;
        applicationLimited = meter.isLimited();
    }

    /**
     * What feedback says of one packet.
     *
     * @param state {@link #MISSING}, {@link #ARRIVED} or {@link #ARRIVED_SOME_TIME}
     * @param arrivalNs by the receiver's clock, with {@link #ARRIVED}
     */
    void onReport(final int transportNumber, final int state, final long arrivalNs, final long nowNs) {
        final int index = log.find(transportNumber, nowNs);
        if (index == SentPacketLog.NOT_FOUND) {
            return;
        }
        known = true;
        if (state == MISSING || log.isRepeated(index)) {
            if (log.onLost(index)) {
                estimator.onLoss(log.sentNs(index), log.sizeBytes(index));
            }
            return;
        }
        final boolean late = log.isLost(index);
        if (log.onReceived(index)) {
            if (late) {
                estimator.onFound();
            } else if (state == ARRIVED) {
                newestSentNs = log.sentNs(index);
                estimator.onArrival(newestSentNs, arrivalNs, log.sizeBytes(index), log.cluster(index));
            }
        }
    }

    /** The feedback is complete. */
    void endFeedback(final long nowNs) {
        if (!known) {
            return;
        }
        heard();
        everFeedback = true;
        if (newestSentNs != Long.MIN_VALUE && rttNs == 0) {
            estimator.onRtt(nowNs - newestSentNs);
        }
        if (mayProbe) {
            estimator.endFeedback(applicationLimited, usefulBps, nowNs);
        } else {
            estimator.endFeedback(applicationLimited, 0, nowNs);
        }
        if (!estimated) {
            estimatedByNs = Math.min(estimatedByNs, nowNs + ESTIMATE_NS);
            estimated = nowNs >= estimatedByNs || (mayProbe && !prober.isStarting())
                || estimator.targetBps() < config.startBps();
        }
        apply(nowNs);
        idleNs = estimator.targetBps() < usefulBps ? nowNs + IDLE_NS : Long.MAX_VALUE;
    }

    /** The receiver's ticks wrap with 32 bits: the shorter way round is meant. */
    private long arrivalNs(final long ticks) {
        arrivalTicks = arrivalKnown ? arrivalTicks + (int) (ticks - arrivalTicks) : ticks;
        arrivalKnown = true;
        return arrivalTicks * TransportFeedback.TICK_NS;
    }

    /** Takes the receiver's own estimate (REMB); of no interest once there was transport-wide feedback. */
    public void onReceiverEstimate(final long bps, final long nowNs) {
        if (!everFeedback) {
            heard();
            estimated = true;
            estimator.onReceiverEstimate(bps, meter.isLimited(), nowNs);
            apply(nowNs);
        }
    }

    /**
     * Takes a block of a receiver report.
     *
     * @param fractionLost in 1/256, as it stands in the block
     * @param roundTripNs 0 when the block tells none
     */
    public void onReceiverReport(final int fractionLost, final long roundTripNs, final long nowNs) {
        if (roundTripNs > 0) {
            rttNs = rttNs == 0 ? roundTripNs : rttNs + (roundTripNs - rttNs) / RTT_PART;
            estimator.onRtt(rttNs);
        }
        if (everFeedback) {
            return;
        }
        if (!reporting) {
            reporting = true;
            reportsSinceNs = nowNs;
            reportedPackets = 0;
            reportedBytes = 0;
        }
        fractions += (double) fractionLost / FULL_FRACTION;
        reports++;
        final long elapsedNs = nowNs - reportsSinceNs;
        if (elapsedNs >= REPORTS_NS) {
            // The mean of all streams: a stream with few packets loses like the others where the link is the cause.
            final double kbps = reportedBytes * KBPS_NS / elapsedNs;
            estimator.onReports(fractions / reports, (double) reportedPackets, kbps, nowNs);
            if (everHeard) {
                heard();
                apply(nowNs);
            }
            reportsSinceNs = nowNs;
            reportedPackets = 0;
            reportedBytes = 0;
            fractions = 0;
            reports = 0;
        }
    }

    private void apply(final long nowNs) {
        pacer.setRateBps(estimator.targetBps(), nowNs);
    }

    /** Bytes of padding wanted now to fill a probe; 0 when none is. */
    public int paddingBytes(final long nowNs) {
        return mayProbe && limited ? Math.clamp(prober.lackingBytes(nowNs), 0, Short.MAX_VALUE) : 0;
    }

    /** Rate in bit/s that all packets together should not exceed; the ceiling for who gives no feedback. */
    public long targetBps() {
        return limited ? estimator.targetBps() : config.ceilingBps();
    }

    /**
     * False while the target is only where the search began: who divides it among streams had better wait, for at
     * most {@link #ESTIMATE_NS} after the first feedback. Packets are paced all the same.
     */
    public boolean isEstimated() {
        return limited && estimated;
    }

    /** What arrives at the peer in bit/s, or -1 while it is not known. */
    public long acknowledgedBps() {
        return estimator.acknowledgedBps();
    }

    /** How long the packets of the last feedback waited in queues on their way, in nanoseconds. */
    public long queueDelayNs() {
        return estimator.queueDelayNs();
    }

    /** Bytes sent and neither reported nor forgotten. */
    public long outstandingBytes() {
        return log.outstandingBytes();
    }

    /** True when paced packets may have to wait. */
    public boolean isLimited() {
        return limited;
    }

    /**
     * When a refused packet may leave, a probe wants its next packets or one is due because nothing is heard any more;
     * or {@code Long.MAX_VALUE}.
     */
    public long nextDeadlineNs() {
        return Math.min(idleNs, turnNs());
    }

    private long turnNs() {
        return Math.min(waitNs, mayProbe && limited ? prober.nextDeadlineNs() : Long.MAX_VALUE);
    }

    /** True when something was refused or a probe is under way: after feedback it may go on at once. */
    public boolean isWaiting() {
        return turnNs() != Long.MAX_VALUE;
    }

    /** The deadline has come: ask {@link #mayLeave} and {@link #paddingBytes} again. */
    public void handleTimeout(final long nowNs) {
        if (nowNs >= waitNs) {
            waitNs = Long.MAX_VALUE;
        }
        if (nowNs >= idleNs) {
            idleNs = estimator.targetBps() < usefulBps ? nowNs + IDLE_NS : Long.MAX_VALUE;
            estimator.onIdle(usefulBps, nowNs);
            apply(nowNs);
        }
        if (mayProbe && nowNs >= prober.nextDeadlineNs()) {
            prober.onDeadline(nowNs);
        }
    }
}
