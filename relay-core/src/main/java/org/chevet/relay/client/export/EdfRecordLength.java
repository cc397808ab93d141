package org.chevet.relay.client.export;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.chevet.relay.client.Rate;

/**
 * How many samples a data record has and how long the header says it lasts. The header has eight characters for the
 * duration, so for most rates that are no whole number the length is chosen whose duration is nearest to the truth.
 *
 * @param samples per channel and record
 * @param duration seconds, at most eight characters of plain decimal
 */
record EdfRecordLength(int samples, BigDecimal duration) {
    private static final int CHARACTERS = 8;
    /** With rates below two a second, records of one sample; above, as near to a second as the duration allows. */
    private static final double LONGEST_S = 2;

    static EdfRecordLength of(final Rate rate, final int mostSamples) {
        if (rate.denominator() == 1 && rate.numerator() <= mostSamples) {
            return new EdfRecordLength((int) rate.numerator(), BigDecimal.ONE);
        }
        final int most = Math.clamp((long) (rate.hz() * LONGEST_S), 1, mostSamples);
        EdfRecordLength best = null;
        BigDecimal least = null;
        for (int samples = Math.max(1, most / 4); samples <= most; samples++) {
            final BigDecimal exact = BigDecimal.valueOf(samples).multiply(BigDecimal.valueOf(rate.denominator()))
                .divide(BigDecimal.valueOf(rate.numerator()), MathContext.DECIMAL64);
            final BigDecimal duration = written(exact);
            if (duration.signum() > 0) {
                final BigDecimal error = duration.subtract(exact).abs().divide(exact, MathContext.DECIMAL64);
                if (least == null || error.compareTo(least) < 0) {
                    least = error;
                    best = new EdfRecordLength(samples, duration);
                }
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no record length for " + rate.numerator() + "/" + rate.denominator());
        }
        return best;
    }

    private static BigDecimal written(final BigDecimal exact) {
        final int whole = exact.toBigInteger().toString().length();
        final BigDecimal rounded = exact.setScale(Math.max(0, CHARACTERS - whole - 1), RoundingMode.HALF_UP)
            .stripTrailingZeros();
        return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
    }
}
