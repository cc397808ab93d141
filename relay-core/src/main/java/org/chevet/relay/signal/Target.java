package org.chevet.relay.signal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request target, decoded once and strictly (RFC 9110 section 7.1), so that no later code sees tricks with paths.
 *
 * @param path decoded, begins with "/"
 * @param segments decoded parts between the slashes; a slash at the end makes a last one that is empty
 * @param query decoded parameters by name, in order
 */
record Target(String path, List<String> segments, Map<String, List<String>> query) {
    private static final int MAX_PARAMETERS = 32;
    private static final int HEX = 16;

    /**
     * Reads a target in origin form, absolute form, or "*".
     *
     * @throws ProblemException when it cannot be decoded or holds what no path may hold
     */
    static Target parse(final String raw) throws ProblemException {
        String rest = raw;
        if (rest.startsWith("http://") || rest.startsWith("https://")) {
            final int slash = rest.indexOf('/', rest.indexOf("://") + "://".length());
            rest = slash < 0 ? "/" : rest.substring(slash);
        }
        if (rest.equals("*")) {
            return new Target("*", List.of(), Map.of());
        }
        if (!rest.startsWith("/")) {
            throw malformed("the request target does not begin with a slash");
        }
        final int mark = rest.indexOf('?');
        final String rawPath = mark < 0 ? rest : rest.substring(0, mark);
        final String rawQuery = mark < 0 ? "" : rest.substring(mark + 1);
        final List<String> segments = new ArrayList<>();
        final String[] parts = rawPath.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            segments.add(segment(parts[i], i == parts.length - 1));
        }
        return new Target("/" + String.join("/", segments), List.copyOf(segments), query(rawQuery));
    }

    /** The first value of a parameter. */
    Optional<String> first(final String name) {
        return Optional.ofNullable(query.get(name)).map(List::getFirst);
    }

    private static String segment(final String raw, final boolean last) throws ProblemException {
        final String decoded = decode(raw, false);
        if (decoded.equals(".") || decoded.equals("..") || decoded.indexOf('/') >= 0 || decoded.indexOf('\\') >= 0
            || (decoded.isEmpty() && !last)) {
            throw malformed("the path holds an empty, '.' or '..' segment, or a slash in disguise");
        }
        return decoded;
    }

    private static Map<String, List<String>> query(final String raw) throws ProblemException {
        final Map<String, List<String>> query = new LinkedHashMap<>();
        if (raw.isEmpty()) {
            return query;
        }
        final String[] parts = raw.split("&", -1);
        if (parts.length > MAX_PARAMETERS) {
            throw malformed("the query has more than " + MAX_PARAMETERS + " parameters");
        }
        for (final String part : parts) {
            final int equals = part.indexOf('=');
            final String name = decode(equals < 0 ? part : part.substring(0, equals), true);
            query.computeIfAbsent(name, key -> new ArrayList<>())
                .add(decode(equals < 0 ? "" : part.substring(equals + 1), true));
        }
        return query;
    }

    private static String decode(final String raw, final boolean plusIsSpace) throws ProblemException {
        final ByteBuffer bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            final char c = raw.charAt(i);
            if (c == '%') {
                final int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), HEX) : -1;
                final int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), HEX) : -1;
                if (high < 0 || low < 0) {
                    throw malformed("the request target holds a % without two hexadecimal digits");
                }
                bytes.put((byte) (HEX * high + low));
                i += 2;
            } else if (c > '~' || c <= ' ') {
                throw malformed("the request target holds a character that must be percent-encoded");
            } else {
                bytes.put((byte) (c == '+' && plusIsSpace ? ' ' : c));
            }
        }
        try {
            final String decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
            if (decoded.chars().anyMatch(Character::isISOControl)) {
                throw malformed("the request target holds a control character");
            }
            return decoded;
        } catch (CharacterCodingException e) {
            throw malformed("the request target is not UTF-8");
        }
    }

    private static ProblemException malformed(final String detail) {
        return new ProblemException(ProblemType.MALFORMED_REQUEST, detail);
    }
}
