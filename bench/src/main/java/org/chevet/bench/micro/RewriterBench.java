package org.chevet.bench.micro;

import java.util.concurrent.TimeUnit;
import org.chevet.relay.route.Rewriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Numbers and timestamps of one copy for one subscriber. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RewriterBench {
    private static final int CLOCK_RATE = 90_000;
    private static final int FRAME_TICKS = 3000;
    private static final long PACKET_NS = 1_000_000L;
    /** Packets of a frame; a power of two. */
    private static final int FRAME = 8;

    private final Rewriter rewriter = new Rewriter(0x1234_5678, 100);
    private long sequence;
    private int timestamp;
    private long nowNs;

    /** Starts the stream. */
    @Setup
    public void begin() {
        rewriter.begin(1, ++sequence, timestamp, nowNs, CLOCK_RATE);
        if (rewriter.sequence(sequence) == Rewriter.TOO_LATE) {
            throw new IllegalStateException("the first packet has no number");
        }
    }

    private void advance() {
        sequence++;
        nowNs += PACKET_NS;
        if ((sequence & (FRAME - 1)) == 0) {
            timestamp += FRAME_TICKS;
        }
    }

    /** Packet after packet. */
    @Benchmark
    public long inOrder() {
        advance();
        return rewriter.sequence(sequence) + rewriter.timestamp(timestamp, nowNs);
    }

    /** Each second packet is dropped on purpose (a layer that is not sent). Time of one sent and one dropped. */
    @Benchmark
    public long everySecondSkipped() {
        advance();
        rewriter.skip(sequence);
        advance();
        return rewriter.sequence(sequence) + rewriter.timestamp(timestamp, nowNs);
    }

    /** Each second packet comes after its successor. Time of the two. */
    @Benchmark
    public long swapped() {
        advance();
        final long late = sequence;
        advance();
        return rewriter.sequence(sequence) + rewriter.sequence(late) + rewriter.timestamp(timestamp, nowNs);
    }

    /** Another layer takes over with its first packet. */
    @Benchmark
    public long anotherSource() {
        advance();
        rewriter.begin((int) (sequence & 1) + 1, sequence, timestamp, nowNs, CLOCK_RATE);
        return rewriter.sequence(sequence) + rewriter.timestamp(timestamp, nowNs);
    }
}
