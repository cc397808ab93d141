package org.chevet.relay.signal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cross-origin rules (Fetch standard): configured origins may call, and may read what WHIP and WHEP need. */
final class Cors {
    private static final String EXPOSED = "Location, ETag, Link, Accept-Patch, Retry-After, WWW-Authenticate";
    private static final String ALLOWED_HEADERS = "Authorization, Content-Type, If-Match, Accept";
    private static final String MAX_AGE_S = "7200";

    private final List<String> origins;

    Cors(final List<String> origins) {
        this.origins = origins;
    }

    static boolean isPreflight(final Call call) {
        return call.method().equals("OPTIONS") && call.header("origin").isPresent()
            && call.header("access-control-request-method").isPresent();
    }

    /** Headers every response to a cross-origin call bears; none for a foreign origin. */
    Map<String, String> headers(final Call call) {
        final String origin = call.header("origin").orElse("");
        if (origin.isEmpty()) {
            return Map.of();
        }
        if (!allows(origin)) {
            return Map.of("vary", "Origin");
        }
        return Map.of("vary", "Origin", "access-control-allow-origin", origin,
            "access-control-expose-headers", EXPOSED);
    }

    /** The answer to a preflight of a path that serves the methods. */
    Map<String, String> preflight(final Call call, final String methods) throws ProblemException {
        if (!allows(call.header("origin").orElse(""))) {
            throw new ProblemException(ProblemType.ORIGIN_NOT_ALLOWED,
                "this origin is not among the configured CORS origins");
        }
        final Map<String, String> headers = new TreeMap<>();
        headers.put("access-control-allow-methods", methods);
        headers.put("access-control-allow-headers", ALLOWED_HEADERS);
        headers.put("access-control-max-age", MAX_AGE_S);
        return headers;
    }

    private boolean allows(final String origin) {
        return origins.contains("*") || origins.contains(origin);
    }
}
