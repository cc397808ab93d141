package org.chevet.relay.srtp;

import java.util.Arrays;

/**
 * Which of the last {@link #SIZE} packet indices were seen (RFC 3711 section 3.3.2), and the highest.
 *
 * <p>The receiver asks with {@link #isFresh} before it authenticates and tells with {@link #accept} after: nothing
 * that failed authentication moves it. It never moves back. Indices are 48-bit (SRTP) or 31-bit (SRTCP), in a long.
 */
final class ReplayWindow {
    /** Indices remembered: more than any reordering or retransmission this relay makes. A power of two. */
    static final int SIZE = 1024;

    private static final int MASK = SIZE - 1;
    private static final long NONE = -1;

    /** Bit {@code index & MASK} tells whether that index was seen; only meaningful for the last SIZE indices. */
    private final long[] seen = new long[SIZE / Long.SIZE];
    private long highest = NONE;

    /** The highest index accepted, -1 before the first. */
    long highest() {
        return highest;
    }

    /** True when the index was not accepted before and is not too old to know; never for a negative one. */
    boolean isFresh(final long index) {
        if (index > highest) {
            return true;
        }
        return index >= 0 && highest - index < SIZE && (seen[word(index)] & bit(index)) == 0;
    }

    /** Marks a fresh index as seen; moves the window forward when it is the highest. */
    void accept(final long index) {
        if (index > highest) {
            if (highest == NONE || index - highest >= SIZE) {
                Arrays.fill(seen, 0);
            } else {
                for (long passed = highest + 1; passed < index; passed++) {
                    seen[word(passed)] &= ~bit(passed);
                }
            }
            highest = index;
        }
        seen[word(index)] |= bit(index);
    }

    private static int word(final long index) {
        return (int) (index & MASK) >>> 6;
    }

    private static long bit(final long index) {
        return 1L << index;
    }
}
