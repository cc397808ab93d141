package org.chevet.relay.bwe;

/**
 * The rate that explains the losses best, after the loss-based part (v2) of today's senders: a link loses an inherent
 * part of all packets whatever is sent, and everything beyond its bandwidth. Of a few candidates for the bandwidth the
 * likeliest one wins, so loss that comes with every rate does not lower the rate.
 *
 * <p>Lane thread only; 0.5 KiB. Works only when there was loss within {@link #WINDOW} observations.
 */
final class LossModel {
    /** Observations looked at. */
    static final int WINDOW = 20;
    /** Sending time one observation covers at least. */
    static final long OBSERVATION_NS = 250_000_000L;
    /** Weight of an observation against the one after it. */
    static final double AGEING = 0.9;
    /** Candidate: a step up. */
    static final double STEP_UP = 1.02;
    /** Candidate: a step down. */
    static final double STEP_DOWN = 0.95;
    /** Inherent loss is believed up to this ... */
    static final double INHERENT = 0.05;
    /** ... and, as a small rate cannot be what fills a link, up to this many kbit/s over the rate more. */
    static final double INHERENT_KBPS = 100;
    /** Preference of the higher rate, for each packet and kbit/s. */
    static final double BIAS = 0.0002;
    /** The same, for the logarithm of kbit/s. */
    static final double LOG_BIAS = 0.02;

    /** Loss beyond the inherent one at which the rate may not grow. */
    static final double EXCESS = 0.02;

    private static final int NEWTON_STEPS = 3;
    private static final double NEWTON_STEP = 0.75;
    private static final double SMALLEST = 1e-6;
    private static final double NS_BITS_TO_KBPS = 1e6;
    private static final double BPS_PER_KBPS = 1000;

    private final double[] packets = new double[WINDOW];
    private final double[] lost = new double[WINDOW];
    private final double[] sentKbps = new double[WINDOW];
    private boolean queueStands;
    private int count;
    private int newest = -1;
    private double lostInWindow;
    private double inherent;
    private double kbps;

    private int openPackets;
    private int openLost;
    private long openBytes;
    private long openSinceNs;
    private long openUntilNs;
    private boolean opened;

    // Of the candidate looked at last.
    private double candidateInherent;

    LossModel(final long startBps) {
        kbps = startBps / BPS_PER_KBPS;
    }

    /** Feedback told of a packet. */
    void add(final long sentNs, final int sizeBytes, final boolean isLost) {
        if (!opened) {
            opened = true;
            openSinceNs = sentNs;
            openUntilNs = sentNs;
        }
        openPackets++;
        openLost += isLost ? 1 : 0;
        openBytes += sizeBytes;
        openUntilNs = Math.max(openUntilNs, sentNs);
    }

    /** A packet that was called lost arrived after all. */
    void takeBack() {
        openLost = Math.max(0, openLost - 1);
    }

    /**
     * Looks at what was added, once it is enough.
     *
     * @param delayBps what the delay allows
     * @param acknowledgedBps or {@link AcknowledgedRate#UNKNOWN}
     * @param standing the queue is long: then it is what loses packets, however small the rate
     */
    void update(final long delayBps, final long acknowledgedBps, final boolean standing) {
        final long elapsedNs = openUntilNs - openSinceNs;
        if (!opened || elapsedNs < OBSERVATION_NS) {
            return;
        }
        observe(openPackets, openLost, openBytes * Byte.SIZE * NS_BITS_TO_KBPS / elapsedNs, delayBps,
            acknowledgedBps, standing);
        openSinceNs = openUntilNs;
        openPackets = 0;
        openLost = 0;
        openBytes = 0;
    }

    /** One observation that is complete; {@code lostPackets} need not be whole. */
    void observe(final double allPackets, final double lostPackets, final double rateKbps, final long delayBps,
        final long acknowledgedBps, final boolean standing) {
        queueStands = standing;
        newest = (newest + 1) % WINDOW;
        lostInWindow -= count == WINDOW ? lost[newest] : 0;
        count = Math.min(count + 1, WINDOW);
        packets[newest] = allPackets;
        lost[newest] = lostPackets;
        sentKbps[newest] = rateKbps;
        lostInWindow += lostPackets;
        final double delayKbps = delayBps / BPS_PER_KBPS;
        if (lostInWindow < SMALLEST) {
            lostInWindow = 0;
            inherent = 0;
            kbps = delayKbps;
            return;
        }
        choose(delayKbps, acknowledgedBps);
    }

