package org.chevet.relay.stream;

/**
 * Asks a publisher for packets that did not arrive (RFC 4585 section 6.2.1).
 *
 * <p>A gap is given time to turn out as reordering, then each packet is asked for a bounded number of times, a round
 * trip apart. The round trip is learned from packets that came after exactly one request. Lane thread only.
 */
public final class NackGenerator {
    /** Packets missed at once, above which repair is hopeless and video needs a key frame. */
    public static final int MAX_MISSING = 256;
    /** Requests for one packet. */
    public static final int MAX_TRIES = 6;
    /** How long a gap may be mere reordering. */
    public static final long REORDERING_NS = 8_000_000L;
    /** Round trip assumed before one is measured. */
    public static final long INITIAL_ROUND_TRIP_NS = 100_000_000L;
    private static final long MIN_INTERVAL_NS = 20_000_000L;
    private static final long MAX_INTERVAL_NS = 500_000_000L;

    // Made at the first gap: most sources never have one.
    private long[] missing = {};
    private long[] dueNs = {};
    private long[] askedNs = {};
    private int[] tries = {};
    private int count;
    private long roundTripNs = INITIAL_ROUND_TRIP_NS;
    private boolean measured;
    private long deadlineNs = Long.MAX_VALUE;

    /**
     * Notes that extended sequence numbers {@code from} (included) to {@code to} (excluded) were jumped over.
     *
     * @return false when there are too many: all is forgotten
     */
    public boolean onGap(final long from, final long to, final long nowNs) {
        if (to - from > MAX_MISSING - count) {
            clear();
            return false;
        }
        if (tries.length == 0) {
            missing = new long[MAX_MISSING];
            dueNs = new long[MAX_MISSING];
            askedNs = new long[MAX_MISSING];
            tries = new int[MAX_MISSING];
        }
        for (long sequence = from; sequence < to; sequence++) {
            missing[count] = sequence;
            dueNs[count] = nowNs + REORDERING_NS;
            tries[count] = 0;
            count++;
        }
        deadlineNs = Math.min(deadlineNs, nowNs + REORDERING_NS);
        return true;
    }

    /** A packet came after all: it is not asked for again. */
    public void onArrived(final long sequence, final long nowNs) {
        for (int i = 0; i < count; i++) {
            if (missing[i] == sequence) {
                if (tries[i] == 1) {
                    measure(nowNs - askedNs[i]);
                }
                remove(i);
                return;
            }
        }
    }

    /**
     * Takes the packets to ask for now, oldest first, as 16-bit sequence numbers.
     *
     * @param sequences filled from index 0
     * @return how many
     */
    public int poll(final int[] sequences, final long nowNs) {
        if (nowNs < deadlineNs) {
            return 0;
        }
        int due = 0;
        int kept = 0;
        deadlineNs = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (dueNs[i] <= nowNs && tries[i] == MAX_TRIES) {
                continue;
            }
            if (dueNs[i] <= nowNs && due < sequences.length) {
                sequences[due++] = (int) missing[i] & 0xFFFF;
                askedNs[i] = nowNs;
                tries[i]++;
                dueNs[i] = nowNs + intervalNs();
            }
            deadlineNs = Math.min(deadlineNs, dueNs[i]);
            move(i, kept++);
        }
        count = kept;
        return due;
    }

    /** When {@link #poll} may have something, or {@code Long.MAX_VALUE}. */
    public long nextDeadlineNs() {
        return deadlineNs;
    }

    /** Packets missing now. */
    public int missing() {
        return count;
    }

    /** The round trip in use, measured or assumed. */
    public long roundTripNs() {
        return roundTripNs;
    }

    /** Forgets every gap: the source restarted or ended. */
    public void clear() {
        count = 0;
        deadlineNs = Long.MAX_VALUE;
    }

    private long intervalNs() {
        return Math.clamp(roundTripNs + roundTripNs / 4, MIN_INTERVAL_NS, MAX_INTERVAL_NS);
    }

    private void measure(final long sampleNs) {
        roundTripNs = measured ? roundTripNs + (sampleNs - roundTripNs) / 8 : sampleNs;
        measured = true;
    }

    private void remove(final int index) {
        for (int i = index + 1; i < count; i++) {
            move(i, i - 1);
        }
        count--;
        if (count == 0) {
            deadlineNs = Long.MAX_VALUE;
        }
    }

    private void move(final int from, final int to) {
        missing[to] = missing[from];
        dueNs[to] = dueNs[from];
        askedNs[to] = askedNs[from];
        tries[to] = tries[from];
    }
}
