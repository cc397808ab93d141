package org.chevet.ops.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/** Reads secrets from where the configuration says they are, and makes throw-away ones. */
public final class Secrets {
    /** RFC 7518 section 3.2: an HS256 key has at least the size of the hash. */
    static final int MIN_TOKEN_BYTES = 32;
    /** Least size of the secret that TURN servers share. */
    static final int MIN_TURN_BYTES = 16;
    /** Least size of a key for the API. */
    static final int MIN_API_BYTES = 16;
    /** A secret file larger than this is a mistake. */
    private static final long MAX_FILE_BYTES = 64 * 1024;
    private static final String BASE64 = "base64:";
    private static final String FILE = "file:";

    private Secrets() {
    }

    /**
     * The bytes of a secret written as text, {@code base64:...} or {@code file:PATH} (white space at its ends ignored).
     *
     * @param what key and, in a map, entry, for the refusal
     * @throws ConfigException without the secret in it
     */
    static byte[] bytes(final Setting setting, final String what, final String written, final String source,
        final int least) {
        final byte[] secret;
        if (written.startsWith(FILE)) {
            secret = file(what, written.substring(FILE.length()), source);
        } else if (written.startsWith(BASE64)) {
            secret = base64(setting, what, written.substring(BASE64.length()), source);
        } else {
            secret = written.getBytes(StandardCharsets.UTF_8);
        }
        if (secret.length < least) {
            throw new ConfigException(what + " is a secret of " + secret.length + " bytes (" + source
                + "): accepted is " + setting.accepts() + ".");
        }
        return secret;
    }

    /** A secret of a command line, for {@code chevet token --key}. */
    public static byte[] ofOption(final String option, final String written) {
        return bytes(Settings.TOKEN_KEYS, option, written, "command line", MIN_TOKEN_BYTES);
    }

    /** A new random secret as text that fits every place a secret is asked for. */
    public static String random() {
        final byte[] bytes = new byte[MIN_TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] base64(final Setting setting, final String what, final String text, final String source) {
        try {
            return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (final IllegalArgumentException e) {
            throw new ConfigException(what + " is not base64 after 'base64:' (" + source + "): accepted is "
                + setting.accepts() + ".");
        }
    }

    private static byte[] file(final String what, final String name, final String source) {
        try {
            final Path path = Path.of(name);
            if (Files.size(path) > MAX_FILE_BYTES) {
                throw new ConfigException(what + " is the file " + name + " of " + Files.size(path) + " bytes ("
                    + source + "): accepted is a file of at most " + MAX_FILE_BYTES + " bytes.");
            }
            return trim(Files.readAllBytes(path));
        } catch (final IOException | java.nio.file.InvalidPathException e) {
            throw new ConfigException(what + " is the file " + name + " that cannot be read (" + source
                + "): accepted is a readable file.");
        }
    }

    private static byte[] trim(final byte[] bytes) {
        int from = 0;
        int to = bytes.length;
        while (from < to && Character.isWhitespace(bytes[from])) {
            from++;
        }
        while (to > from && Character.isWhitespace(bytes[to - 1])) {
            to--;
        }
        return Arrays.copyOfRange(bytes, from, to);
    }
}
