package org.chevet.relay.bwe;

/**
 * Gathers packets into groups by their send time and gives the change of delay from group to group
 * (draft-ietf-rmcat-gcc-02 sections 5.1 and 5.2). Lane thread only; a few numbers.
 */
final class InterArrival {
    /** Packets sent within this time of a group's first belong to it: the pacer lets them out in such groups. */
    static final long GROUP_NS = 5_000_000L;
    /** Packets that arrive this close together though sent apart were held up together on the way. */
    static final long BURST_NS = 5_000_000L;
    /** A group held up together is closed after this time at the latest. */
    static final long MAX_BURST_NS = 100_000_000L;
    /** After so many groups in a row that arrived before their predecessor, a fresh start is made. */
    static final int MAX_REORDERED = 3;

    private boolean started;
    private boolean complete;
    private long firstSentNs;
    private long lastSentNs;
    private long firstArrivalNs;
    private long lastArrivalNs;
    private long previousSentNs;
    private long previousArrivalNs;
    private int reordered;
    private long sendDeltaNs;
    private long arrivalDeltaNs;

    /**
     * Takes a packet that arrived, in the order of sending.
     *
     * @return true when it opens a group and two before it are complete: the deltas are between those two
     */
    boolean add(final long sentNs, final long arrivalNs) {
        if (!started) {
            started = true;
            open(sentNs, arrivalNs);
            return false;
        }
        if (sentNs < firstSentNs) {
            return false;
        }
        if (belongs(sentNs, arrivalNs)) {
            lastSentNs = Math.max(lastSentNs, sentNs);
            lastArrivalNs = Math.max(lastArrivalNs, arrivalNs);
            return false;
        }
        final boolean measured = complete && measure();
        if (started) {
            previousSentNs = lastSentNs;
            previousArrivalNs = lastArrivalNs;
            complete = true;
        }
        started = true;
        open(sentNs, arrivalNs);
        return measured;
    }

    private boolean measure() {
        sendDeltaNs = lastSentNs - previousSentNs;
        arrivalDeltaNs = lastArrivalNs - previousArrivalNs;
        if (arrivalDeltaNs >= 0) {
            reordered = 0;
            return true;
        }
        reordered++;
        if (reordered >= MAX_REORDERED) {
            reset();
        }
        return false;
    }

    private boolean belongs(final long sentNs, final long arrivalNs) {
        if (sentNs - firstSentNs <= GROUP_NS) {
            return true;
        }
        final long arrivalGapNs = arrivalNs - lastArrivalNs;
        return arrivalGapNs < sentNs - lastSentNs && arrivalGapNs <= BURST_NS
            && arrivalNs - firstArrivalNs < MAX_BURST_NS;
    }

    private void open(final long sentNs, final long arrivalNs) {
        firstSentNs = sentNs;
        lastSentNs = sentNs;
        firstArrivalNs = arrivalNs;
        lastArrivalNs = arrivalNs;
    }

    /** Forgets all groups. */
    void reset() {
        started = false;
        complete = false;
        reordered = 0;
    }

    /** Time between the last packets sent of the two groups. */
    long sendDeltaNs() {
        return sendDeltaNs;
    }

    /** Time between the last arrivals of the two groups. */
    long arrivalDeltaNs() {
        return arrivalDeltaNs;
    }

    /** Arrival of the later of the two groups. */
    long arrivalNs() {
        return previousArrivalNs;
    }
}
