package org.chevet.codec.pack;

/**
 * Packs blocks. Tries the filters with and without the help of earlier channels and writes what is smallest. Buffers
 * are borrowed for the call. One owner thread.
 */
public final class SamplePacker {
    /** The block did not become smaller: send it as it is. */
    public static final int NOT_SMALLER = -1;

    private static final int MAX_WEIGHT = 2;
    private static final int PLACES = 4;
    private static final int PLACE_BITS = 2;
    private static final int WEIGHT_BITS = 3;
    private static final int FILTER_BITS = 3;
    private static final int PARAMETER_BITS = 5;

    private final RiceState state = new RiceState();
    private int[][] series = new int[0][0];
    private int[] plain = new int[0];
    private int[] crossed = new int[0];
    private int bestFilter;
    private int bestParameter;
    private byte[] out = new byte[0];
    private int limit;
    private long bitAt;
    private boolean full;

    /**
     * Packs one block.
     *
     * @param width bytes of a sample: 2, 3 or 4, little-endian, channels interleaved
     * @param into has room for as many bytes as the block has
     * @return bytes written, fewer than the block's; or {@link #NOT_SMALLER}
     */
    public int pack(final int width, final int channels, final int samples, final byte[] in, final int offset,
        final byte[] into, final int intoOffset) {
        prepare(width, channels, samples, in, offset);
        out = into;
        bitAt = (long) intoOffset * Byte.SIZE;
        limit = intoOffset + channels * samples * width;
        full = false;
        for (int channel = 0; channel < channels && !full; channel++) {
            packChannel(channel, samples, width * Byte.SIZE);
        }
        final int bytes = (int) ((bitAt + Byte.SIZE - 1) / Byte.SIZE) - intoOffset;
        return full || bytes >= channels * samples * width ? NOT_SMALLER : bytes;
    }

    private void prepare(final int width, final int channels, final int samples, final byte[] in, final int offset) {
        if (series.length < channels || plain.length < samples) {
            series = new int[channels][samples];
            plain = new int[samples];
            crossed = new int[samples];
        }
        int at = offset;
        for (int sample = 0; sample < samples; sample++) {
            for (int channel = 0; channel < channels; channel++) {
                series[channel][sample] = Samples.read(in, at, width);
                at += width;
            }
        }
    }

    private void packChannel(final int channel, final int samples, final int bits) {
        final int[] x = series[channel];
        System.arraycopy(x, 0, plain, 0, samples);
        final long alone = best(plain, samples);
        final int aloneFilter = bestFilter;
        final int aloneParameter = bestParameter;
        long helped = Long.MAX_VALUE;
        int code = 0;
        if (channel > 0) {
            code = bestCross(channel, samples);
            cross(channel, code, samples);
            helped = best(crossed, samples) + 2 * (PLACE_BITS + WEIGHT_BITS);
        }
        final long smallest = Math.min(alone, helped) + 1 + PARAMETER_BITS;
        if (smallest >= (long) bits * samples) {
            put(Filters.RAW, FILTER_BITS);
            for (int i = 0; i < samples; i++) {
                put(x[i] & 0xFFFF_FFFFL >>> (Integer.SIZE - bits), bits);
            }
        } else if (helped < alone) {
            put(bestFilter, FILTER_BITS);
            put(1, 1);
            put(code, 2 * (PLACE_BITS + WEIGHT_BITS));
            write(crossed, samples, bestFilter, bestParameter);
        } else {
            put(aloneFilter, FILTER_BITS);
            put(0, 1);
            write(plain, samples, aloneFilter, aloneParameter);
        }
    }

    /** Bits of the best filter for a series; sets it and its parameter. */
    private long best(final int[] r, final int samples) {
        long smallest = Long.MAX_VALUE;
        for (int filter = 0; filter < Filters.COUNT; filter++) {
            long sum = 0;
            final int warm = Math.min(samples, Byte.SIZE);
            for (int i = 0; i < warm; i++) {
                sum += i == 0 && samples > 1 ? 0 : RiceState.fold(r[i] - Filters.predict(filter, r, i));
            }
            final int parameter = Math.min(RiceState.MAX_PARAMETER,
                Long.SIZE - Long.numberOfLeadingZeros(sum / Math.max(1, warm)));
            final long cost = cost(r, samples, filter, parameter, smallest);
            if (cost < smallest) {
                smallest = cost;
                bestFilter = filter;
                bestParameter = parameter;
            }
        }
        return smallest;
    }

