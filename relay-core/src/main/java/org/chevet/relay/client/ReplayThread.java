package org.chevet.relay.client;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Runs replayers in real time on one daemon thread, until closed or all are done. */
public final class ReplayThread implements AutoCloseable {
    /** A full publication is tried again after this. */
    private static final long RETRY_NS = 20_000_000L;
    private static final long LONGEST_NAP_NS = 100_000_000L;

    private final List<Replayer> replayers;
    private final Thread thread;
    private volatile boolean closed;

    private ReplayThread(final List<Replayer> replayers) {
        this.replayers = List.copyOf(replayers);
        thread = new Thread(this::run, "vitals-replay");
        thread.setDaemon(true);
    }

    /** Starts replayers whose times are those of {@link System#nanoTime()}. */
    public static ReplayThread start(final List<Replayer> replayers) {
        final ReplayThread started = new ReplayThread(replayers);
        started.thread.start();
        return started;
    }

    /** True when every recording was published to its end. */
    public boolean isDone() {
        return replayers.stream().allMatch(Replayer::isDone);
    }

    /** Waits for the thread to end; false when the time ran out first. */
    public boolean join(final long milliseconds) throws InterruptedException {
        thread.join(milliseconds);
        return !thread.isAlive();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closed) {
            long nextNs = Long.MAX_VALUE;
            for (final Replayer replayer : replayers) {
                replayer.publishDue(System.nanoTime());
                nextNs = Math.min(nextNs, replayer.nextDueNs());
            }
            if (nextNs == Long.MAX_VALUE) {
                return;
            }
            final long waitNs = nextNs - System.nanoTime();
            LockSupport.parkNanos(waitNs > 0 ? Math.min(waitNs, LONGEST_NAP_NS) : RETRY_NS);
        }
    }
}
