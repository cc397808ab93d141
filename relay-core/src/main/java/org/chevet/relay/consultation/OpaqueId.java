package org.chevet.relay.consultation;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an id of a consultation or participant, and a name, may look like.
 *
 * <p>Ids are opaque to the relay: 1 to 64 characters of {@code A-Z a-z 0-9 . _ ~ -}. Neither an id nor a name may
 * look like a French national identity number (NIR, INS): 13 or 15 digits, the department perhaps {@code 2A} or
 * {@code 2B}, in one piece or broken up by spaces, dots, dashes or any other sign (REQUIREMENTS O4). Digit groups
 * inside of hexadecimal ids are not taken for one: a UUID always passes.
 */
public final class OpaqueId {
    /** Longest id, in characters. */
    public static final int MAX_ID_LENGTH = 64;
    /** Longest name, in UTF-16 characters. */
    public static final int MAX_NAME_LENGTH = 128;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._~-]{1,64}");
    private static final String NIR = "(?:\\d{13}|\\d{15}|\\d{5}2[ABab]\\d{6}(?:\\d{2})?)";
    private static final Pattern WHOLE = Pattern.compile(NIR);
    private static final Pattern IN_LETTERS = Pattern.compile("[^\\d]*" + NIR + "[^\\d]*");
    private static final Pattern PART = Pattern.compile("\\d+|\\d*2[ABab]\\d*|\\d*2|[ABab]\\d*");
    private static final int LONGEST_NIR = 15;
    private static final String NIR_SENTENCE =
        " looks like a national identity number (13 or 15 digits); Chevet carries opaque ids only";

    private OpaqueId() {
    }

    /**
     * What is wrong with an id, or empty when it may be used.
     *
     * @param what how the sentence calls it: "consultation", "participant"
     * @return one sentence without the id itself
     */
    public static Optional<String> faultOfId(final String what, final String id) {
        if (!ID.matcher(id).matches()) {
            return Optional.of(what + " is not 1 to " + MAX_ID_LENGTH + " characters of A-Z a-z 0-9 . _ ~ -");
        }
        return looksLikeNationalNumber(id) ? Optional.of(what + NIR_SENTENCE) : Optional.empty();
    }

    /**
     * What is wrong with a name or label that people read, or empty when it may be used; "" may.
     *
     * @param what how the sentence calls it: "name", "label"
     * @return one sentence without the name itself
     */
    public static Optional<String> faultOfName(final String what, final String name) {
        if (name.length() > MAX_NAME_LENGTH) {
            return Optional.of(what + " is longer than " + MAX_NAME_LENGTH + " characters");
        }
        if (name.codePoints().anyMatch(OpaqueId::isUnprintable)) {
            return Optional.of(what + " holds a control or formatting character");
        }
        return looksLikeNationalNumber(name) ? Optional.of(what + NIR_SENTENCE) : Optional.empty();
    }

    /** True when some part of the text looks like a NIR; signs between its digits do not hide it. */
    public static boolean looksLikeNationalNumber(final String text) {
        final List<String> groups = groups(text);
        for (int first = 0; first < groups.size(); first++) {
            if (IN_LETTERS.matcher(groups.get(first)).matches()) {
                return true;
            }
            final StringBuilder joined = new StringBuilder();
            for (int next = first; next < groups.size() && PART.matcher(groups.get(next)).matches(); next++) {
                joined.append(groups.get(next));
                if (joined.length() > LONGEST_NIR) {
                    break;
                }
                if (WHOLE.matcher(joined).matches()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Runs of letters and digits; digits of other scripts become those of ASCII. */
    private static List<String> groups(final String text) {
        final List<String> groups = new ArrayList<>();
        final StringBuilder group = new StringBuilder();
        Normalizer.normalize(text, Normalizer.Form.NFKC).codePoints().forEach(point -> {
            if (Character.isDigit(point)) {
                group.append((char) ('0' + Character.digit(point, 10)));
            } else if (Character.isLetter(point)) {
                group.appendCodePoint(point);
            } else if (!group.isEmpty()) {
                groups.add(group.toString());
                group.setLength(0);
            }
        });
        if (!group.isEmpty()) {
            groups.add(group.toString());
        }
        return groups;
    }

    private static boolean isUnprintable(final int point) {
        final int type = Character.getType(point);
        return type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE
            || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }
}
