package org.chevet.relay.route;

/**
 * Maps the rising numbers of one source after another (sequence numbers, picture ids) to one rising series.
 *
 * <ul>
 * <li>What was lost leaves its number free, and fits in when it comes late.
 * <li>What is left out on purpose leaves no hole ({@link #skip}, {@link #resume}).
 * </ul>
 *
 * <p>Plain values. Lane thread only.
 */
final class Numbers {
    /** Left out numbers remembered behind the newest one, to place late ones right. */
    static final int MAX_SKIPS = 64;
    /** In place of a number: it cannot be placed any more. */
    static final long TOO_LATE = -1;

    private final long[] skips = new long[MAX_SKIPS];
    private int skipCount;
    private long base;
    private long highest;
    private long next;
    /** Behind the newest number really used: holes after it belong to a stretch that nobody will fill any more. */
    private long nextUnused;

    /** A series that begins with {@code first}. */
    Numbers(final long first) {
        restart(first);
    }

    /** Begins anew with {@code first}. */
    void restart(final long first) {
        next = first;
        nextUnused = first;
    }

    /** Goes on at {@code in}, of the same source or another: everything before it that was not placed is left out. */
    void resume(final long in) {
        base = in;
        highest = in - 1;
        skipCount = 0;
        next = nextUnused;
    }

    /** A number of the source is left out: the series closes up behind it. */
    void skip(final long in) {
        if (in <= highest) {
            return;
        }
        next += in - highest - 1;
        highest = in;
        if (skipCount == MAX_SKIPS) {
            base = skips[0] + 1;
            System.arraycopy(skips, 1, skips, 0, MAX_SKIPS - 1);
            skipCount--;
        }
        skips[skipCount++] = in;
    }

    /** The place of a number of the source, the same one each time, or {@link #TOO_LATE}. */
    long place(final long in) {
        if (in > highest) {
            next += in - highest;
            nextUnused = next;
            highest = in;
            return next - 1;
        }
        if (in < base) {
            return TOO_LATE;
        }
        int behind = 0;
        for (int i = skipCount - 1; i >= 0 && skips[i] >= in; i--) {
            if (skips[i] == in) {
                return TOO_LATE;
            }
            behind++;
        }
        final long out = next - 1 - (highest - in) + behind;
        nextUnused = Math.max(nextUnused, out + 1);
        return out;
    }

    /** What the next number in order would become. */
    long next() {
        return next;
    }

    /** What comes behind all that was really used. */
    long nextUnused() {
        return nextUnused;
    }

    /** Newest number of the source that was placed or left out. */
    long highest() {
        return highest;
    }
}
