package org.chevet.bench.micro;

import java.util.concurrent.TimeUnit;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.queue.DropLate;
import org.chevet.relay.queue.DropToKeyFrame;
import org.chevet.relay.queue.NeverDrop;
import org.chevet.relay.queue.PacketQueue;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jctools.queues.MpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One packet through a subscriber's queue of each policy, one command through the queue into a lane. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueBench {
    private static final int CAPACITY = 256;
    /** Packets that wait already, so that the queue is neither empty nor full. */
    private static final int WAITING = 16;
    private static final int COMMANDS = 8192;
    private static final long MAX_AGE_NS = 200_000_000L;
    private static final long SPACING_NS = 1_000_000L;

    private final LaneStats stats = new LaneStats();
    private final PacketSlab slab = new PacketSlab(CAPACITY);
    private final PacketQueue.Discarded nobody = (slot, tag, flags) -> { };
    private final PacketQueue neverDrop = new NeverDrop(slab, stats, CAPACITY, DropReason.QUEUE_LATE);
    private final PacketQueue dropLate = new DropLate(slab, stats, CAPACITY, MAX_AGE_NS, nobody);
    private final PacketQueue toKeyFrame = new DropToKeyFrame(slab, stats, CAPACITY, MAX_AGE_NS, nobody);
    private final PacketQueue full = new DropLate(slab, stats, WAITING, Long.MAX_VALUE, nobody);
    private final MpscArrayQueue<Object> commands = new MpscArrayQueue<>(COMMANDS);
    private final Object command = new Object();
    private int slot;
    private long nowNs;

    /** Lets some packets wait. */
    @Setup
    public void fill() {
        slot = slab.acquire();
        for (int i = 0; i < WAITING; i++) {
            nowNs += SPACING_NS;
            neverDrop.offer(slot, i, 0, nowNs);
            dropLate.offer(slot, i, 0, nowNs);
            toKeyFrame.offer(slot, i, PacketQueue.KEY_FRAME_START, nowNs);
            full.offer(slot, i, 0, nowNs);
            commands.offer(command);
        }
    }

    private long through(final PacketQueue queue) {
        nowNs += SPACING_NS;
        queue.expire(nowNs);
        queue.offer(slot, nowNs, 0, nowNs);
        final long tag = queue.headTag();
        queue.pop();
        return tag;
    }

    /** Device data and control. */
    @Benchmark
    public long neverDrop() {
        return through(neverDrop);
    }

    /** Audio. */
    @Benchmark
    public long dropLate() {
        return through(dropLate);
    }

    /** Video. */
    @Benchmark
    public long dropToKeyFrame() {
        return through(toKeyFrame);
    }

    /** Audio into a full queue: the oldest is thrown away and counted. */
    @Benchmark
    public boolean dropLateWhenFull() {
        nowNs += SPACING_NS;
        return full.offer(slot, nowNs, 0, nowNs);
    }

    /** The queue of LaneProxy, put and taken by one thread: without the traffic between the caches of two cores. */
    @Benchmark
    public Object commandHandOver() {
        commands.offer(command);
        return commands.poll();
    }
}
