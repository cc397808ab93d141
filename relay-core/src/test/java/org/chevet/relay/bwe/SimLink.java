package org.chevet.relay.bwe;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A link in virtual time: a queue that drops what does not fit, a rate, a delay, and random loss behind the queue.
 * Packets of all flows share it in the order of sending; each is handed to its flow with the time of its arrival.
 */
final class SimLink {
    /** Takes what arrives. */
    @FunctionalInterface
    interface Sink {
        /** A packet of this size, which was offered with {@code tag}, arrives now. */
        void onArrival(long tag, int bytes, long arrivalNs);
    }

    private record InQueue(Sink sink, long tag, int bytes, long offeredNs) {
    }

    private record OnTheWay(Sink sink, long tag, int bytes, long arrivalNs) {
    }

    private static final double BITS_NS = Byte.SIZE * 1e9;

    private final ArrayDeque<InQueue> queue = new ArrayDeque<>();
    private final ArrayDeque<OnTheWay> onTheWay = new ArrayDeque<>();
    private final SplittableRandom random;
    private final long delayNs;
    private long rateBps;
    private long queueNs;
    private double loss;
    private long queuedBytes;
    private long freeNs;
    private long[] waits = new long[1024];
    private int waitCount;
    private long dropped;
    private long offered;

    SimLink(final long seed, final long rateBps, final long delayNs, final long queueNs, final double loss) {
        random = new SplittableRandom(seed);
        this.rateBps = rateBps;
        this.delayNs = delayNs;
        this.queueNs = queueNs;
        this.loss = loss;
    }

    void setRateBps(final long newRateBps) {
        rateBps = newRateBps;
    }

    /** Takes a packet; one that does not fit the queue is dropped. Time must not go back. */
    void offer(final Sink sink, final long tag, final int bytes, final long nowNs) {
        advance(nowNs);
        offered++;
        // The buffer is stated in time, as providers do; a small one holds a few packets all the same.
        final double room = Math.max(queueNs / BITS_NS * rateBps, 6000);
        if (queuedBytes + bytes > room) {
            dropped++;
            return;
        }
        if (queue.isEmpty()) {
            freeNs = Math.max(freeNs, nowNs);
        }
        queue.add(new InQueue(sink, tag, bytes, nowNs));
        queuedBytes += bytes;
    }

    /** Moves time on and delivers what has arrived by then. */
    void advance(final long nowNs) {
        while (!queue.isEmpty()) {
            final InQueue head = queue.peek();
            final long doneNs = freeNs + (long) (head.bytes * BITS_NS / rateBps);
            if (doneNs > nowNs) {
                break;
            }
            queue.poll();
            queuedBytes -= head.bytes;
            note(freeNs - head.offeredNs);
            freeNs = doneNs;
            if (random.nextDouble() >= loss) {
                onTheWay.add(new OnTheWay(head.sink, head.tag, head.bytes, doneNs + delayNs));
            }
        }
        while (!onTheWay.isEmpty() && onTheWay.peek().arrivalNs <= nowNs) {
            final OnTheWay next = onTheWay.poll();
            next.sink.onArrival(next.tag, next.bytes, next.arrivalNs);
        }
    }

    private void note(final long waitNs) {
        if (waitCount == waits.length) {
            waits = Arrays.copyOf(waits, 2 * waitCount);
        }
        waits[waitCount++] = waitNs;
    }

    /** Time a packet waited in the queue that this part of all packets stayed below, since the last call of forget. */
    double waitMs(final double part) {
        final long[] sorted = Arrays.copyOf(waits, waitCount);
        Arrays.sort(sorted);
        return waitCount == 0 ? 0 : sorted[Math.min(waitCount - 1, (int) (part * waitCount))] / 1e6;
    }

    /** Forgets the waits noted so far. */
    void forget() {
        waitCount = 0;
    }

    long dropped() {
        return dropped;
    }

    long offered() {
        return offered;
    }
}
