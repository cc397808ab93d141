package org.chevet.codec.pack;

/** The first number of a channel: its length in 6 bits, then so many bits. */
final class FirstSample {
    static final int LENGTH_BITS = 6;

    private FirstSample() {
    }

    static int length(final long folded) {
        return Long.SIZE - Long.numberOfLeadingZeros(folded);
    }

    static int bits(final int value) {
        return LENGTH_BITS + length(RiceState.fold(value));
    }
}
