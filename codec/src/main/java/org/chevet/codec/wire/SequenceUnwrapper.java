package org.chevet.codec.wire;

/**
 * Turns 16-bit sequence numbers into numbers that never wrap, each the candidate nearest to the highest seen so far.
 *
 * <p>The first number lands in cycle 1, so that packets overtaken by the first one stay positive. No validation: a
 * caller that must survive a forged jump authenticates first. Not thread-safe: owned by one stream.
 */
public final class SequenceUnwrapper {
    private static final long CYCLE = 0x1_0000L;
    private static final long UNSET = -1;

    private long highest = UNSET;

    /** The unwrapped number of {@code sequence} (low 16 bits); the highest seen moves forward, never back. */
    public long unwrap(final int sequence) {
        final long unwrapped = peek(sequence);
        if (unwrapped > highest) {
            highest = unwrapped;
        }
        return unwrapped;
    }

    /** What {@link #unwrap(int)} would give, without moving the highest seen. */
    public long peek(final int sequence) {
        if (highest == UNSET) {
            return CYCLE + (sequence & 0xFFFF);
        }
        final long unwrapped = highest + SerialNumbers.distance16((int) highest, sequence);
        // Only reachable when the stream starts near 0 and something half a cycle old arrives.
        return unwrapped < 0 ? unwrapped + CYCLE : unwrapped;
    }

    /** The highest number seen, or -1 when none was. */
    public long highest() {
        return highest;
    }

    /** Forgets what was seen, as for a new stream. */
    public void reset() {
        highest = UNSET;
    }
}
