package org.chevet.relay.bwe;

/** The rate at which the packets of one probe cluster arrived. Lane thread only; one cluster at a time. */
final class ProbeMeter {
    /** No result. */
    static final long NONE = -1;
    /** Part of a cluster that must have arrived. */
    static final double COMPLETE = 0.8;
    /** Arrived this much faster than sent: the network gathered the packets, they say nothing. */
    static final double MAX_SPEED_UP = 2;
    /** Arrived slower than this part of the sending rate: the link was full, so the arrival is its capacity. */
    static final double FULL = 0.9;
    /** What is taken of that capacity, to let the queue of the probe drain. */
    static final double TAKEN = 0.95;
    /** Longest cluster that is believed. */
    static final long MAX_INTERVAL_NS = 1_000_000_000L;
    private static final double BITS_PER_SECOND = Byte.SIZE * 1e9;

    private int cluster = SentPacketLog.NO_CLUSTER;
    private int packets;
    private long bytes;
    private long firstSentNs;
    private long lastSentNs;
    private long lastSentBytes;
    private long firstArrivalNs;
    private long lastArrivalNs;
    private int firstArrivalBytes;

    /** Listens for a cluster. */
    void begin(final int newCluster) {
        cluster = newCluster;
        packets = 0;
        bytes = 0;
        lastSentBytes = 0;
    }

    /** A packet of any cluster arrived. */
    void add(final int ofCluster, final long sentNs, final long arrivalNs, final int sizeBytes) {
        if (ofCluster != cluster || cluster == SentPacketLog.NO_CLUSTER) {
            return;
        }
        if (packets == 0) {
            firstSentNs = sentNs;
            lastSentNs = sentNs;
            firstArrivalNs = arrivalNs;
            lastArrivalNs = arrivalNs;
            firstArrivalBytes = sizeBytes;
        }
        if (arrivalNs < firstArrivalNs) {
            firstArrivalNs = arrivalNs;
            firstArrivalBytes = sizeBytes;
        }
        lastArrivalNs = Math.max(lastArrivalNs, arrivalNs);
        if (sentNs > lastSentNs) {
            lastSentNs = sentNs;
            lastSentBytes = 0;
        }
        // The last group's sending took no time that was seen.
        lastSentBytes += sentNs == lastSentNs ? sizeBytes : 0;
        packets++;
        bytes += sizeBytes;
    }

    /** The rate in bit/s once enough of a cluster of this size arrived, else {@link #NONE}. */
    long result(final int sentPackets, final long sentBytes) {
        final long sendNs = lastSentNs - firstSentNs;
        final long arrivalNs = lastArrivalNs - firstArrivalNs;
        if (packets < Math.max(2, COMPLETE * sentPackets) || bytes < COMPLETE * sentBytes || sendNs <= 0
            || arrivalNs <= 0 || sendNs > MAX_INTERVAL_NS || arrivalNs > MAX_INTERVAL_NS) {
            return NONE;
        }
        final double sendBps = (bytes - lastSentBytes) * BITS_PER_SECOND / sendNs;
        final double arrivalBps = (bytes - firstArrivalBytes) * BITS_PER_SECOND / arrivalNs;
        if (arrivalBps > MAX_SPEED_UP * sendBps) {
            return NONE;
        }
        return (long) (arrivalBps < FULL * sendBps ? TAKEN * arrivalBps : Math.min(sendBps, arrivalBps));
    }
}
