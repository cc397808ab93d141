package org.chevet.relay.sctp;

/** Where an association stands (RFC 9260 section 4). */
public enum SctpState {
    /** Neither side has begun. */
    NEW,
    /** INIT sent. */
    COOKIE_WAIT,
    /** COOKIE ECHO sent. */
    COOKIE_ECHOED,
    /** Up. */
    ESTABLISHED,
    /** Ending: the rest is being sent. */
    SHUTDOWN_PENDING,
    /** SHUTDOWN sent. */
    SHUTDOWN_SENT,
    /** SHUTDOWN received, the rest is being sent. */
    SHUTDOWN_RECEIVED,
    /** SHUTDOWN ACK sent. */
    SHUTDOWN_ACK_SENT,
    /** Ended, for good. */
    CLOSED
}
