package org.chevet.bench.mark;

import org.HdrHistogram.Histogram;

/** Figures of one class of traffic over a window: counts and the distribution of one-way times. One thread. */
public final class Tally {
    private static final long LONGEST_NS = 100_000_000_000L;
    private static final int DIGITS = 3;

    private final Histogram oneWay = new Histogram(1, LONGEST_NS, DIGITS);
    private long expected;
    private long received;
    private long duplicates;
    private long reordered;
    private long earlier;

    /** Counts a one-way time; a negative one, when the clock was set back, is kept apart. */
    public void time(final long ns) {
        if (ns < 0) {
            earlier++;
        } else {
            oneWay.recordValue(Math.min(ns, LONGEST_NS));
        }
    }

    /** Adds what a receiver got of a stream. */
    public void add(final Ledger ledger) {
        expected += ledger.expected();
        received += ledger.received();
        duplicates += ledger.duplicates();
        reordered += ledger.reordered();
    }

    /** Adds another tally. */
    public void add(final Tally other) {
        oneWay.add(other.oneWay);
        expected += other.expected;
        received += other.received;
        duplicates += other.duplicates;
        reordered += other.reordered;
        earlier += other.earlier;
    }

    /** Forgets everything. */
    public void clear() {
        oneWay.reset();
        expected = 0;
        received = 0;
        duplicates = 0;
        reordered = 0;
        earlier = 0;
    }

    /** One-way times in nanoseconds. */
    public Histogram oneWay() {
        return oneWay;
    }

    /** Copies that should have arrived. */
    public long expected() {
        return expected;
    }

    /** Copies that arrived, each once. */
    public long received() {
        return received;
    }

    /** Copies that did not arrive. */
    public long lost() {
        return expected - received;
    }

    /** Share of the copies that did not arrive, 0 to 1. */
    public double loss() {
        return expected == 0 ? 0 : (double) lost() / expected;
    }

    /** Copies that arrived again. */
    public long duplicates() {
        return duplicates;
    }

    /** Copies that arrived after a later one. */
    public long reordered() {
        return reordered;
    }

    /** Copies with a kernel stamp before their send stamp. */
    public long earlier() {
        return earlier;
    }
}
