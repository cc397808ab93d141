package org.chevet.relay.client.e2ee;

/** The last counters of one key that were opened. */
final class ReplayWindow {
    static final int SIZE = 1024;

    private final long[] bits = new long[SIZE / Long.SIZE];
    private long highest = -1;

    /** True when this counter was taken, or is too old to know. */
    boolean isTaken(final long counter) {
        return counter <= highest
            && (counter <= highest - SIZE || (bits[word(counter)] & 1L << counter) != 0);
    }

    /** Marks it. */
    void take(final long counter) {
        if (counter <= highest - SIZE) {
            return;
        }
        final long from = Math.max(highest + 1, counter - SIZE + 1);
        for (long skipped = from; skipped <= counter; skipped++) {
            bits[word(skipped)] &= ~(1L << skipped);
        }
        highest = Math.max(highest, counter);
        bits[word(counter)] |= 1L << counter;
    }

    private static int word(final long counter) {
        return (int) (counter % SIZE) / Long.SIZE;
    }
}
