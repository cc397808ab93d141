package org.chevet.codec.pack;

/**
 * Unpacks what {@link SamplePacker} packed; refuses everything else. Work and memory are bounded by the size of the
 * block, which the caller says. Buffers are borrowed for the call. One owner thread.
 */
public final class SampleUnpacker {
    /** The bytes are no packed block of this shape. */
    public static final int MALFORMED = -1;
    /** The block has more bytes than {@link #MAX_BYTES}, or does not fit into the output. */
    public static final int TOO_LARGE = -2;
    /** Bytes of the largest block that is unpacked. */
    public static final int MAX_BYTES = 1 << 20;

    private static final int MAX_WEIGHT = 2;

    private final RiceState state = new RiceState();
    private int[][] series = new int[0][0];
    private byte[] in = new byte[0];
    private long bitAt;
    private long bitEnd;
    private boolean bad;

    /**
     * Unpacks one block. What is in the output means nothing unless it succeeds.
     *
     * @param width bytes of a sample: 2, 3 or 4
     * @return bytes written: channels * samples * width; or {@link #MALFORMED}, {@link #TOO_LARGE}
     */
    public int unpack(final int width, final int channels, final int samples, final byte[] packed, final int offset,
        final int length, final byte[] out, final int outOffset) {
        if (width < 2 || width > Integer.BYTES || channels < 1 || samples < 1) {
            return MALFORMED;
        }
        final long bytes = (long) channels * samples * width;
        if (bytes > MAX_BYTES || bytes > out.length - outOffset) {
            return TOO_LARGE;
        }
        if (series.length < channels || series[0].length < samples) {
            series = new int[channels][samples];
        }
        in = packed;
        bitAt = (long) offset * Byte.SIZE;
        bitEnd = (long) (offset + length) * Byte.SIZE;
        bad = false;
        for (int channel = 0; channel < channels && !bad; channel++) {
            unpackChannel(channel, samples, width);
        }
        if (bad || bitEnd - bitAt >= Byte.SIZE || take((int) (bitEnd - bitAt)) != 0) {
            return MALFORMED;
        }
        int at = outOffset;
        for (int sample = 0; sample < samples; sample++) {
            for (int channel = 0; channel < channels; channel++) {
                Samples.write(out, at, width, series[channel][sample]);
                at += width;
            }
        }
        return (int) bytes;
    }

    private void unpackChannel(final int channel, final int samples, final int width) {
        final int[] x = series[channel];
        final int filter = (int) take(3);
        if (filter == Filters.RAW) {
            final int unused = Integer.SIZE - width * Byte.SIZE;
            for (int i = 0; i < samples && !bad; i++) {
                x[i] = (int) take(width * Byte.SIZE) << unused >> unused;
            }
            return;
        }
        int w1 = 0;
        int w2 = 0;
        int[] y1 = x;
        int[] y2 = x;
        final boolean crossed = take(1) == 1;
        if (crossed) {
            if (channel == 0) {
                bad = true;
                return;
            }
            y1 = series[Filters.candidate(channel, (int) take(2))];
            y2 = series[Filters.candidate(channel, (int) take(2))];
            w1 = (int) take(3) - MAX_WEIGHT;
            w2 = (int) take(3) - MAX_WEIGHT;
            bad |= w1 > MAX_WEIGHT || w2 > MAX_WEIGHT;
        }
        readSeries(x, samples, filter);
        for (int i = 0; i < samples && !bad; i++) {
            if (crossed) {
                x[i] += Filters.cross(w1, y1[i], w2, y2[i]);
            }
            bad = !Samples.fits(x[i], width);
        }
    }

    /** The channel without the help of others: first number, then what the filter leaves. */
    private void readSeries(final int[] r, final int samples, final int filter) {
        state.start((int) take(5));
        final int length = (int) take(FirstSample.LENGTH_BITS);
        if (length > Integer.SIZE) {
            bad = true;
            return;
        }
        r[0] = RiceState.unfold(take(length));
        for (int i = 1; i < samples && !bad; i++) {
            final int k = state.parameter();
            int ones = 0;
            while (ones < RiceState.ESCAPE && take(1) == 1) {
                ones++;
            }
            final long folded = ones == RiceState.ESCAPE ? take(Integer.SIZE) : (long) ones << k | take(k);
            if (folded > 0xFFFF_FFFFL) {
                bad = true;
                return;
            }
            state.add(folded);
            r[i] = RiceState.unfold(folded) + Filters.predict(filter, r, i);
        }
    }

    /** The next bits; zero, and bad, when there are not so many. */
    private long take(final int bits) {
        if (bitEnd - bitAt < bits) {
            bad = true;
            bitAt = bitEnd;
            return 0;
        }
        long value = 0;
        for (int left = bits; left > 0;) {
            final int used = (int) (bitAt % Byte.SIZE);
            final int part = Math.min(left, Byte.SIZE - used);
            final int chunk = (in[(int) (bitAt / Byte.SIZE)] & 0xFF) >> (Byte.SIZE - used - part) & (1 << part) - 1;
            value = value << part | chunk;
            bitAt += part;
            left -= part;
        }
        return value;
    }
}
