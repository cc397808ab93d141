package org.chevet.relay.bwe;

/**
 * Decides when to try a rate that was not sent yet, by a short cluster of packets that media opens and padding fills:
 * at the start, while the rate is far below what it was before a drop, and while less is sent than could be, so that
 * room is known before it is needed. One cluster at a time; after a fault of any kind it ends by itself.
 *
 * <p>Bounds: a cluster takes at most {@link #MAX_CLUSTER_NS} and, but for the doubling after a success, starts at
 * most once in {@link #INTERVAL_NS}. Lane thread only.
 */
final class Prober {
    /** First cluster, times the start rate. */
    static final double FIRST = 3;
    /** Second cluster, times the start rate. */
    static final double SECOND = 6;
    /** Further clusters, times the rate that went through. */
    static final double FURTHER = 2;
    /** Part of a cluster's rate that must have arrived for a further one. */
    static final double SUCCESS = 0.7;
    /** A rate below this part of an earlier one is worth probing. */
    static final double DROPPED = 0.66;
    /** Least time of a cluster: shorter ones measure the timer. */
    static final long CLUSTER_NS = 15_000_000L;
    /** Least packets of a cluster. */
    static final int CLUSTER_PACKETS = 5;
    /** A cluster that is not full by then is given up: nobody has padding to send. */
    static final long MAX_CLUSTER_NS = 250_000_000L;
    /** Packets of a cluster leave in groups of this time. */
    static final long STEP_NS = 5_000_000L;
    /** Feedback about a cluster is waited for this long. */
    static final long ANSWER_NS = 1_000_000_000L;
    /** Between the beginnings of two series of clusters. */
    static final long INTERVAL_NS = 5_000_000_000L;

    private static final int MAX_CLUSTER_ID = 1 << 20;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final BweConfig config;
    private final ProbeMeter meter = new ProbeMeter();
    private boolean begun;
    private boolean started;
    private boolean starting = true;
    private boolean active;
    private boolean awaiting;
    private int cluster;
    private long rateBps;
    private long sinceNs;
    private long answerByNs;
    private int sentPackets;
    private long sentBytes;
    private long seriesNs;
    private long nextBps;
    private long wokenNs = Long.MIN_VALUE;

    Prober(final BweConfig config) {
        this.config = config;
    }

    /** The first feedback has come: the peer answers, so the first cluster makes sense. */
    void begin(final long nowNs) {
        if (!begun) {
            begun = true;
            seriesNs = nowNs;
            request((long) (FIRST * config.startBps()), nowNs);
        }
    }

    private void request(final long wantedBps, final long nowNs) {
        rateBps = Math.min(wantedBps, config.ceilingBps());
        cluster = (cluster + 1) % MAX_CLUSTER_ID;
        meter.begin(cluster);
        active = true;
        started = false;
        awaiting = false;
        sinceNs = nowNs;
        sentPackets = 0;
        sentBytes = 0;
    }

    /** True when packets that leave now belong to a cluster, whose pace takes the place of the pacer's. */
    boolean isActive(final long nowNs) {
        if (active && nowNs - sinceNs >= MAX_CLUSTER_NS) {
            active = false;
            awaiting = false;
            starting = false;
        }
        return active;
    }

    /** The cluster packets belong to now, or {@link SentPacketLog#NO_CLUSTER}. */
    int cluster(final long nowNs) {
        return isActive(nowNs) ? cluster : SentPacketLog.NO_CLUSTER;
    }

    /** Bytes the cluster lacks now; 0 or less means not yet, or none. */
    long lackingBytes(final long nowNs) {
        if (!isActive(nowNs)) {
            return 0;
        }
        final long elapsedNs = started ? nowNs - sinceNs : 0;
        return bytesIn(elapsedNs + STEP_NS) - sentBytes;
    }

    private long bytesIn(final long timeNs) {
        return rateBps / Byte.SIZE * timeNs / NS_PER_SECOND;
    }

    /** A packet left while {@link #isActive}. */
    void onSent(final int sizeBytes, final long nowNs) {
        if (!active) {
            return;
        }
        if (!started) {
            // The time of a cluster counts from its first packet.
            started = true;
            sinceNs = nowNs;
        }
        sentPackets++;
        sentBytes += sizeBytes;
        if (sentPackets >= CLUSTER_PACKETS && nowNs > sinceNs && sentBytes >= bytesIn(CLUSTER_NS)) {
            active = false;
            awaiting = true;
            answerByNs = nowNs + ANSWER_NS;
        }
    }

    /** A packet arrived. */
    void onArrival(final int ofCluster, final long sentNs, final long arrivalNs, final int sizeBytes) {
        meter.add(ofCluster, sentNs, arrivalNs, sizeBytes);
    }

    /** The rate the cluster waited for went through at, once, or {@link ProbeMeter#NONE}. */
    long pollResult(final long nowNs) {
        if (!awaiting) {
            return ProbeMeter.NONE;
        }
        final long result = meter.result(sentPackets, sentBytes);
        if (result != ProbeMeter.NONE) {
            awaiting = false;
            nextBps = result >= SUCCESS * rateBps ? nextRate(result) : 0;
            starting = false;
        } else if (nowNs >= answerByNs) {
            awaiting = false;
            starting = false;
        }
        return result;
    }

    private long nextRate(final long result) {
        return (long) (starting ? SECOND * config.startBps() : FURTHER * result);
    }

    /**
     * Starts what is worth trying. Call after each feedback.
     *
     * @param targetBps rate now
     * @param bestBps rate before the last large drop, 0 when there was none
     * @param limited less is sent than could be
     * @param usefulBps nothing needs more than this: no probe goes further than twice that
     * @param quiet the queue does not grow
     */
    void consider(final long targetBps, final long bestBps, final boolean limited, final long usefulBps,
        final boolean quiet, final long nowNs) {
        if (isActive(nowNs) || awaiting || !begun) {
            return;
        }
        final long mostBps = (long) Math.min((double) config.ceilingBps(), FURTHER * usefulBps);
        if (!quiet || targetBps >= mostBps) {
            starting = false;
            nextBps = 0;
            return;
        }
        if (nextBps > targetBps) {
            final long wanted = nextBps;
            nextBps = 0;
            request(Math.min(wanted, mostBps), nowNs);
            return;
        }
        final boolean worth = limited ? targetBps < usefulBps : targetBps < DROPPED * bestBps;
        if (worth && nowNs - seriesNs >= INTERVAL_NS) {
            seriesNs = nowNs;
            request((long) Math.min((double) mostBps, FURTHER * targetBps), nowNs);
        }
    }

    /** True until the clusters at the start have told what they could. */
    boolean isStarting() {
        return starting || active || awaiting || nextBps > 0;
    }

    /** When the cluster wants its next packets, or {@code Long.MAX_VALUE}. */
    long nextDeadlineNs() {
        if (!active) {
            return Long.MAX_VALUE;
        }
        // A turn in which nobody had padding must not be followed by another at once.
        final long againNs = wokenNs < sinceNs ? sinceNs : wokenNs + STEP_NS;
        if (!started) {
            return againNs;
        }
        final long dueNs = sentBytes * Byte.SIZE * NS_PER_SECOND / Math.max(rateBps, 1);
        return Math.max(againNs, Math.min(sinceNs + Math.max(dueNs, STEP_NS), sinceNs + MAX_CLUSTER_NS));
    }

    /** The deadline has come. */
    void onDeadline(final long nowNs) {
        wokenNs = nowNs;
    }
}
