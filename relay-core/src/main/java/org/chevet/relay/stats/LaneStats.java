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
 * value that is at most a little old. The interval histogram is read by one reader at a time.
 */
public final class LaneStats {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int REASONS = DropReason.values().length;
    private static final int COUNTERS = Counter.values().length;
    /** Forwarding times above this are recorded as this: 60 s in nanoseconds. */
    private static final long MAX_FORWARDING_NS = 60_000_000_000L;

    private final long[] drops = new long[REASONS];
    private final long[] counters = new long[COUNTERS];
    private final SingleWriterRecorder forwarding = new SingleWriterRecorder(MAX_FORWARDING_NS, 3);
    private final Histogram total = new Histogram(MAX_FORWARDING_NS, 3);
    private Histogram interval = forwarding.getIntervalHistogram();

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
     * Records how long packets stayed in the relay: {@code count} of them, {@code elapsedNs} nanoseconds each.
     * Lane thread
     * only.
     */
    public void recordForwarding(final long elapsedNs, final long count) {
        forwarding.recordValueWithCount(Math.clamp(elapsedNs, 0, MAX_FORWARDING_NS), count);
    }

    /** Drops counted so far under one reason. Any thread. */
    public long dropped(final DropReason reason) {
        return (long) LONGS.getOpaque(drops, reason.ordinal());
    }

    /** Value of one counter. Any thread. */
    public long counted(final Counter counter) {
        return (long) LONGS.getOpaque(counters, counter.ordinal());
    }

    /** A copy of all forwarding times recorded since the start, in nanoseconds. Any thread, one at a time. */
    public synchronized Histogram forwardingTimes() {
        interval = forwarding.getIntervalHistogram(interval);
        total.add(interval);
        return total.copy();
    }

    private static void add(final long[] values, final int index, final long amount) {
        LONGS.setOpaque(values, index, values[index] + amount);
    }
}
