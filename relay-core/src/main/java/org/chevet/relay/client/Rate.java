package org.chevet.relay.client;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Samples per second as an exact rational in lowest terms; 0/1 is aperiodic.
 *
 * @param numerator at least 0
 * @param denominator 1 to 2^32 - 1
 */
public record Rate(long numerator, long denominator) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MAX_DENOMINATOR = 0xFFFF_FFFFL;
    /** Keeps (numerator - 1) * 10^9 within a long. */
    private static final long MAX_NUMERATOR = Long.MAX_VALUE / SECOND_NS;

    /** Reduces to lowest terms. */
    public Rate {
        if (numerator < 0 || numerator > MAX_NUMERATOR || denominator < 1 || denominator > MAX_DENOMINATOR) {
            throw new IllegalArgumentException("rate " + numerator + "/" + denominator + " is out of range");
        }
        final long divisor = BigInteger.valueOf(numerator).gcd(BigInteger.valueOf(denominator)).longValueExact();
        numerator /= divisor;
        denominator /= divisor;
    }

    /**
     * The rate a decimal means: exactly it when it fits ("249.89" is 24989/100), otherwise the simplest fraction
     * that rounds to it ("0.0166666666667" is 1/60).
     */
    public static Rate parse(final String decimal) {
        final BigDecimal value = new BigDecimal(decimal).stripTrailingZeros();
        if (value.signum() < 0) {
            throw new IllegalArgumentException("rate " + decimal + " is negative");
        }
        final int scale = Math.max(0, value.scale());
        final BigInteger denominator = BigInteger.TEN.pow(scale);
        final BigInteger numerator = value.multiply(new BigDecimal(denominator)).toBigIntegerExact();
        final BigInteger divisor = numerator.signum() == 0 ? denominator : numerator.gcd(denominator);
        final BigInteger n = numerator.divide(divisor);
        final BigInteger d = denominator.divide(divisor);
        if (d.bitLength() <= Integer.SIZE && n.bitLength() < Integer.SIZE) {
            return new Rate(n.longValueExact(), d.longValueExact());
        }
        final BigInteger two = BigInteger.TWO;
        return simplest(numerator.multiply(two).subtract(BigInteger.ONE), numerator.multiply(two).add(BigInteger.ONE),
            denominator.multiply(two));
    }

    /** Simplest fraction between low/d and high/d: a walk down the Stern-Brocot tree by continued fractions. */
    private static Rate simplest(final BigInteger low, final BigInteger high, final BigInteger d) {
        BigInteger lowN = low;
        BigInteger lowD = d;
        BigInteger highN = high;
        BigInteger highD = d;
        BigInteger previousN = BigInteger.ZERO;
        BigInteger previousD = BigInteger.ONE;
        BigInteger n = BigInteger.ONE;
        BigInteger currentD = BigInteger.ZERO;
        while (true) {
            final BigInteger whole = lowN.divide(lowD);
            final boolean fits = whole.add(BigInteger.ONE).multiply(highD).compareTo(highN) <= 0;
            final BigInteger term = fits ? whole.add(BigInteger.ONE) : whole;
            final BigInteger nextN = term.multiply(n).add(previousN);
            final BigInteger nextD = term.multiply(currentD).add(previousD);
            previousN = n;
            previousD = currentD;
            n = nextN;
            currentD = nextD;
            if (fits) {
                return new Rate(n.longValueExact(), currentD.longValueExact());
            }
            final BigInteger restLow = lowN.subtract(whole.multiply(lowD));
            final BigInteger restHigh = highN.subtract(whole.multiply(highD));
            final BigInteger oldLowD = lowD;
            lowN = highD;
            lowD = restHigh;
            highN = oldLowD;
            highD = restLow.signum() == 0 ? BigInteger.ONE : restLow;
        }
    }

    /** This rate times a whole number. */
    public Rate times(final int factor) {
        return new Rate(Math.multiplyExact(numerator, factor), denominator);
    }

    /** True when there is no rate. */
    public boolean isAperiodic() {
        return numerator == 0;
    }

    /** When a sample is, in nanoseconds after sample 0: floor(index * denominator * 10^9 / numerator), exact. */
    public long timeOfNs(final long index) {
        final long ticks = Math.multiplyExact(index, denominator);
        return ticks / numerator * SECOND_NS + ticks % numerator * SECOND_NS / numerator;
    }

    /** Samples per second, rounded to a double. */
    public double hz() {
        return (double) numerator / denominator;
    }
}
