package org.chevet.relay.sctp;

import org.jspecify.annotations.Nullable;

/** What was given a TSN and is not yet passed by the peer's cumulative one: a ring that grows to its bound. */
final class SentChunks {
    /** Chunks with a TSN that wait for the cumulative one to pass. */
    static final int MAX = 4096;
    private static final int INITIAL = 16;

    /** Where a chunk stands. */
    enum State { IN_FLIGHT, ACKED, LOST, ABANDONED }

    /** One chunk; reused with its place in the ring. */
    static final class Chunk {
        @Nullable OutMessage message;
        State state = State.IN_FLIGHT;
        int offset;
        int length;
        int fragment;
        int flags;
        int sends;
        int missing;
        boolean fastRetransmitted;
        /** The latest SACK did not cover it. */
        boolean doubted;
    }

    private Chunk[] ring = chunks(new Chunk[INITIAL]);
    private int first;
    private int next;

    private static Chunk[] chunks(final Chunk[] array) {
        for (int i = 0; i < array.length; i++) {
            if (array[i] == null) {
                array[i] = new Chunk();
            }
        }
        return array;
    }

    void start(final int tsn) {
        first = tsn;
        next = tsn;
    }

    /** The lowest TSN not passed. */
    int first() {
        return first;
    }

    /** The TSN the next new chunk gets. */
    int next() {
        return next;
    }

    int size() {
        return next - first;
    }

    boolean isFull() {
        return size() >= MAX;
    }

    /** The chunk of a TSN from {@link #first} to before {@link #next}. */
    Chunk at(final int tsn) {
        return ring[tsn & (ring.length - 1)];
    }

    /** Gives the next TSN; the caller fills the chunk. */
    Chunk add() {
        if (size() == ring.length) {
            grow();
        }
        return ring[next++ & (ring.length - 1)];
    }

    /** Takes the lowest one off. */
    void removeFirst() {
        at(first).message = null;
        first++;
    }

    private void grow() {
        final Chunk[] larger = new Chunk[2 * ring.length];
        for (int tsn = first; tsn != next; tsn++) {
            larger[tsn & (larger.length - 1)] = at(tsn);
        }
        ring = chunks(larger);
    }
}
