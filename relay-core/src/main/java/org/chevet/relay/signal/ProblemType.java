package org.chevet.relay.signal;

import java.util.Locale;

/**
 * Every reason for which the HTTP port refuses something: the {@code type} of a problem document (RFC 9457), the
 * label under which it is counted, and the close code when a WebSocket is refused for it.
 */
public enum ProblemType {
    /** The request is not HTTP/1.1, or its target cannot be decoded. */
    MALFORMED_REQUEST(400, 4400, "The request is malformed"),
    /** A session message is of a type this relay does not know. */
    UNKNOWN_TYPE(400, 4400, "The type of message is not known"),
    /** A parameter or field has a value that is not accepted. */
    INVALID_FIELD(400, 4400, "A value is not accepted"),
    /** An id or name looks like a national identity number, or is not an opaque id. */
    INVALID_ID(400, 4400, "The id or name may not be used"),
    /** The body is not the JSON that is expected. */
    MALFORMED_JSON(400, 4400, "The JSON is malformed"),
    /** The body is not SDP, or not an SDP fragment. */
    MALFORMED_SDP(400, 4400, "The SDP is malformed"),
    /** No Authorization. */
    TOKEN_MISSING(401, 4401, "A token is required"),
    /** Not a signed JWT. */
    TOKEN_MALFORMED(401, 4401, "The token is malformed"),
    /** Too long. */
    TOKEN_OVERSIZED(401, 4401, "The token is too long"),
    /** Not HS256. */
    TOKEN_WRONG_ALGORITHM(401, 4401, "The token's algorithm is not accepted"),
    /** Unknown kid. */
    TOKEN_UNKNOWN_KEY(401, 4401, "The token's key is unknown"),
    /** Signature does not verify. */
    TOKEN_BAD_SIGNATURE(401, 4401, "The token's signature is wrong"),
    /** Past exp. */
    TOKEN_EXPIRED(401, 4401, "The token has expired"),
    /** Before nbf or iat. */
    TOKEN_NOT_YET_VALID(401, 4401, "The token is not valid yet"),
    /** Lives too long. */
    TOKEN_TOO_LONG_LIVED(401, 4401, "The token lives too long"),
    /** A claim is missing or wrong. */
    TOKEN_BAD_CLAIM(401, 4401, "A claim of the token is not accepted"),
    /** API key missing or wrong. */
    API_KEY_WRONG(401, 4401, "An API key is required"),
    /** The token is for another consultation. */
    OTHER_CONSULTATION(403, 4403, "The token is for another consultation"),
    /** The token does not grant it. */
    NOT_GRANTED(403, 4403, "The token does not grant this"),
    /** The consultation is end-to-end encrypted and the client did not say that it encrypts. */
    ENCRYPTION_REQUIRED(403, 4403, "End-to-end encryption is required"),
    /** The consultation is not end-to-end encrypted and the client says that it encrypts. */
    ENCRYPTION_OFF(403, 4403, "End-to-end encryption is off"),
    /** The participant was put out of the consultation. */
    EVICTED(403, 4403, "The participant was removed"),
    /** CORS preflight from an origin that is not configured. */
    ORIGIN_NOT_ALLOWED(403, 4403, "This origin may not call"),
    /** No such path. */
    NO_SUCH_PATH(404, 4404, "There is nothing at this path"),
    /** No such consultation, participant or resource. */
    NOT_FOUND(404, 4404, "Not found"),
    /** Method not served at this path. */
    METHOD_NOT_ALLOWED(405, 4400, "The method is not allowed here"),
    /** Accept excludes what would be sent. */
    NOT_ACCEPTABLE(406, 4400, "The response type is not acceptable to the client"),
    /** The request was not complete in time. */
    REQUEST_TIMEOUT(408, 4408, "The request took too long"),
    /** Id or identity in use. */
    CONFLICT(409, 4409, "It is in use"),
    /** A change of keys that does not follow the newest one, or of somebody who may not make it. */
    EPOCH_CONFLICT(409, 4409, "The keys cannot be changed so"),
    /** If-Match does not match. */
    PRECONDITION_FAILED(412, 4400, "The ETag does not match"),
    /** Body or message larger than its bound. */
    TOO_LARGE(413, 4413, "It is too large"),
    /** Request line longer than its bound. */
    URI_TOO_LONG(414, 4400, "The request target is too long"),
    /** Content-Type is not the one served. */
    UNSUPPORTED_MEDIA_TYPE(415, 4400, "The content type is not supported"),
    /** The offer is well-formed but cannot be answered. */
    UNACCEPTABLE_OFFER(422, 4400, "The offer cannot be answered"),
    /** A WebSocket path was asked without an upgrade. */
    UPGRADE_REQUIRED(426, 4400, "This path is a WebSocket"),
    /** If-Match is missing. */
    PRECONDITION_REQUIRED(428, 4400, "If-Match is required"),
    /** More requests or messages than the rate allows. */
    TOO_MANY_REQUESTS(429, 4429, "Too many requests"),
    /** Header block larger than its bound. */
    HEADERS_TOO_LARGE(431, 4400, "The headers are too large"),
    /** A bug of the relay; its log has the cause. */
    INTERNAL_ERROR(500, 1011, "The relay failed"),
    /** A bound of the relay is reached: connections, consultations, participants. */
    EXHAUSTED(503, 1013, "The relay is full"),
    /** Shutting down, or a lane did not answer in time. */
    UNAVAILABLE(503, 1013, "The relay cannot do this now"),
    /** WebSocket closed: silent for too long. */
    SILENT(408, 4408, "Nothing was heard for too long"),
    /** WebSocket closed: the relay stops. */
    GOING_AWAY(503, 1001, "The relay is shutting down");

    private static final String URN = "urn:chevet:problem:";

    private final int status;
    private final int closeCode;
    private final String title;
    private final String label = name().toLowerCase(Locale.ROOT);
    private final String urn = URN + label.replace('_', '-');

    ProblemType(final int status, final int closeCode, final String title) {
        this.status = status;
        this.closeCode = closeCode;
        this.title = title;
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** WebSocket close code. */
    public int closeCode() {
        return closeCode;
    }

    /** Member {@code title} of the problem document: the same for all problems of the type. */
    public String title() {
        return title;
    }

    /** Lower-case name: the metric label {@code reason}. */
    public String label() {
        return label;
    }

    /** Member {@code type} of the problem document; stable. */
    public String urn() {
        return urn;
    }
}
