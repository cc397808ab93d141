package org.chevet.relay.lane;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * The one door into a lane for every other thread: a bounded lock-free queue with one coalesced wake-up.
 *
 * <p>{@link #offer} is safe on any thread; {@link #drain} belongs to the lane's thread. A full queue is the
 * caller's error to
 * handle: nothing is dropped in silence.
 */
public final class LaneProxy {
    /** Commands that may wait for the lane. */
    static final int QUEUE_CAPACITY = 8192;
    /** Commands taken in one turn, so that packets are not kept waiting behind a flood of commands. */
    static final int MAX_COMMANDS_PER_TURN = 256;
    private static final int ENDS_CHUNK = 256;

    private final MpscArrayQueue<Command> queue = new MpscArrayQueue<>(QUEUE_CAPACITY);
    private final MpscUnboundedArrayQueue<Command> ends = new MpscUnboundedArrayQueue<>(ENDS_CHUNK);
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Runnable wakeUp;

    /**
     * Makes the door of one lane.
     *
     * @param wakeUp asks the lane's thread to call {@link #drain}; called on any thread, at most once between two
     *     drains
     */
    public LaneProxy(final Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    /** What a command does, on the lane's thread. */
    @FunctionalInterface
    public interface Command {
        /** Runs with the lane's time. */
        void run(long nowNs);
    }

    /** Puts a command; false when the queue is full. */
    public boolean offer(final Command command) {
        if (!queue.offer(command)) {
            return false;
        }
        wake();
        return true;
    }

    /**
     * Puts the last command of something that was announced to the lane before: its end. Never refused, because a
     * lost end
     * would leave it there for good; bounded by the number of such things, each of which calls this once.
     */
    public void offerLast(final Command command) {
        ends.offer(command);
        wake();
    }

    /** Asks for a turn of the lane without a command, as DTLS does when it has something to poll. */
    public void wake() {
        if (!awake.get() && awake.compareAndSet(false, true)) {
            wakeUp.run();
        }
    }

    /** Runs what waits, up to a bound per turn; asks for another turn when more is left. Lane thread only. */
    int drain(final long nowNs) {
        awake.set(false);
        int count = 0;
        for (Command command; count < MAX_COMMANDS_PER_TURN && (command = queue.poll()) != null; count++) {
            command.run(nowNs);
        }
        for (Command end; count < 2 * MAX_COMMANDS_PER_TURN && (end = ends.poll()) != null; count++) {
            end.run(nowNs);
        }
        if (!queue.isEmpty() || !ends.isEmpty()) {
            wake();
        }
        return count;
    }
}