    private void choose(final double delayKbps, final long acknowledgedBps) {
        final double average = averageLoss();
        final double start = inherent;
        double best = kbps;
        double bestObjective = objective(kbps, start);
        double bestInherent = candidateInherent;
        for (int i = 0; i < 4; i++) {
            final double candidate = candidate(i, delayKbps, acknowledgedBps);
            final double objective = objective(candidate, start);
            if (objective > bestObjective) {
                best = candidate;
                bestObjective = objective;
                bestInherent = candidateInherent;
            }
        }
        inherent = bestInherent;
        // More than the link loses by itself is lost: not the time to send more.
        kbps = best > kbps && average > bestInherent + EXCESS ? kbps : best;
        if (average > INHERENT) {
            kbps = Math.min(kbps, INHERENT_KBPS / (average - INHERENT));
        }
        kbps = Math.max(Math.min(kbps, delayKbps), SMALLEST);
    }

    private double candidate(final int index, final double delayKbps, final long acknowledgedBps) {
        return switch (index) {
            case 0 -> kbps * STEP_UP;
            case 1 -> kbps * STEP_DOWN;
            case 2 -> delayKbps;
            default -> acknowledgedBps < 0 ? kbps : Math.max(acknowledgedBps / BPS_PER_KBPS, SMALLEST);
        };
    }

    private double averageLoss() {
        double weight = 1;
        double all = 0;
        double gone = 0;
        for (int i = 0; i < count; i++) {
            final int index = Math.floorMod(newest - i, WINDOW);
            all += weight * packets[index];
            gone += weight * lost[index];
            weight *= AGEING;
        }
        return all > 0 ? gone / all : 0;
    }

    /** Log likelihood of the window with this bandwidth and the inherent loss that suits it best. */
    private double objective(final double candidateKbps, final double startInherent) {
        final double most = mostInherent(candidateKbps);
        candidateInherent = Math.clamp(startInherent, SMALLEST, most);
        for (int step = 0; step < NEWTON_STEPS; step++) {
            double first = 0;
            double second = 0;
            double weight = 1;
            for (int i = 0; i < count; i++) {
                final int index = Math.floorMod(newest - i, WINDOW);
                final double loss = lossWith(candidateKbps, candidateInherent, sentKbps[index]);
                final double gone = lost[index];
                final double arrived = packets[index] - gone;
                first += weight * (gone / loss - arrived / (1 - loss));
                second -= weight * (gone / (loss * loss) + arrived / ((1 - loss) * (1 - loss)));
                weight *= AGEING;
            }
            if (second >= 0) {
                break;
            }
            candidateInherent = Math.clamp(candidateInherent - NEWTON_STEP * first / second, SMALLEST, most);
        }
        final double bias = BIAS * candidateKbps + LOG_BIAS * Math.log(1 + candidateKbps);
        double sum = 0;
        double weight = 1;
        for (int i = 0; i < count; i++) {
            final int index = Math.floorMod(newest - i, WINDOW);
            final double loss = lossWith(candidateKbps, candidateInherent, sentKbps[index]);
            final double gone = lost[index];
            sum += weight * (gone * Math.log(loss) + (packets[index] - gone) * Math.log(1 - loss)
                + bias * packets[index]);
            weight *= AGEING;
        }
        return sum;
    }

    /** Loss by a full queue must not be taken for the link's own: no more of that is learned while a queue stands. */
    private double mostInherent(final double candidateKbps) {
        return queueStands ? Math.max(INHERENT, inherent) : Math.min(1, INHERENT + INHERENT_KBPS / candidateKbps);
    }

    private static double lossWith(final double linkKbps, final double inherentLoss, final double rateKbps) {
        final double beyond = rateKbps > linkKbps ? (1 - inherentLoss) * (rateKbps - linkKbps) / rateKbps : 0;
        return Math.clamp(inherentLoss + beyond, SMALLEST, 1 - SMALLEST);
    }

    /** A probe went through at this rate: what was lost before tells of another link. */
    void onProbe(final long probedBps) {
        if (probedBps / BPS_PER_KBPS > kbps) {
            kbps = probedBps / BPS_PER_KBPS;
            count = 0;
            lostInWindow = 0;
        }
    }

    /** What the losses allow. */
    long rateBps() {
        return (long) (kbps * BPS_PER_KBPS);
    }

    /** The part of all packets the link loses by itself, 0 to 1. */
    double inherentLoss() {
        return inherent;
    }
}
