package org.chevet.relay.signal;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.chevet.relay.lane.Refusal;
import org.chevet.relay.token.TokenRefusal;

/** Problem documents (RFC 9457) and what becomes of the refusals of tokens and lanes. */
final class Problems {
    static final String CONTENT_TYPE = "application/problem+json";
    private static final String RETRY_AFTER = "retry-after";

    private Problems() {
    }

    static Response response(final ProblemType type, final String detail, final Map<String, String> headers) {
        final Map<String, String> all = new TreeMap<>(headers);
        all.put("content-type", CONTENT_TYPE);
        all.put("cache-control", "no-store");
        final byte[] body = Json.object().put("type", type.urn()).put("title", type.title())
            .put("status", type.status()).put("detail", detail).toString().getBytes(StandardCharsets.UTF_8);
        return new Response(type.status(), all, body, type);
    }

    static ProblemException of(final Refusal refusal) {
        return switch (refusal.reason()) {
            case NOT_FOUND -> new ProblemException(ProblemType.NOT_FOUND, refusal.detail());
            case FORBIDDEN -> new ProblemException(ProblemType.NOT_GRANTED, refusal.detail());
            case EVICTED -> new ProblemException(ProblemType.EVICTED, refusal.detail());
            case EPOCH_CONFLICT -> new ProblemException(ProblemType.EPOCH_CONFLICT, refusal.detail());
            case CONFLICT -> new ProblemException(ProblemType.CONFLICT, refusal.detail());
            case UNACCEPTABLE -> new ProblemException(ProblemType.UNACCEPTABLE_OFFER, refusal.detail());
            case EXHAUSTED -> new ProblemException(ProblemType.EXHAUSTED, refusal.detail(), Map.of(RETRY_AFTER, "5"));
            case UNAVAILABLE -> unavailable(refusal.detail());
        };
    }

    static ProblemException unavailable(final String detail) {
        return new ProblemException(ProblemType.UNAVAILABLE, detail, Map.of(RETRY_AFTER, "1"));
    }

    static ProblemException of(final TokenRefusal refusal) {
        return new ProblemException(typeOf(refusal.reason()), refusal.sentence(),
            Map.of("www-authenticate", "Bearer realm=\"chevet\", error=\"invalid_token\""));
    }

    static ProblemException internal() {
        return new ProblemException(ProblemType.INTERNAL_ERROR, "the relay's log has the cause");
    }

    private static ProblemType typeOf(final TokenRefusal.Reason reason) {
        return switch (reason) {
            case MALFORMED -> ProblemType.TOKEN_MALFORMED;
            case OVERSIZED -> ProblemType.TOKEN_OVERSIZED;
            case WRONG_ALGORITHM -> ProblemType.TOKEN_WRONG_ALGORITHM;
            case UNKNOWN_KEY -> ProblemType.TOKEN_UNKNOWN_KEY;
            case BAD_SIGNATURE -> ProblemType.TOKEN_BAD_SIGNATURE;
            case EXPIRED -> ProblemType.TOKEN_EXPIRED;
            case NOT_YET_VALID -> ProblemType.TOKEN_NOT_YET_VALID;
            case TOO_LONG_LIVED -> ProblemType.TOKEN_TOO_LONG_LIVED;
            case BAD_CLAIM -> ProblemType.TOKEN_BAD_CLAIM;
        };
    }
}