    private long cost(final int[] r, final int samples, final int filter, final int parameter, final long enough) {
        state.start(parameter);
        long bits = FirstSample.bits(r[0]);
        for (int i = 1; i < samples && bits < enough; i++) {
            final long folded = RiceState.fold(r[i] - Filters.predict(filter, r, i));
            bits += state.bits(folded);
            state.add(folded);
        }
        return bits;
    }

    /** The pair of earlier channels and weights that leaves the least movement: places and weights as ten bits. */
    private int bestCross(final int channel, final int samples) {
        final int[] x = series[channel];
        long least = Long.MAX_VALUE;
        int found = 0;
        for (int one = 0; one < PLACES; one++) {
            final int[] y1 = series[Filters.candidate(channel, one)];
            for (int two = one + 1; two < PLACES; two++) {
                final int[] y2 = series[Filters.candidate(channel, two)];
                for (int w1 = -MAX_WEIGHT; w1 <= MAX_WEIGHT; w1++) {
                    for (int w2 = -MAX_WEIGHT; w2 <= MAX_WEIGHT; w2++) {
                        final long sum = movement(x, y1, w1, y2, w2, samples, least);
                        if (sum < least) {
                            least = sum;
                            found = ((one << PLACE_BITS | two) << WEIGHT_BITS | w1 + MAX_WEIGHT) << WEIGHT_BITS
                                | w2 + MAX_WEIGHT;
                        }
                    }
                }
            }
        }
        return found;
    }

    private static long movement(final int[] x, final int[] y1, final int w1, final int[] y2, final int w2,
        final int samples, final long enough) {
        long sum = 0;
        int before = x[0] - Filters.cross(w1, y1[0], w2, y2[0]);
        for (int i = 1; i < samples && sum < enough; i++) {
            final int now = x[i] - Filters.cross(w1, y1[i], w2, y2[i]);
            sum += Math.abs((long) (now - before));
            before = now;
        }
        return sum;
    }

    private void cross(final int channel, final int code, final int samples) {
        final int w2 = (code & 7) - MAX_WEIGHT;
        final int w1 = (code >> WEIGHT_BITS & 7) - MAX_WEIGHT;
        final int[] y1 = series[Filters.candidate(channel, code >> (2 * WEIGHT_BITS + PLACE_BITS))];
        final int[] y2 = series[Filters.candidate(channel, code >> (2 * WEIGHT_BITS) & 3)];
        for (int i = 0; i < samples; i++) {
            crossed[i] = series[channel][i] - Filters.cross(w1, y1[i], w2, y2[i]);
        }
    }

    private void write(final int[] r, final int samples, final int filter, final int parameter) {
        put(parameter, PARAMETER_BITS);
        final long first = RiceState.fold(r[0]);
        final int length = FirstSample.length(first);
        put(length, FirstSample.LENGTH_BITS);
        put(first, length);
        state.start(parameter);
        for (int i = 1; i < samples && !full; i++) {
            final long folded = RiceState.fold(r[i] - Filters.predict(filter, r, i));
            final int k = state.parameter();
            final long ones = folded >>> k;
            if (ones >= RiceState.ESCAPE) {
                put((1L << RiceState.ESCAPE) - 1, RiceState.ESCAPE);
                put(folded, Integer.SIZE);
            } else {
                put((1L << (ones + 1)) - 2, (int) ones + 1);
                put(folded & (1L << k) - 1, k);
            }
            state.add(folded);
        }
    }

    private void put(final long value, final int bits) {
        if (bitAt + bits > (long) limit * Byte.SIZE) {
            full = true;
            return;
        }
        for (int left = bits; left > 0;) {
            final int used = (int) (bitAt % Byte.SIZE);
            final int part = Math.min(left, Byte.SIZE - used);
            final int at = (int) (bitAt / Byte.SIZE);
            final int chunk = (int) (value >>> (left - part) & (1L << part) - 1) << (Byte.SIZE - used - part);
            out[at] = (byte) (used == 0 ? chunk : out[at] | chunk);
            bitAt += part;
            left -= part;
        }
    }
}
