package org.chevet.relay.lane;

import java.util.Arrays;

/**
 * The deadlines of everything on a lane in one place: an indexed binary heap of (id, deadline).
 *
 * <p>Ids are small non-negative numbers chosen by the caller; each has at most one deadline. All operations are
 * O(log n) and
 * allocate only when the highest id grows. Lane thread only.
 */
final class DeadlineTable {
    private static final int ABSENT = -1;
    private static final int INITIAL_IDS = 64;

    private long[] deadlineOfId = new long[INITIAL_IDS];
    private int[] positionOfId = new int[INITIAL_IDS];
    private int[] heap = new int[INITIAL_IDS];
    private int size;

    DeadlineTable() {
        Arrays.fill(positionOfId, ABSENT);
    }

    /** Sets the deadline of an id in nanoseconds; {@code Long.MAX_VALUE} removes it. */
    void set(final int id, final long deadlineNs) {
        growTo(id);
        final int position = positionOfId[id];
        if (deadlineNs == Long.MAX_VALUE) {
            if (position != ABSENT) {
                removeAt(position);
            }
            return;
        }
        deadlineOfId[id] = deadlineNs;
        if (position == ABSENT) {
            place(id, size++);
            up(size - 1);
        } else {
            up(position);
            down(positionOfId[id]);
        }
    }

    /** The earliest deadline, or {@code Long.MAX_VALUE}. */
    long next() {
        return size == 0 ? Long.MAX_VALUE : deadlineOfId[heap[0]];
    }

    /** Takes out the id with the earliest deadline when that is at or before {@code nowNs}; -1 when none is due. */
    int pollDue(final long nowNs) {
        if (size == 0 || deadlineOfId[heap[0]] > nowNs) {
            return -1;
        }
        final int id = heap[0];
        removeAt(0);
        return id;
    }

    private void removeAt(final int position) {
        final int id = heap[position];
        size--;
        if (position != size) {
            final int moved = heap[size];
            place(moved, position);
            up(position);
            down(positionOfId[moved]);
        }
        positionOfId[id] = ABSENT;
    }

    private void up(final int from) {
        int position = from;
        final int id = heap[position];
        while (position > 0) {
            final int parent = (position - 1) >>> 1;
            if (deadlineOfId[heap[parent]] <= deadlineOfId[id]) {
                break;
            }
            place(heap[parent], position);
            position = parent;
        }
        place(id, position);
    }

    private void down(final int from) {
        int position = from;
        final int id = heap[position];
        while (true) {
            int child = 2 * position + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && deadlineOfId[heap[child + 1]] < deadlineOfId[heap[child]]) {
                child++;
            }
            if (deadlineOfId[heap[child]] >= deadlineOfId[id]) {
                break;
            }
            place(heap[child], position);
            position = child;
        }
        place(id, position);
    }

    private void place(final int id, final int position) {
        heap[position] = id;
        positionOfId[id] = position;
    }

    private void growTo(final int id) {
        if (id < positionOfId.length) {
            return;
        }
        final int old = positionOfId.length;
        final int wanted = Math.max(id + 1, 2 * old);
        deadlineOfId = Arrays.copyOf(deadlineOfId, wanted);
        positionOfId = Arrays.copyOf(positionOfId, wanted);
        heap = Arrays.copyOf(heap, wanted);
        Arrays.fill(positionOfId, old, wanted, ABSENT);
    }
}
