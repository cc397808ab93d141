package org.chevet.relay.lane;

import java.util.Arrays;

/**
 * Numbers of what has something to do in this turn, each at most once, first in first out. Allocates only when
 * the highest
 * number grows. Lane thread only.
 */
final class DirtyList {
    private static final int INITIAL = 64;

    private int[] numbers = new int[INITIAL];
    private boolean[] listed = new boolean[INITIAL];
    private int head;
    private int size;

    /** Lists a number, unless it is listed. */
    void add(final int number) {
        if (number >= listed.length) {
            grow(number + 1);
        }
        if (!listed[number]) {
            listed[number] = true;
            numbers[(head + size++) % numbers.length] = number;
        }
    }

    /** Takes the number listed first, or -1. */
    int poll() {
        if (size == 0) {
            return -1;
        }
        final int number = numbers[head];
        head = (head + 1) % numbers.length;
        size--;
        listed[number] = false;
        return number;
    }

    private void grow(final int wanted) {
        final int length = Math.max(wanted, 2 * listed.length);
        final int[] ordered = new int[length];
        for (int i = 0; i < size; i++) {
            ordered[i] = numbers[(head + i) % numbers.length];
        }
        numbers = ordered;
        head = 0;
        listed = Arrays.copyOf(listed, length);
    }
}
