package org.chevet.bench.mark;

import java.util.Arrays;

/**
 * What one receiver got of one stream in a window of its sequence numbers: which came, which came twice, which came
 * late. What was lost follows from the window's end. One thread; no allocation after construction.
 */
public final class Ledger {
    /** Numbers behind the highest for which a duplicate is known from a late packet. */
    static final int MEMORY = 4096;
    private static final int WORD = 64;

    private final long[] seen = new long[MEMORY / WORD];
    private long first;
    private long end = Long.MAX_VALUE;
    private long highest;
    private long received;
    private long duplicates;
    private long reordered;
    private long pairMark;
    private int pairRtp;
    private boolean paired;
    private boolean open;

    /** Starts a window: numbers from {@code newFirst} on count, those before belong to the time before. */
    public void begin(final long newFirst) {
        Arrays.fill(seen, 0);
        open = false;
        first = newFirst;
        end = Long.MAX_VALUE;
        highest = newFirst - 1;
        received = 0;
        duplicates = 0;
        reordered = 0;
    }

    /** Starts a window with whatever number comes first: for a stream of which nobody promised a part. */
    public void beginWithFirst() {
        begin(0);
        open = true;
    }

    /** Ends the window: numbers from {@code newEnd} on no longer count; earlier ones may still arrive. */
    public void end(final long newEnd) {
        end = newEnd;
    }

    /** Takes a packet; true when it counts: in the window and for the first time. */
    public boolean accept(final long sequence) {
        if (open) {
            begin(sequence);
        }
        if (sequence < first || sequence >= end) {
            return false;
        }
        if (sequence > highest) {
            final long from = Math.max(highest + 1, sequence - MEMORY + 1);
            for (long i = from; i < sequence; i++) {
                seen[word(i)] &= ~bit(i);
            }
            highest = sequence;
        } else if (highest - sequence >= MEMORY || (seen[word(sequence)] & bit(sequence)) != 0) {
            duplicates++;
            return false;
        } else {
            reordered++;
        }
        seen[word(sequence)] |= bit(sequence);
        received++;
        return true;
    }

    /** Remembers which RTP sequence number a mark travelled under, so that {@link #ofRtp} can tell its neighbours. */
    public void pair(final int rtpSequence, final long sequence) {
        pairRtp = rtpSequence;
        pairMark = sequence;
        paired = true;
    }

    /**
     * The number of a packet that was not opened, from its RTP sequence number; -1 before the first mark.
     * Right as long as the server numbers packets as they came, which the next mark corrects.
     */
    public long ofRtp(final int rtpSequence) {
        return paired ? pairMark + (short) (rtpSequence - pairRtp) : -1;
    }

    /** Packets that came, each counted once. */
    public long received() {
        return received;
    }

    /** Packets that came again. */
    public long duplicates() {
        return duplicates;
    }

    /** Packets that came after a later one. */
    public long reordered() {
        return reordered;
    }

    /** Packets of the window: up to its end, or up to the last that came when it has none. */
    public long expected() {
        return end == Long.MAX_VALUE ? Math.max(0, highest + 1 - first) : Math.max(0, end - first);
    }

    /** Packets of the window that did not come. */
    public long lost() {
        return expected() - received;
    }

    private static int word(final long sequence) {
        return (int) (sequence % MEMORY) / WORD;
    }

    private static long bit(final long sequence) {
        return 1L << (sequence % WORD);
    }
}
