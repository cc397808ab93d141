package org.chevet.relay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lanes that stop taking turns are found, and found again when they go on. */
class LaneWatchTest {
    private static final long SECOND = 1_000_000_000L;
    private long turns;
    private int asked;
    private boolean answers = true;
    private final LaneWatch watch = new LaneWatch(List.of(
        new LaneWatch.Watched(() -> turns++, () -> asked += 100, () -> new StackTraceElement[0]),
        new LaneWatch.Watched(this::turns, this::ask, () -> new StackTraceElement[0])));
    private long own;

    @Test
    void anIdleLaneIsAskedNowAndThenAndIsFine() {
        for (int i = 1; i <= 20; i++) {
            watch.look(i * SECOND);
            assertEquals(-1, watch.stalledLane());
        }
        assertEquals(10, asked, "every other look");
        assertEquals(0, watch.stalls(0) + watch.stalls(1));
    }

    @Test
    void aLaneThatDoesNotAnswerIsStalledUntilItDoes() {
        answers = false;
        watch.look(SECOND);
        watch.look(2 * SECOND);
        assertEquals(-1, watch.stalledLane(), "asked a second ago");
        watch.look(3 * SECOND);
        assertEquals(1, watch.stalledLane());
        assertEquals(2 * SECOND, watch.stalledNs(1));
        watch.look(9 * SECOND);
        assertEquals(8 * SECOND, watch.stalledNs(1));
        assertEquals(1, watch.stalls(1));
        assertEquals(1, asked);
        own++;
        watch.look(10 * SECOND);
        assertEquals(-1, watch.stalledLane());
        assertEquals(0, watch.stalledNs(1));
        assertEquals(1, watch.stalls(1));
    }

    @Test
    @Timeout(30)
    void theStackOfARealThreadShowsWhatHoldsIt() throws IOException, InterruptedException {
        final LaneStats stats = new LaneStats();
        final LaneThread thread = new LaneThread(0, stats, System::nanoTime, SocketOptions.defaults());
        final CountDownLatch held = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);
        final AtomicBoolean hold = new AtomicBoolean();
        thread.run(new CountingLane(stats, () -> {
            if (hold.get()) {
                holdUp(held, release);
            }
        }));
        try (LaneWatch real = new LaneWatch(List.of(new LaneWatch.Watched(() -> stats.counted(Counter.LANE_TURNS),
            thread::wakeUp, thread::stack)))) {
            hold.set(true);
            thread.wakeUp();
            held.await();
            for (int i = 1; i <= 4; i++) {
                real.look(i * SECOND);
            }
            assertEquals(0, real.stalledLane());
            assertTrue(Arrays.stream(thread.stack()).anyMatch(frame -> frame.getMethodName().equals("holdUp")));
            release.countDown();
            assertTrue(Await.until(() -> {
                real.look(5 * SECOND);
                return real.stalledLane() == -1;
            }), "it goes on");
        } finally {
            thread.close();
        }
    }

    private static void holdUp(final CountDownLatch held, final CountDownLatch release) {
        held.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A lane without work that counts its turns as the real one does. */
    private static final class CountingLane extends QuietTurns {
        private final LaneStats stats;
        private final Runnable work;

        CountingLane(final LaneStats stats, final Runnable work) {
            this.stats = stats;
            this.work = work;
        }

        @Override
        public void endTurn(final DatagramPort port, final long nowNs) {
            work.run();
        }

        @Override
        public void handedOver(final long nowNs) {
            stats.recordTurn(1);
        }
    }
    private long turns() {
        return own;
    }

    private void ask() {
        asked++;
        own += answers ? 1 : 0;
    }
}
