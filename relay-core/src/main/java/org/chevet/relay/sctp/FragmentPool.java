package org.chevet.relay.sctp;

import org.jspecify.annotations.Nullable;

/**
 * Fragments that are not in use, by size. Grows as chunks have to wait; in use and free together stay within the bound
 * as long as the owner takes no more than that. One thread.
 */
final class FragmentPool {
    private static final int[] SIZES = {256, 1280, 4096, 65_536};

    private final @Nullable Fragment[] free = new @Nullable Fragment[SIZES.length];
    private final long bound;
    private long inUse;
    private long unused;

    /** An empty pool; {@code bound} in bytes of buffers. */
    FragmentPool(final long bound) {
        this.bound = bound;
    }

    private static int classOf(final int length) {
        int index = 0;
        while (SIZES[index] < length) {
            index++;
        }
        return index;
    }

    /** Memory one fragment of this length takes, in bytes. */
    static int costOf(final int length) {
        return SIZES[classOf(length)];
    }

    Fragment take(final int length) {
        final int index = classOf(length);
        inUse += SIZES[index];
        final Fragment first = free[index];
        if (first != null) {
            removeFree(index, first);
            return first;
        }
        // Free ones of other sizes make room, the largest first.
        for (int other = SIZES.length - 1; other >= 0; other--) {
            for (Fragment each = free[other]; each != null && inUse + unused > bound; each = free[other]) {
                removeFree(other, each);
            }
        }
        return new Fragment(SIZES[index]);
    }

    private void removeFree(final int index, final Fragment first) {
        free[index] = first.next;
        first.next = null;
        unused -= SIZES[index];
    }

    void give(final Fragment fragment) {
        final int index = classOf(fragment.bytes().capacity());
        inUse -= SIZES[index];
        unused += SIZES[index];
        fragment.next = free[index];
        free[index] = fragment;
    }

    /** Memory of the fragments taken and of those that are free, in bytes. */
    long memory() {
        return inUse + unused;
    }

    /** Memory of the fragments taken, in bytes. */
    long inUse() {
        return inUse;
    }
}
