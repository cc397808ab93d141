package org.chevet.ops.config;

import java.util.List;
import java.util.Map;

/**
 * A value as it was written, before it is understood.
 *
 * @param text a scalar, "" otherwise
 * @param items elements of a list, empty otherwise
 * @param entries entries of a mapping, empty otherwise
 * @param source where it stands, for the refusal
 */
record RawValue(String text, List<String> items, Map<String, String> entries, String source) {
    static RawValue ofText(final String text, final String source) {
        return new RawValue(text, List.of(), Map.of(), source);
    }

    static RawValue ofList(final List<String> items, final String source) {
        return new RawValue("", List.copyOf(items), Map.of(), source);
    }

    static RawValue ofMap(final Map<String, String> entries, final String source) {
        return new RawValue("", List.of(), entries, source);
    }
}
