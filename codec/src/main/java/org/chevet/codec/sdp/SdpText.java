package org.chevet.codec.sdp;

/** Numbers and characters of session descriptions. */
final class SdpText {
    static final String END = "\r\n";
    static final int MAX_PAYLOAD_TYPE = 127;
    static final int MAX_PORT = 65_535;
    private static final int MAX_DIGITS = 18;

    private SdpText() {
    }

    /** The decimal number, or -1 when it is none or above {@code max}. */
    static int number(final String text, final int max) {
        return (int) longNumber(text, max);
    }

    /** The decimal number, or -1 when it is none or above {@code max}. */
    static long longNumber(final String text, final long max) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            final int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value <= max ? value : -1;
    }

    /** True for a non-empty token (RFC 8866 section 9). */
    static boolean isToken(final String text) {
        return isOf(text, "!#$%&'*+-.^_`{|}~");
    }

    /** True for one or more ice-char (RFC 8839 section 5.1). */
    static boolean isIce(final String text) {
        return isOf(text, "+/");
    }

    /** True for a rid-id (RFC 8851 section 10, RFC 8852 section 3.1; hyphen and underscore as browsers allow). */
    static boolean isRid(final String text) {
        return isOf(text, "-_");
    }

    private static boolean isOf(final String text, final String signs) {
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            final boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && signs.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
