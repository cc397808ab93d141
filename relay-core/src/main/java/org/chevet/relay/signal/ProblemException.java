package org.chevet.relay.signal;

import java.util.Map;

/** A refusal on its way to the client. */
final class ProblemException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient Map<String, String> headers;

    ProblemException(final ProblemType type, final String detail) {
        this(type, detail, Map.of());
    }

    /**
     * A refusal.
     *
     * @param detail one sentence for the person who reads it, without ids of others, keys or addresses
     * @param headers of the response besides those of every problem
     */
    ProblemException(final ProblemType type, final String detail, final Map<String, String> headers) {
        super(detail, null, false, false);
        this.type = type;
        this.headers = headers;
    }

    ProblemType type() {
        return type;
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    Response response() {
        return Problems.response(type, detail(), headers);
    }
}
