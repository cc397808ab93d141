package org.chevet.ops.config;

import java.util.List;
import java.util.Locale;

/**
 * One key of the configuration: the row that the reader, {@code chevet config keys} and the documentation share.
 *
 * @param path key in the file, its levels joined by dots
 * @param kind shape of the value
 * @param fallback value when neither file nor environment name the key, as it would stand in the file
 * @param min least integer, 0 for other kinds
 * @param max greatest integer, 0 for other kinds
 * @param unit unit of the value, or "-"
 * @param accepts end of the sentence "accepted is ..."
 * @param about what it does, one sentence
 */
record Setting(String path, Kind kind, String fallback, long min, long max, String unit, String accepts,
    String about) {

    /** Shapes of values. */
    enum Kind {
        INTEGER, BOOLEAN, TEXT, LIST, MAP, SECRET, SECRETS, SECRET_MAP;

        /** True when the value must never be shown. */
        boolean isSecret() {
            return this == SECRET || this == SECRETS || this == SECRET_MAP;
        }

        /** True when the value is a list in the file. */
        boolean isList() {
            return this == LIST || this == SECRETS;
        }

        /** True when the value is a mapping in the file. */
        boolean isMap() {
            return this == MAP || this == SECRET_MAP;
        }
    }

    static Setting integer(final String path, final String fallback, final long min, final long max,
        final String unit, final String about) {
        return new Setting(path, Kind.INTEGER, fallback, min, max, unit,
            "a whole number from " + min + " to " + max, about);
    }

    static Setting choice(final String path, final String fallback, final List<String> choices, final String about) {
        return new Setting(path, Kind.TEXT, fallback, 0, 0, "-", "one of " + String.join(", ", choices), about);
    }

    static Setting bool(final String path, final String fallback, final String about) {
        return new Setting(path, Kind.BOOLEAN, fallback, 0, 0, "-", "true or false", about);
    }

    static Setting of(final String path, final Kind kind, final String fallback, final String accepts,
        final String about) {
        return new Setting(path, kind, fallback, 0, 0, "-", accepts, about);
    }

    /** Name of the variable that overrides the key: {@code http.corsOrigins} is CHEVET_HTTP_CORS_ORIGINS. */
    String variable() {
        return Settings.PREFIX + path.replace('.', '_').replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .toUpperCase(Locale.ROOT);
    }

    /** The refusal of a value, with where it came from. */
    ConfigException refused(final String value, final String source) {
        return new ConfigException(path + " is " + value + " (" + source + "): accepted is " + accepts + ".");
    }
}
