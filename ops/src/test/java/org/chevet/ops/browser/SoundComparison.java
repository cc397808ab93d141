package org.chevet.ops.browser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How near a recording comes to a sound that was played over and over, between 20 and 1000 Hz (REQUIREMENTS "Numbers",
 * auscultation). Each second of the recording is aligned for itself, none is left out: a receiver that catches up or
 * waits shifts all that follows, which is another fault than a changed sound.
 *
 * @param correlation of all seconds together, each at its own place, 1 = the same but for a factor
 * @param median of the seconds' correlations
 * @param good how many of the seconds reach 0.97
 * @param seconds that were compared
 * @param levels dB of the recording over what was played: 20 to 1000 Hz, then each of {@link #BANDS}
 * @param shares dB of what was played: how far each of the bands is below all of them
 */
record SoundComparison(double correlation, double median, int good, int seconds, List<Double> levels,
    List<Double> shares) {
    /** Edges of the bands, in hertz. */
    static final List<Integer> BANDS = List.of(20, 50, 100, 200, 400, 1000);
    private static final int COARSE = 4;

    /** Copies the lists. */
    SoundComparison {
        levels = List.copyOf(levels);
        shares = List.copyOf(shares);
    }

    /** Compares; both at {@code rateHz}, {@code played} at least a second and repeated without a pause. */
    static SoundComparison of(final float[] played, final float[] heard, final int rateHz) {
        final float[] twice = Arrays.copyOf(played, played.length + rateHz);
        System.arraycopy(played, 0, twice, played.length, rateHz);
        final double[] reference = banded(twice, rateHz);
        final double[] recorded = banded(heard, rateHz);
        final int seconds = heard.length / rateHz;
        final double[] correlations = new double[seconds];
        final double[] sums = new double[3];
        final double[] ofHeard = new double[BANDS.size()];
        final double[] ofPlayed = new double[BANDS.size()];
        for (int second = 0; second < seconds; second++) {
            final int at = second * rateHz;
            final int place = place(reference, recorded, at, played.length, rateHz);
            final double both = product(reference, place, recorded, at, rateHz);
            final double one = product(reference, place, reference, place, rateHz);
            final double other = product(recorded, at, recorded, at, rateHz);
            correlations[second] = both / Math.sqrt(one * other);
            sums[0] += both;
            sums[1] += one;
            sums[2] += other;
            addBands(ofPlayed, twice, place, rateHz);
            addBands(ofHeard, heard, at, rateHz);
        }
        final List<Double> levels = new ArrayList<>();
        final List<Double> shares = new ArrayList<>();
        for (int i = 0; i < BANDS.size(); i++) {
            levels.add(10 * Math.log10(ofHeard[i] / ofPlayed[i]));
            shares.add(10 * Math.log10(ofPlayed[i] / ofPlayed[0]));
        }
        Arrays.sort(correlations);
        return new SoundComparison(sums[0] / Math.sqrt(sums[1] * sums[2]), correlations[seconds / 2],
            (int) Arrays.stream(correlations).filter(one -> one >= 0.97).count(), seconds, levels, shares);
    }

    /** Where in the reference the second of the recording is most alike: coarsely everywhere, then sample by sample. */
    private static int place(final double[] reference, final double[] recorded, final int at, final int places,
        final int rateHz) {
        final int window = rateHz / COARSE;
        final int size = Integer.highestOneBit(reference.length / COARSE + window) << 1;
        final double[][] one = new double[2][size];
        final double[][] other = new double[2][size];
        final double[] energy = new double[reference.length / COARSE + 1];
        for (int i = 0; i < reference.length / COARSE; i++) {
            one[0][i] = reference[i * COARSE];
            energy[i + 1] = energy[i] + one[0][i] * one[0][i];
        }
        for (int i = 0; i < window; i++) {
            other[0][i] = recorded[at + i * COARSE];
        }
        transform(one[0], one[1]);
        transform(other[0], other[1]);
        for (int i = 0; i < size; i++) {
            final double real = one[0][i] * other[0][i] + one[1][i] * other[1][i];
            one[1][i] = one[1][i] * other[0][i] - one[0][i] * other[1][i];
            one[0][i] = real;
        }
        final double[] likeness = inverse(one[0], one[1]);
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < places / COARSE; i++) {
            final double alike = likeness[i] / Math.sqrt(energy[i + window] - energy[i] + 1e-12);
            if (alike > most) {
                most = alike;
                best = i * COARSE;
            }
        }
        int place = best;
        most = Double.NEGATIVE_INFINITY;
        for (int i = Math.max(0, best - COARSE); i <= Math.min(reference.length - rateHz, best + COARSE); i++) {
            final double alike = product(reference, i, recorded, at, rateHz)
                / Math.sqrt(product(reference, i, reference, i, rateHz) + 1e-12);
            if (alike > most) {
                most = alike;
                place = i;
            }
        }
        return place;
    }

    private static double product(final double[] one, final int from, final double[] other, final int otherFrom,
        final int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += one[from + i] * other[otherFrom + i];
        }
        return sum;
    }

    /** Adds the power of a second in all bands together and in each, under a Hann window. */
    private static void addBands(final double[] powers, final float[] samples, final int from, final int rateHz) {
        final float[] window = new float[rateHz];
        for (int i = 0; i < rateHz; i++) {
            window[i] = (float) (samples[from + i] * (0.5 - 0.5 * Math.cos(2 * Math.PI * i / rateHz)));
        }
        final double[][] spectrum = spectrum(window, Integer.highestOneBit(rateHz - 1) << 1);
        powers[0] += power(spectrum, rateHz, BANDS.getFirst(), BANDS.getLast());
        for (int i = 1; i < powers.length; i++) {
            powers[i] += power(spectrum, rateHz, BANDS.get(i - 1), BANDS.get(i));
        }
    }

    private static double[] banded(final float[] samples, final int rateHz) {
        final double[][] spectrum = spectrum(samples, Integer.highestOneBit(samples.length - 1) << 1);
        band(spectrum, rateHz, BANDS.getFirst(), BANDS.getLast());
        return Arrays.copyOf(inverse(spectrum[0], spectrum[1]), samples.length);
    }

    /** One line of figures. */
    String line() {
        final StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "r %.4f, median of seconds %.4f,"
            + " %d of %d s at 0.97 or more; 20-1000 Hz %+.2f dB", correlation, median, good, seconds,
            levels.getFirst()));
        for (int i = 1; i < BANDS.size(); i++) {
            line.append(String.format(Locale.ROOT, "; %d-%d Hz %+.2f dB (share %.0f dB)", BANDS.get(i - 1),
                BANDS.get(i), levels.get(i), shares.get(i)));
        }
        return line.toString();
    }

    private static double[][] spectrum(final float[] samples, final int size) {
        final double[] real = new double[size];
        for (int i = 0; i < samples.length; i++) {
            real[i] = samples[i];
        }
        final double[] imaginary = new double[size];
        transform(real, imaginary);
        return new double[][] {real, imaginary};
    }

    private static void band(final double[][] spectrum, final int rateHz, final int low, final int high) {
        final int size = spectrum[0].length;
        for (int i = 0; i < size; i++) {
            final double hz = (double) Math.min(i, size - i) * rateHz / size;
            if (hz < low || hz > high) {
                spectrum[0][i] = 0;
                spectrum[1][i] = 0;
            }
        }
    }

    private static double power(final double[][] spectrum, final int rateHz, final int low, final int high) {
        final int size = spectrum[0].length;
        double power = 0;
        for (int i = (int) ((long) low * size / rateHz); i < (long) high * size / rateHz; i++) {
            power += spectrum[0][i] * spectrum[0][i] + spectrum[1][i] * spectrum[1][i];
        }
        return power;
    }

    private static double[] inverse(final double[] real, final double[] imaginary) {
        // With real and imaginary part exchanged the transform goes the other way.
        transform(imaginary, real);
        Arrays.setAll(real, i -> real[i] / real.length);
        return real;
    }

    /** Discrete Fourier transform in place, radix 2. */
    private static void transform(final double[] real, final double[] imaginary) {
        final int size = real.length;
        for (int i = 1, j = 0; i < size; i++) {
            int bit = size >> 1;
            for (; (j & bit) != 0; bit >>= 1) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                swap(real, i, j);
                swap(imaginary, i, j);
            }
        }
        final double[] cosine = new double[size / 2];
        final double[] sine = new double[size / 2];
        for (int i = 0; i < size / 2; i++) {
            cosine[i] = Math.cos(2 * Math.PI * i / size);
            sine[i] = -Math.sin(2 * Math.PI * i / size);
        }
        for (int half = 1; half < size; half *= 2) {
            final int step = size / (2 * half);
            for (int from = 0; from < size; from += 2 * half) {
                for (int k = 0; k < half; k++) {
                    final int low = from + k;
                    final int high = low + half;
                    final double re = real[high] * cosine[k * step] - imaginary[high] * sine[k * step];
                    final double im = real[high] * sine[k * step] + imaginary[high] * cosine[k * step];
                    real[high] = real[low] - re;
                    imaginary[high] = imaginary[low] - im;
                    real[low] += re;
                    imaginary[low] += im;
                }
            }
        }
    }

    private static void swap(final double[] array, final int one, final int other) {
        final double kept = array[one];
        array[one] = array[other];
        array[other] = kept;
    }
}
