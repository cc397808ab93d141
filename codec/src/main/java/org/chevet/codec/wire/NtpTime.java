package org.chevet.codec.wire;

/**
 * NTP timestamps (RFC 5905 section 6) as RTCP carries them: 32 bits of seconds since 1900 and 32 of fraction, and the
 * middle 32 bits (16.16) of reports (RFC 3550 section 4).
 *
 * <p>Seconds wrap on 7 February 2036; a value with the top bit clear is read as after that day (RFC 4330 section 3),
 * so times from 1968 to 2104 come back exactly. Stateless; safe on any thread.
 */
public final class NtpTime {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long UNIX_EPOCH_IN_NTP_SECONDS = 2_208_988_800L;
    private static final long ERA_SECONDS = 1L << 32;
    private static final long HALF_FRACTION = 1L << 31;
    private static final long U32 = 0xFFFF_FFFFL;
    private static final int FRACTION_BITS = 32;
    private static final int MIDDLE_BITS = 16;
    private static final long HALF_MIDDLE = 1L << 15;

    private NtpTime() {
    }

    /** The 64-bit NTP timestamp of a time in ns since 1970. */
    public static long ofUnixNs(final long unixNs) {
        final long seconds = Math.floorDiv(unixNs, NS_PER_SECOND) + UNIX_EPOCH_IN_NTP_SECONDS;
        final long fraction = (Math.floorMod(unixNs, NS_PER_SECOND) << FRACTION_BITS) / NS_PER_SECOND;
        return (seconds << FRACTION_BITS) | fraction;
    }

    /** Ns since 1970 of a 64-bit NTP timestamp, to the nearest ns. */
    public static long toUnixNs(final long ntp) {
        final long seconds = ntp >>> FRACTION_BITS;
        final long inEra = ntp < 0 ? seconds : seconds + ERA_SECONDS;
        final long fractionNs = ((ntp & U32) * NS_PER_SECOND + HALF_FRACTION) >>> FRACTION_BITS;
        return (inEra - UNIX_EPOCH_IN_NTP_SECONDS) * NS_PER_SECOND + fractionNs;
    }

    /** The middle 32 bits of a timestamp, the LSR field of report blocks. */
    public static int middle32(final long ntp) {
        return (int) (ntp >>> MIDDLE_BITS);
    }

    /** A duration of 1/65536 s units (the DLSR field, unsigned) in ns, to the nearest ns. */
    public static long middle32ToNs(final int middle) {
        return (Integer.toUnsignedLong(middle) * NS_PER_SECOND + HALF_MIDDLE) >>> MIDDLE_BITS;
    }

    /** A duration in ns as 1/65536 s units, clamped to 0 and to the largest value (18.2 hours). */
    public static int nsToMiddle32(final long durationNs) {
        if (durationNs <= 0) {
            return 0;
        }
        final long seconds = durationNs / NS_PER_SECOND;
        if (seconds >= 1L << MIDDLE_BITS) {
            return -1;
        }
        return (int) ((seconds << MIDDLE_BITS) | (((durationNs % NS_PER_SECOND) << MIDDLE_BITS) / NS_PER_SECOND));
    }
}
