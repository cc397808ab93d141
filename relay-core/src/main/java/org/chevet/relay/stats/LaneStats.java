package org.chevet.relay.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * The counters and histograms of one lane.
 *
 * <p>Written by the lane's thread alone, without a locked instruction and without allocation; read by any thread,
 * which sees a
 * value that is at most a little old.
 */
public final class LaneStats {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int REASONS = DropReason.values().length;
    private static final int COUNTERS = Counter.values().length;
    /** Times above this are recorded as this: 60 s. */
    private static final long MAX_NS = 60_000_000_000L;

    private final long[] drops = new long[REASONS];
    private final long[] counters = new long[COUNTERS];
    private final Times[] forwarding = new Times[TrafficClass.values().length];
    private final Times turns = new Times();
    private final Times queues = new Times();
    private final Times targets = new Times();

    /** All at zero. */
    public LaneStats() {
        for (int i = 0; i < forwarding.length; i++) {
            forwarding[i] = new Times();
        }
    }

    /** Counts one drop. Lane thread only. */
    public void drop(final DropReason reason) {
        add(drops, reason.ordinal(), 1);
    }

    /** Counts one event. Lane thread only. */
    public void count(final Counter counter) {
        add(counters, counter.ordinal(), 1);
    }

    /** Adds to a counter. Lane thread only. */
    public void add(final Counter counter, final long amount) {
        add(counters, counter.ordinal(), amount);
    }

    /**
     * Records how long copies of packets stayed in the relay: {@code copies} of them, {@code elapsedNs} nanoseconds
     * each, from reception by the kernel, where it says when, to hand-over to it. Lane thread only.
     */
    public void recordForwarding(final TrafficClass traffic, final long elapsedNs, final long copies) {
        forwarding[traffic.ordinal()].record(elapsedNs, copies);
    }

    /** Records how long a turn of the lane took: one batch of datagrams and all that follows. Lane thread only. */
    public void recordTurn(final long elapsedNs) {
        turns.record(elapsedNs, 1);
        count(Counter.LANE_TURNS);
    }

    /**
     * Records what is believed of a receiver's link, once for each feedback of its. Lane thread only.
     *
     * @param targetBps rate in bit/s that packets to it should not exceed
     * @param queueNs how long those of the last feedback waited in queues on their way, in nanoseconds
     */
    public void recordEstimate(final long targetBps, final long queueNs) {
        targets.record(targetBps, 1);
        queues.record(queueNs, 1);
    }

    /** Drops counted so far under one reason. Any thread. */
    public long dropped(final DropReason reason) {
        return (long) LONGS.getOpaque(drops, reason.ordinal());
    }

    /** Value of one counter. Any thread. */
    public long counted(final Counter counter) {
        return (long) LONGS.getOpaque(counters, counter.ordinal());
    }

    /** A copy of all forwarding times of a class since the start, in nanoseconds. Any thread. */
    public Histogram forwardingTimes(final TrafficClass traffic) {
        return forwarding[traffic.ordinal()].copy();
    }

    /** A copy of the durations of all turns since the start, in nanoseconds. Any thread. */
    public Histogram turnTimes() {
        return turns.copy();
    }

    /** A copy of all delays in queues towards receivers since the start, in nanoseconds. Any thread. */
    public Histogram queueTimes() {
        return queues.copy();
    }

    /** A copy of all estimates of receivers' links since the start, in bit/s. Any thread. */
    public Histogram targets() {
        return targets.copy();
    }

    private static void add(final long[] values, final int index, final long amount) {
        LONGS.setOpaque(values, index, values[index] + amount);
    }

    /** Durations in nanoseconds, or rates in bit/s, written by one thread without waiting for readers. */
    private static final class Times {
        private final SingleWriterRecorder recorder = new SingleWriterRecorder(MAX_NS, 3);
        private final Histogram total = new Histogram(MAX_NS, 3);
        private Histogram interval = recorder.getIntervalHistogram();

        void record(final long elapsedNs, final long count) {
            recorder.recordValueWithCount(Math.clamp(elapsedNs, 0, MAX_NS), count);
        }

        synchronized Histogram copy() {
            interval = recorder.getIntervalHistogram(interval);
            total.add(interval);
            return total.copy();
        }
    }
}
