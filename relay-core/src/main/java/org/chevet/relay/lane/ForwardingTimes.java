package org.chevet.relay.lane;

import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;

/**
 * What was sent since the last hand-over to the kernel, as runs of copies of equal age and class, so that a fan-out
 * costs one record. Lane thread only; allocates nothing.
 */
final class ForwardingTimes {
    /** Runs kept apart; beyond it copies count with the run before, which is close in time. */
    static final int MAX_RUNS = 256;

    private final LaneStats stats;
    private final TrafficClass[] classes = new TrafficClass[MAX_RUNS];
    private final long[] receivedNs = new long[MAX_RUNS];
    private final int[] copies = new int[MAX_RUNS];
    private int runs;

    ForwardingTimes(final LaneStats stats) {
        this.stats = stats;
    }

    /** One copy of a packet received at {@code packetNs} was sent. */
    void sent(final TrafficClass traffic, final long packetNs) {
        final int last = runs - 1;
        if (last >= 0 && (runs == MAX_RUNS || (receivedNs[last] == packetNs && classes[last] == traffic))) {
            copies[last]++;
            return;
        }
        classes[runs] = traffic;
        receivedNs[runs] = packetNs;
        copies[runs++] = 1;
    }

    /** True when nothing was sent since the last hand-over. */
    boolean isEmpty() {
        return runs == 0;
    }

    /** All that was sent has been handed to the kernel. */
    void handedOver(final long nowNs) {
        for (int i = 0; i < runs; i++) {
            stats.recordForwarding(classes[i], nowNs - receivedNs[i], copies[i]);
        }
        runs = 0;
    }
}
