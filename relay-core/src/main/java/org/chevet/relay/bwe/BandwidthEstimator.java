package org.chevet.relay.bwe;

/**
 * How much may be sent towards one peer, in the structure of current Google congestion control
 * (draft-ietf-rmcat-gcc-02): the delay gives one bound, the losses another, probes lift both. Without transport-wide
 * feedback the receiver's own estimate (REMB) takes the place of the delay and its reports that of the losses.
 *
 * <p>Feedback is told packet by packet in the order of sending, then {@link #endFeedback}. Lane thread only; no
 * allocation after construction; 1 KiB.
 */
final class BandwidthEstimator {
    /** A group this much later or earlier than its sending says: the receiver's clock jumped, or the path changed. */
    static final long MAX_JUMP_NS = 3_000_000_000L;
    /** A fall to less than this part of the best rate is a drop that probes look for the end of. */
    static final double LARGE_DROP = Prober.DROPPED;
    /** How long a rate is remembered after a drop; after that the path is another one. */
    static final long BEST_AGE_NS = 120_000_000_000L;
    /** What is left of the rate for each time {@link #onSilence} is called. */
    static final double SILENCE_DECREASE = 0.7;

    /** A queue may stand for this long, and for twice as long after each decrease that did not drain it. */
    static final long DRAIN_NS = 500_000_000L;
    /** That time is doubled so often at most. */
    static final int MAX_DOUBLINGS = 4;
    /** More loss than this is not made up for. */
    static final double MAX_INHERENT = 0.2;

    /** Growth where nothing is heard and no probe can be sent, for each time {@link #onIdle} is called. */
    static final double IDLE_INCREASE = 1.5;

    private final BweConfig config;
    private final boolean probed;
    private final InterArrival groups = new InterArrival();
    private final DelayTrend trend = new DelayTrend();
    private final OveruseDetector detector = new OveruseDetector();
    private final QueueDelay queue = new QueueDelay();
    private final AcknowledgedRate acknowledged = new AcknowledgedRate();
    private final RateControl control;
    private final LossModel losses;
    private final Prober prober;
    private boolean byReceiver;
    private boolean overused;
    private long standingNs;
    private int drains;
    private long targetBps;
    private long bestBps;
    private long bestNs;

    BandwidthEstimator(final BweConfig config, final Prober prober, final boolean probed, final long nowNs) {
        this.config = config;
        this.prober = prober;
        this.probed = probed;
        control = new RateControl(config, probed, nowNs);
        standingNs = nowNs;
        losses = new LossModel(config.startBps());
        targetBps = config.startBps();
    }

    /** A packet arrived, at a time of the receiver's clock. */
    void onArrival(final long sentNs, final long arrivalNs, final int sizeBytes, final int cluster) {
        acknowledged.add(arrivalNs, sizeBytes);
        losses.add(sentNs, sizeBytes, false);
        queue.add(sentNs, arrivalNs);
        prober.onArrival(cluster, sentNs, arrivalNs, sizeBytes);
        if (!groups.add(sentNs, arrivalNs)) {
            return;
        }
        if (Math.abs(groups.arrivalDeltaNs() - groups.sendDeltaNs()) > MAX_JUMP_NS) {
            trend.reset();
            detector.reset();
            acknowledged.reset();
            queue.reset();
            return;
        }
        trend.add(groups.arrivalDeltaNs(), groups.sendDeltaNs(), groups.arrivalNs());
        detector.update(trend, groups.sendDeltaNs(), groups.arrivalNs());
        overused |= detector.use() == LinkUse.OVERUSE;
    }

    /** A packet is missing. */
    void onLoss(final long sentNs, final int sizeBytes) {
        losses.add(sentNs, sizeBytes, true);
    }

    /** A packet that was missing arrived late. */
    void onFound() {
        losses.takeBack();
    }

