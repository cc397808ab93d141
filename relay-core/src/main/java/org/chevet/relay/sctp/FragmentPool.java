package org.chevet.relay.sctp;

import org.jspecify.annotations.Nullable;

/**
 * Fragments that are not in use, by size. Grows as chunks have to wait, up to what the owner lets it hold; never given
 * back to the collector before the association ends. One thread.
 */
final class FragmentPool {
    private static final int[] SIZES = {256, 1280, 4096, 65_536};

    private final @Nullable Fragment[] free = new @Nullable Fragment[SIZES.length];
    private long inUse;

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
        if (first == null) {
            return new Fragment(SIZES[index]);
        }
        free[index] = first.next;
        first.next = null;
        return first;
    }

    void give(final Fragment fragment) {
        final int index = classOf(fragment.bytes().capacity());
        inUse -= SIZES[index];
        fragment.next = free[index];
        free[index] = fragment;
    }

    /** Memory of the fragments taken, in bytes. */
    long inUse() {
        return inUse;
    }
}
