package org.chevet.relay.route;

/** The direction of a media section as the relay sees it. */
public enum Flow {
    /** The client publishes, the relay receives: the answer says {@code recvonly}. */
    RECEIVE,
    /** The relay sends: the answer says {@code sendonly}. */
    SEND,
    /** Nothing flows: the answer says {@code inactive}, or port 0. */
    INACTIVE
}
