package org.chevet.relay.route;

import org.chevet.codec.payload.DependencyTemplates;

/** Measures rate and pictures of each decode target of one encoding. Lane thread only. */
final class TargetRates {
    private static final int TARGETS = DependencyTemplates.MAX_DECODE_TARGETS;

    private final long[] bytes = new long[TARGETS];
    private final int[] pictures = new int[TARGETS];
    private final long[] rateBps = new long[TARGETS];
    private final int[] fps = new int[TARGETS];

    /** A packet of {@code size} bytes that is part of the targets whose bits are set. */
    void add(final int targets, final int size, final boolean newPicture) {
        for (int left = targets; left != 0; left &= left - 1) {
            final int target = Integer.numberOfTrailingZeros(left);
            bytes[target] += size;
            pictures[target] += newPicture ? 1 : 0;
        }
    }

    /** Ends a window of time. */
    void close(final long elapsedNs) {
        for (int i = 0; i < TARGETS; i++) {
            rateBps[i] = Layer.smoothed(rateBps[i], bytes[i], elapsedNs);
            fps[i] = (int) Math.round(pictures[i] * 1e9 / elapsedNs);
            bytes[i] = 0;
            pictures[i] = 0;
        }
    }

    /** Forgets all: another source. */
    void reset() {
        for (int i = 0; i < TARGETS; i++) {
            bytes[i] = 0;
            pictures[i] = 0;
            rateBps[i] = 0;
            fps[i] = 0;
        }
    }

    /** Bits per second, 0 before the first window ends. */
    long rateBps(final int target) {
        return rateBps[target];
    }

    /** Pictures per second in the last window. */
    int fps(final int target) {
        return fps[target];
    }
}
