package org.chevet.relay.sctp;

import org.jspecify.annotations.Nullable;

/** One stream we send on: its queue, numbers and priority. One thread. */
final class OutStream {
    private final int id;
    @Nullable OutMessage head;
    @Nullable OutMessage tail;
    int priority = SctpAssociation.PRIORITY_NORMAL;
    /** Bytes not yet acknowledged or given up. */
    long buffered;
    long lowWater;
    boolean lowSignalled;
    /** The owner was told. */
    boolean lowReported;
    /** When it was served last, to take turns among equals. */
    long servedTurn;
    /** Being reset: takes nothing new. */
    boolean closing;
    private int nextOrdered;
    private int nextUnordered;

    OutStream(final int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    void add(final OutMessage message) {
        final OutMessage last = tail;
        message.next = null;
        tail = message;
        if (last == null) {
            head = message;
        } else {
            last.next = message;
        }
    }

    OutMessage removeHead() {
        final OutMessage first = head;
        if (first == null) {
            throw new IllegalStateException("empty");
        }
        head = first.next;
        if (head == null) {
            tail = null;
        }
        first.next = null;
        return first;
    }

    /** DATA numbers ordered messages only; I-DATA both kinds, apart (RFC 8260 section 2.1). */
    int number(final boolean ordered, final boolean interleaved) {
        if (ordered) {
            return nextOrdered++;
        }
        return interleaved ? nextUnordered++ : 0;
    }

    void restart() {
        nextOrdered = 0;
        nextUnordered = 0;
        closing = false;
    }
}
