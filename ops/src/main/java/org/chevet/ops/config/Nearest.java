package org.chevet.ops.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the name a person may have meant. */
final class Nearest {
    /** Wrong letters per name beyond which a suggestion would be a guess. */
    private static final int MAX_EDITS = 3;

    private Nearest() {
    }

    /** The nearest of the known names: same last level, or at most three letters away. */
    static Optional<String> to(final String name, final List<String> known) {
        String best = "";
        int least = MAX_EDITS + 1;
        for (final String candidate : known) {
            final int edits = Math.min(edits(name, candidate), sameLeaf(name, candidate) ? 1 : least);
            if (edits < least) {
                least = edits;
                best = candidate;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    private static boolean sameLeaf(final String name, final String candidate) {
        return plain(leaf(name)).equals(plain(leaf(candidate)));
    }

    private static String leaf(final String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String plain(final String text) {
        return text.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** Levenshtein distance without regard to case. */
    private static int edits(final String from, final String to) {
        final String a = from.toLowerCase(Locale.ROOT);
        final String b = to.toLowerCase(Locale.ROOT);
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int changed = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(changed, Math.min(previous[j], current[j - 1]) + 1);
            }
            final int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
