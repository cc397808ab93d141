package org.chevet.relay.net;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds lanes that stopped taking turns, says where their thread stands, and says when they go on.
 *
 * <p>Each look compares how many turns a lane took with the look before. A lane that took none is asked for one, so an
 * idle lane costs an empty turn every other look; one that does not take it within {@link #LIMIT_NS} is stalled.
 * Looks come from one thread; what was found is read by any.
 */
public final class LaneWatch implements AutoCloseable {
    /** Between two looks. */
    public static final long PERIOD_NS = 1_000_000_000L;
    /** A lane that was asked for a turn and took none for this long is stalled. */
    public static final long LIMIT_NS = 2_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(LaneWatch.class);
    private static final double SECOND_NS = 1e9;

    /**
     * A lane as the watch sees it. Any thread.
     *
     * @param turns how many turns it took since the start
     * @param ask asks it for a turn
     * @param stack where its thread stands now
     */
    public record Watched(LongSupplier turns, Runnable ask, Supplier<StackTraceElement[]> stack) {
    }

    private static final class Seen {
        private final Watched lane;
        private final AtomicLong stalls = new AtomicLong();
        private long turns;
        private boolean asked;
        private long askedNs;
        private volatile long stalledNs;

        Seen(final Watched lane) {
            this.lane = lane;
            turns = lane.turns().getAsLong();
        }
    }

    private final List<Seen> lanes = new ArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("chevet-watch").factory());

    private @Nullable Future<?> looks;

    /** A watch over lanes, by index; it looks when told to, or by itself after {@link #start}. */
    public LaneWatch(final List<Watched> watched) {
        watched.forEach(lane -> lanes.add(new Seen(lane)));
    }

    /** Looks every {@link #PERIOD_NS} from now on. */
    public void start(final LongSupplier clock) {
        looks = thread.scheduleAtFixedRate(() -> {
            try {
                look(clock.getAsLong());
            } catch (RuntimeException fault) {
                // A fault must not end the looks.
                LOG.error("Looking at the lanes failed.", fault);
            }
        }, PERIOD_NS, PERIOD_NS, TimeUnit.NANOSECONDS);
    }

    /** One look at every lane; from one thread at a time. */
    public void look(final long nowNs) {
        for (int index = 0; index < lanes.size(); index++) {
            look(index, lanes.get(index), nowNs);
        }
    }

    private static void look(final int index, final Seen seen, final long nowNs) {
        final long turns = seen.lane.turns().getAsLong();
        if (turns != seen.turns) {
            seen.turns = turns;
            seen.asked = false;
            if (seen.stalledNs > 0) {
                LOG.info("Lane {} takes turns again after {} s.", index, seen.stalledNs / SECOND_NS);
                seen.stalledNs = 0;
            }
        } else if (!seen.asked) {
            seen.asked = true;
            seen.askedNs = nowNs;
            seen.lane.ask().run();
        } else if (nowNs - seen.askedNs >= LIMIT_NS) {
            if (seen.stalledNs == 0) {
                seen.stalls.incrementAndGet();
                LOG.warn("Lane {} has taken no turn for {} s; its thread is at:\n{}", index,
                    (nowNs - seen.askedNs) / SECOND_NS, Arrays.stream(seen.lane.stack().get())
                        .map(frame -> "    " + frame).collect(Collectors.joining("\n")));
            }
            seen.stalledNs = nowNs - seen.askedNs;
        }
    }

    /** How long a lane has been stalled, in nanoseconds as of the last look; 0 when it is not. Any thread. */
    public long stalledNs(final int lane) {
        return lanes.get(lane).stalledNs;
    }

    /** How often a lane stalled since the start. Any thread. */
    public long stalls(final int lane) {
        return lanes.get(lane).stalls.get();
    }

    /** The first lane that is stalled, or -1. Any thread; waits for nothing. */
    public int stalledLane() {
        for (int index = 0; index < lanes.size(); index++) {
            if (stalledNs(index) > 0) {
                return index;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        if (looks != null) {
            looks.cancel(false);
        }
        thread.shutdownNow();
    }
}
