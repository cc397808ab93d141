package org.chevet.codec.vitals;

import org.chevet.codec.vitals.sbe.ErrorCode;

/** WebSocket close codes of {@code chevet.vitals.v1} (RFC 6455 section 7.4.2, private range). */
public final class VitalsCloseCode {
    /** A message that does not parse. */
    public static final int MALFORMED = 4400;
    /** The token does not allow it. */
    public static final int NOT_GRANTED = 4403;
    /**
     * There is no consultation of this id, or it has ended. Who was welcomed before and hears it instead of a welcome
     * may try again: a relay that was started anew knows no consultation until it is opened there.
     */
    public static final int NOT_FOUND = 4404;
    /** A message that is not allowed in this state. */
    public static final int PROTOCOL = 4405;
    /** Nothing was received for the timeout of Welcome, or no Hello came. Reconnect and resume. */
    public static final int TIMEOUT = 4408;
    /** The participant publishes from another instance. Try again later. */
    public static final int CONFLICT = 4409;
    /** A newer connection of the same instance took over. Do not reconnect. */
    public static final int TAKEN_OVER = 4410;
    /** A message above the bounds of Welcome. */
    public static final int TOO_LARGE = 4413;
    /** A bound of the relay is reached, or the client is too fast. Try again later. */
    public static final int LIMIT_REACHED = 4429;
    /** The relay goes away. Reconnect and resume, here or on another node. */
    public static final int SHUTTING_DOWN = 4503;

    private VitalsCloseCode() {
    }

    /** The code a connection is closed with after a fatal Error. */
    public static int of(final ErrorCode error) {
        return switch (error) {
            case NOT_GRANTED -> NOT_GRANTED;
            case TIMEOUT -> TIMEOUT;
            case CONFLICT -> CONFLICT;
            case TAKEN_OVER -> TAKEN_OVER;
            case TOO_LARGE -> TOO_LARGE;
            case LIMIT_REACHED -> LIMIT_REACHED;
            case SHUTTING_DOWN -> SHUTTING_DOWN;
            case MALFORMED, UNSUPPORTED, INVALID_VALUE -> MALFORMED;
            default -> PROTOCOL;
        };
    }

    /** True when a client that sees the code should connect again (after a pause) and resume. */
    public static boolean isWorthRetrying(final int code) {
        return code < 4400 || code == TIMEOUT || code == CONFLICT || code == LIMIT_REACHED || code == SHUTTING_DOWN;
    }
}
