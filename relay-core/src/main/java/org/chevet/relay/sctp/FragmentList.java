package org.chevet.relay.sctp;

import org.jspecify.annotations.Nullable;

/** Fragments of one stream in order, ordered or unordered ones. One thread. */
final class FragmentList {
    private final WorkCount work;
    @Nullable Fragment head;
    @Nullable Fragment tail;
    private int size;

    /** An empty list; every fragment looked at on a walk counts as one step in {@code work}. */
    FragmentList(final WorkCount work) {
        this.work = work;
    }

    int size() {
        return size;
    }

    /** Puts it in its place, found from the end because most come in order; false when the place is taken. */
    boolean insert(final Fragment added, final boolean interleaved) {
        Fragment before = tail;
        while (before != null) {
            work.add(1);
            final int distance = added.distanceFrom(before, interleaved);
            if (distance == 0) {
                return false;
            }
            if (distance > 0) {
                break;
            }
            before = before.previous;
        }
        final Fragment after = before == null ? head : before.next;
        added.previous = before;
        added.next = after;
        if (before == null) {
            head = added;
        } else {
            before.next = added;
        }
        if (after == null) {
            tail = added;
        } else {
            after.previous = added;
        }
        size++;
        return true;
    }

    void remove(final Fragment removed) {
        final Fragment before = removed.previous;
        final Fragment after = removed.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before;
        }
        size--;
        removed.next = null;
        removed.previous = null;
    }

    /** The first fragment of the whole message this one belongs to, or null when parts are missing. */
    @Nullable Fragment wholeAround(final Fragment one, final boolean interleaved) {
        // Forward first: in-order arrivals end there at once unless they are the last.
        if (lastOf(one, interleaved) == null) {
            return null;
        }
        Fragment first = one;
        while (!first.isBegin()) {
            work.add(1);
            final Fragment before = first.previous;
            if (before == null || !first.follows(before, interleaved)) {
                return null;
            }
            first = before;
        }
        return first;
    }

    /** The last fragment of the message, walking on from {@code one}; null when parts are missing. */
    @Nullable Fragment lastOf(final Fragment one, final boolean interleaved) {
        Fragment last = one;
        while (!last.isEnd()) {
            work.add(1);
            final Fragment after = last.next;
            if (after == null || !after.follows(last, interleaved)) {
                return null;
            }
            last = after;
        }
        return last;
    }
}
