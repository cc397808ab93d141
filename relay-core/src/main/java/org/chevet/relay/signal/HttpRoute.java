package org.chevet.relay.signal;

import java.util.Map;

/**
 * A part of the HTTP port that is not signalling: console files, metrics, health.
 *
 * <p>Each request runs on a virtual thread of its own and may block; how many run at once is bounded
 * ({@link SignalLimits#maxRouteCalls()}). What {@link #handle} throws is logged, counted and answered with 500
 * without its text.
 */
public interface HttpRoute {
    /**
     * Which paths it serves: {@code /metrics} that path alone, {@code /console/} everything below, {@code /} all
     * that nobody else serves. The longest match wins; paths of signalling ({@code /whip/}, {@code /whep/},
     * {@code /v1/}) are never handed over.
     */
    String path();

    /** Answers one request; every method reaches it except OPTIONS of a CORS preflight. */
    Reply handle(Request request);

    /**
     * One request.
     *
     * @param method upper case: "GET"; for HEAD answer as for GET, the body is not sent
     * @param path percent-decoded, without query; never holds an empty, "." or ".." segment, a backslash or a
     *     control character
     * @param query decoded parameters, the first of each name
     * @param headers lower-case names, the first of each
     * @param body bytes of the body, empty when none
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes of a body; nobody compares requests
    record Request(String method, String path, Map<String, String> query, Map<String, String> headers, byte[] body) {
        /** Copies the maps. */
        public Request {
            query = Map.copyOf(query);
            headers = Map.copyOf(headers);
        }
    }

    /**
     * One response.
     *
     * @param status HTTP status
     * @param headers to be sent besides content-length; "content-type" should be among them when there is a body
     * @param body handed over, not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes of a body; nobody compares replies
    record Reply(int status, Map<String, String> headers, byte[] body) {
        /** Copies the map. */
        public Reply {
            headers = Map.copyOf(headers);
        }

        /** A response with a type and a body. */
        public static Reply of(final int status, final String contentType, final byte[] body) {
            return new Reply(status, Map.of("content-type", contentType), body);
        }

        /** The 404 problem that signalling itself would send, for a path below the route that does not exist. */
        public static Reply notFound() {
            return new Reply(404, Map.of(), new byte[0]);
        }
    }
}
