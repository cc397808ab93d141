package org.chevet.relay.signal;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP response before it is written.
 *
 * @param headers lower-case names; content-length is added when it is written
 * @param body handed over
 * @param problem what it refuses, null when it does not
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a body; nobody compares responses
record Response(int status, Map<String, String> headers, byte[] body, @Nullable ProblemType problem) {
    private static final byte[] NOTHING = new byte[0];

    static Response empty(final int status, final Map<String, String> headers) {
        return new Response(status, headers, NOTHING, null);
    }

    /** The same with more headers. */
    Response with(final Map<String, String> more) {
        final Map<String, String> all = new TreeMap<>(headers);
        all.putAll(more);
        return new Response(status, all, body, problem);
    }

    static Response json(final int status, final Map<String, String> headers, final String json) {
        final Map<String, String> all = new TreeMap<>(headers);
        all.put("content-type", "application/json");
        all.put("cache-control", "no-store");
        return new Response(status, all, json.getBytes(StandardCharsets.UTF_8), null);
    }

    static Response sdp(final int status, final Map<String, String> headers, final String sdp) {
        final Map<String, String> all = new TreeMap<>(headers);
        all.put("content-type", "application/sdp");
        all.put("cache-control", "no-store");
        return new Response(status, all, sdp.getBytes(StandardCharsets.UTF_8), null);
    }

    /** The relay's side of an ICE restart. */
    static Response fragment(final String entityTag, final String fragment) {
        return new Response(200, Map.of("etag", entityTag, "content-type", MediaEndpoint.FRAGMENT, "cache-control",
            "no-store"), fragment.getBytes(StandardCharsets.UTF_8), null);
    }
}
