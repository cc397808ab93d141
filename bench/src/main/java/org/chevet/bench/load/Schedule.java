package org.chevet.bench.load;

import java.util.Arrays;

/** Sources by the time their next packet is due: a binary heap. One thread; allocates only to grow. */
final class Schedule {
    private Source[] heap = new Source[64];
    private int size;

    /** Takes a source. */
    void add(final Source source) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        heap[size] = source;
        up(size++);
    }

    /** Leaves a source out from now on. */
    void remove(final Source source) {
        for (int i = 0; i < size; i++) {
            if (heap[i].equals(source)) {
                size--;
                heap[i] = heap[size];
                down(i);
                up(i);
                return;
            }
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The source that is due first; there must be one. */
    Source first() {
        return heap[0];
    }

    /** After the first source's due time changed. */
    void moved() {
        down(0);
    }

    /** When the first is due, Long.MAX_VALUE when there is none. */
    long dueNs() {
        return size == 0 ? Long.MAX_VALUE : heap[0].dueNs();
    }

    private void up(final int from) {
        int at = from;
        while (at > 0 && heap[at].dueNs() < heap[(at - 1) / 2].dueNs()) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    private void down(final int from) {
        int at = from;
        while (true) {
            int least = at;
            for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size; child++) {
                if (heap[child].dueNs() < heap[least].dueNs()) {
                    least = child;
                }
            }
            if (least == at) {
                return;
            }
            swap(at, least);
            at = least;
        }
    }

    private void swap(final int a, final int b) {
        final Source held = heap[a];
        heap[a] = heap[b];
        heap[b] = held;
    }
}
