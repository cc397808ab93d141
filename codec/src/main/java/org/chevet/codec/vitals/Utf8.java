package org.chevet.codec.vitals;

import org.agrona.DirectBuffer;

/** Well-formed UTF-8 (RFC 3629 section 4) without control characters, checked without decoding. */
final class Utf8 {
    private Utf8() {
    }

    /** True when the bytes are well-formed UTF-8 and hold no U+0000 to U+001F, U+007F to U+009F. */
    static boolean isPlainText(final DirectBuffer in, final int from, final int length) {
        final int end = from + length;
        int at = from;
        while (at < end) {
            final int first = in.getByte(at) & 0xFF;
            if (first < 0x80) {
                if (first < 0x20 || first == 0x7F) {
                    return false;
                }
                at++;
                continue;
            }
            final int size = sequenceLength(first);
            if (size == 0 || size > end - at || !secondFits(first, in.getByte(at + 1) & 0xFF)) {
                return false;
            }
            for (int i = 2; i < size; i++) {
                if ((in.getByte(at + i) & 0xC0) != 0x80) {
                    return false;
                }
            }
            at += size;
        }
        return true;
    }

    private static int sequenceLength(final int first) {
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        if (first < 0xE0) {
            return 2;
        }
        return first < 0xF0 ? 3 : 4;
    }

    /** The second byte rules out overlong forms, surrogates, values above U+10FFFF, and the C1 controls. */
    private static boolean secondFits(final int first, final int second) {
        final int low = switch (first) {
            case 0xC2 -> 0xA0;
            case 0xE0 -> 0xA0;
            case 0xF0 -> 0x90;
            default -> 0x80;
        };
        final int high = switch (first) {
            case 0xED -> 0x9F;
            case 0xF4 -> 0x8F;
            default -> 0xBF;
        };
        return second >= low && second <= high;
    }
}
