package org.chevet.bench.micro;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What a lane pays to know what it does. Durations differ from call to call, as they do on a lane; the bar is 30 ns
 * a packet, all that is recorded about it together.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecorderBench {
    private static final int TIMES = 1024;
    private static final int LEAST_NS = 10_000;
    private static final int MOST_NS = 2_000_000;

    private final LaneStats stats = new LaneStats();
    private final long[] times = new SplittableRandom(1).longs(TIMES, LEAST_NS, MOST_NS).toArray();
    private int at;

    private long next() {
        return times[at++ & (TIMES - 1)];
    }

    /** The loop's own share: choosing a duration. */
    @Benchmark
    public long nothing() {
        return next();
    }

    /** A copy that shares its time with no other: the dearest case, as a fan-out costs one record for all. */
    @Benchmark
    public void forwardingTime() {
        stats.recordForwarding(TrafficClass.AUDIO, next(), 1);
    }

    /** Once per turn. */
    @Benchmark
    public void turnTime() {
        stats.recordTurn(next());
    }

    /** One event. */
    @Benchmark
    public void count() {
        stats.count(Counter.VITALS_BLOCKS_FORWARDED);
    }

    /** One packet thrown away. */
    @Benchmark
    public void drop() {
        stats.drop(DropReason.QUEUE_LATE);
    }
}
