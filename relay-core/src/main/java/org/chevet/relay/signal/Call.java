package org.chevet.relay.signal;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One complete request.
 *
 * @param head request line and headers
 * @param target decoded
 * @param body its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a body; nobody compares calls
record Call(HttpRequest head, Target target, byte[] body) {
    String method() {
        return head.method().name();
    }

    HttpHeaders headers() {
        return head.headers();
    }

    Optional<String> header(final String name) {
        return Optional.ofNullable(head.headers().get(name));
    }

    /** The media type of the body: lower case, without parameters; "" when none. */
    String contentType() {
        final String value = header("content-type").orElse("");
        final int semicolon = value.indexOf(';');
        return (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /** True when the Accept header is absent or lets the type through (RFC 9110 section 12.5.1, without weights). */
    boolean accepts(final String type) {
        final String accept = String.join(",", head.headers().getAll("accept"));
        if (accept.isBlank()) {
            return true;
        }
        final String family = type.substring(0, type.indexOf('/')) + "/*";
        for (final String part : accept.split(",", -1)) {
            final String[] words = part.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*");
            final boolean matches = words[0].equals(type) || words[0].equals("*/*") || words[0].equals(family);
            if (matches && !isZero(words)) {
                return true;
            }
        }
        return false;
    }

    Map<String, String> firstHeaders() {
        final Map<String, String> first = new TreeMap<>();
        head.headers().forEach(entry -> first.putIfAbsent(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
        return first;
    }

    Map<String, String> firstParameters() {
        final Map<String, String> first = new TreeMap<>();
        target.query().forEach((name, values) -> first.put(name, values.getFirst()));
        return first;
    }

    private static boolean isZero(final String[] words) {
        for (final String word : words) {
            if (word.matches("q\\s*=\\s*0(\\.0*)?")) {
                return true;
            }
        }
        return false;
    }
}
