package org.chevet.relay.sctp;

import java.util.Arrays;

/**
 * Which TSNs came: all up to the cumulative one and a bitmap above it, and what a SACK says of them (RFC 9260
 * section 6.2). One thread.
 */
final class ReceivedTsns {
    /** TSNs above the cumulative one that are looked at; what is further away is refused. */
    static final int MAX_SPAN = 4096;
    /** Gap blocks reported. */
    static final int MAX_GAPS = 128;
    /** Duplicates reported in one SACK. */
    static final int MAX_DUPLICATES = 16;

    private final long[] bits = new long[MAX_SPAN / Long.SIZE];
    private final int[] gapStarts = new int[MAX_GAPS];
    private final int[] gapEnds = new int[MAX_GAPS];
    private final int[] duplicates = new int[MAX_DUPLICATES];
    private int cumulative;
    private int highest;
    private int gapCount;
    private int duplicateCount;

    void start(final int firstTsn) {
        cumulative = firstTsn - 1;
        highest = cumulative;
        duplicateCount = 0;
        Arrays.fill(bits, 0);
    }

    int cumulative() {
        return cumulative;
    }

    /** The highest TSN seen. */
    int highest() {
        return highest;
    }

    boolean hasGaps() {
        return highest != cumulative;
    }

    /** True when it came before or counts as such. */
    boolean isKnown(final int tsn) {
        final int ahead = tsn - cumulative;
        return ahead <= 0 || (ahead <= MAX_SPAN && isSet(tsn));
    }

    boolean isWithinSpan(final int tsn) {
        return tsn - cumulative <= MAX_SPAN;
    }

    /** Notes a TSN that is not known and within the span. */
    void add(final int tsn) {
        bits[word(tsn)] |= 1L << tsn;
        if (tsn - highest > 0) {
            highest = tsn;
        }
        advance();
    }

    /** All up to {@code tsn} counts as received; false when that is nothing new. */
    boolean skipTo(final int tsn) {
        final int steps = tsn - cumulative;
        if (steps <= 0) {
            return false;
        }
        if (steps >= MAX_SPAN) {
            Arrays.fill(bits, 0);
        } else {
            for (int i = 1; i <= steps; i++) {
                clear(cumulative + i);
            }
        }
        cumulative = tsn;
        if (cumulative - highest > 0) {
            highest = cumulative;
        }
        advance();
        return true;
    }

    void addDuplicate(final int tsn) {
        if (duplicateCount < MAX_DUPLICATES) {
            duplicates[duplicateCount++] = tsn;
        }
    }

    /** Makes the gap blocks; then read {@link #gapStarts}, {@link #gapEnds}, {@link #gapCount}. */
    void describeGaps() {
        gapCount = 0;
        boolean inside = false;
        final int span = highest - cumulative;
        for (int ahead = 2; ahead <= span + 1; ahead++) {
            final boolean came = ahead <= span && isSet(cumulative + ahead);
            if (came && !inside) {
                if (gapCount == MAX_GAPS) {
                    return;
                }
                gapStarts[gapCount] = ahead;
            } else if (!came && inside) {
                gapEnds[gapCount++] = ahead - 1;
            }
            inside = came;
        }
    }

    int[] gapStarts() {
        return gapStarts;
    }

    int[] gapEnds() {
        return gapEnds;
    }

    int gapCount() {
        return gapCount;
    }

    int[] duplicates() {
        return duplicates;
    }

    int duplicateCount() {
        return duplicateCount;
    }

    void forgetDuplicates() {
        duplicateCount = 0;
    }

    private void advance() {
        while (isSet(cumulative + 1)) {
            cumulative++;
            clear(cumulative);
        }
    }

    private boolean isSet(final int tsn) {
        return (bits[word(tsn)] & (1L << tsn)) != 0;
    }

    private void clear(final int tsn) {
        bits[word(tsn)] &= ~(1L << tsn);
    }

    private static int word(final int tsn) {
        return (tsn >>> 6) & (MAX_SPAN / Long.SIZE - 1);
    }
}