    /** All packets of a feedback were told; {@code usefulBps} is the most that anybody has use for. */
    void endFeedback(final boolean limited, final long usefulBps, final long nowNs) {
        byReceiver = false;
        prober.begin(nowNs);
        // The detector falls back at once, the queue does not: overuse anywhere in the feedback counts.
        queue.settle(nowNs);
        final LinkUse use = overused ? LinkUse.OVERUSE : detector.use();
        overused = false;
        final long acknowledgedBps = passedBps();
        control.update(use, acknowledgedBps, limited, queue.delayNs(), nowNs);
        drain(acknowledgedBps, limited, nowNs);
        final long probedBps = prober.pollResult(nowNs);
        if (probedBps != ProbeMeter.NONE && use != LinkUse.OVERUSE) {
            control.onProbe(probedBps, acknowledgedBps, nowNs);
            losses.onProbe(Math.min(probedBps, control.rateBps()));
        }
        losses.update(control.rateBps(), acknowledgedBps, queue.isStanding());
        setTarget(Math.min(control.rateBps(), losses.rateBps()), nowNs);
        prober.consider(targetBps, bestBps, limited, usefulBps, use == LinkUse.NORMAL, nowNs);
    }

    /**
     * A queue that stands neither grows nor shrinks, so the trend says nothing of it. It is drained by decreases that
     * become rare when they do not help: then it is the queue of others, who would take all that is left.
     */
    private void drain(final long acknowledgedBps, final boolean limited, final long nowNs) {
        if (!queue.isStanding()) {
            standingNs = nowNs;
            drains = 0;
        } else if (nowNs - standingNs >= DRAIN_NS << drains && acknowledgedBps >= 0) {
            standingNs = nowNs;
            drains = Math.min(drains + 1, MAX_DOUBLINGS);
            control.drain(acknowledgedBps, limited, queue.delayNs(), nowNs);
        }
    }

    /** What arrives, and what the link lost behind its narrowest place by itself: that place let both through. */
    private long passedBps() {
        final long bps = acknowledged.bps();
        return bps < 0 ? bps : (long) (bps / (1 - Math.min(losses.inherentLoss(), MAX_INHERENT)));
    }

    /** The receiver's own estimate, where there is no other. */
    void onReceiverEstimate(final long receiverBps, final boolean limited, final long nowNs) {
        byReceiver = true;
        // A receiver cannot tell of more than it gets: what was paused would never be tried again.
        final long grownBps = limited ? (long) (control.rateBps() * RateControl.INCREASE) : 0;
        control.force(Math.max(receiverBps, grownBps), nowNs);
        setTarget(Math.min(control.rateBps(), losses.rateBps()), nowNs);
    }

    /** What receiver reports say of the packets sent since the last time, where there is no other feedback. */
    void onReports(final double lossFraction, final double packets, final double sentKbps, final long nowNs) {
        if (byReceiver) {
            losses.observe(packets, packets * lossFraction, sentKbps, control.rateBps(), AcknowledgedRate.UNKNOWN,
                false);
            setTarget(Math.min(control.rateBps(), losses.rateBps()), nowNs);
        }
    }

    /** Nothing was heard for long because next to nothing was sent, and more would be of use. */
    void onIdle(final long usefulBps, final long nowNs) {
        if (probed) {
            prober.consider(targetBps, bestBps, true, usefulBps, true, nowNs);
        } else {
            control.force((long) (targetBps * IDLE_INCREASE), nowNs);
            losses.onProbe(control.rateBps());
            setTarget(Math.min(control.rateBps(), losses.rateBps()), nowNs);
        }
    }

    /** Packets leave and nothing is heard of them. */
    void onSilence(final long nowNs) {
        control.force((long) (targetBps * SILENCE_DECREASE), nowNs);
        setTarget(control.rateBps(), nowNs);
    }

    void onRtt(final long rttNs) {
        control.setRtt(rttNs);
    }

    private void setTarget(final long wantedBps, final long nowNs) {
        targetBps = Math.clamp(wantedBps, config.floorBps(), config.ceilingBps());
        final boolean aged = nowNs - bestNs > BEST_AGE_NS;
        if (targetBps >= bestBps * LARGE_DROP || aged) {
            // Small changes are the control's daily work: only what lies far below is a drop. And only what arrived
            // once is worth looking for again.
            bestBps = Math.max(Math.min(targetBps, acknowledged.bps()), aged ? 0 : bestBps);
            bestNs = nowNs;
        }
    }

    /** Rate in bit/s that may be sent. */
    long targetBps() {
        return targetBps;
    }

    /** What arrives at the peer in bit/s, or {@link AcknowledgedRate#UNKNOWN}. */
    long acknowledgedBps() {
        return acknowledged.bps();
    }

    /** How long the packets of the last feedback waited in queues. */
    long queueDelayNs() {
        return queue.delayNs();
    }

    /** What the queue does. */
    LinkUse use() {
        return detector.use();
    }
}
