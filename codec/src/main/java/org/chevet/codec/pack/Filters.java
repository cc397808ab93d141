package org.chevet.codec.pack;

/** What comes next in a series by its past: value = (a*x1 + b*x2 + c*x3 + d*x4) >> 1, with zeros before the first. */
final class Filters {
    /** Number of filters; the highest code means raw. */
    static final int COUNT = 7;
    /** Samples as they are. */
    static final int RAW = 7;

    private static final int[][] TWICE = {
        {0, 0, 0, 0}, {2, 0, 0, 0}, {4, -2, 0, 0}, {6, -6, 2, 0}, {3, -1, 0, 0}, {2, 1, 0, -1}, {5, -4, 1, 0}};

    private Filters() {
    }

    /** The prediction, modulo 2^32; the past of a sample that is none is repeated from the first. */
    static int predict(final int filter, final int[] r, final int at) {
        if (at == 0) {
            return 0;
        }
        final int[] w = TWICE[filter];
        final long x1 = r[at - 1];
        final long x2 = at > 1 ? r[at - 2] : x1;
        final long x3 = at > 2 ? r[at - 3] : x2;
        final long x4 = at > 3 ? r[at - 4] : x3;
        return (int) ((w[0] * x1 + w[1] * x2 + w[2] * x3 + w[3] * x4) >> 1);
    }

    /** What is left of a sample by the other channels. */
    static int cross(final int w1, final int y1, final int w2, final int y2) {
        return (int) (((long) w1 * y1 + (long) w2 * y2) >> 1);
    }

    /** The channel that a candidate of two bits means; the channels before it only. */
    static int candidate(final int channel, final int place) {
        return place < 2 ? Math.min(place, channel - 1) : Math.max(0, channel + 1 - place);
    }
}
