package org.chevet.relay.client;

import java.io.IOException;

/**
 * A media connection that could not be made; the message is one sentence, with the relay's own reason where it
 * gave one.
 */
public final class MediaClientException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** A failure of the connection itself. */
    public MediaClientException(final String message) {
        this(0, message);
    }

    /** A refusal with its HTTP status. */
    public MediaClientException(final int status, final String message) {
        super(message);
        this.status = status;
    }

    /** A failure with its cause. */
    public MediaClientException(final String message, final Throwable cause) {
        super(message, cause);
        status = 0;
    }

    /** HTTP status of the refusal, 0 when the failure was none of HTTP. */
    public int status() {
        return status;
    }
}
