package org.chevet.relay.lane;

/**
 * Why a request of signalling was refused.
 *
 * @param reason what kind of refusal: decides the HTTP status or close code
 * @param detail one sentence for the person who reads it, without ids of others, keys or addresses
 */
public record Refusal(Reason reason, String detail) {
    /** Kinds of refusal. */
    public enum Reason {
        /** No such consultation, participant or resource. */
        NOT_FOUND,
        /** The token does not grant it. */
        FORBIDDEN,
        /** The identity or resource is in use. */
        CONFLICT,
        /** The request cannot be understood or agreed on. */
        UNACCEPTABLE,
        /** A bound of the relay is reached. */
        EXHAUSTED,
        /** The relay is shutting down or the lane's queue is full. */
        UNAVAILABLE
    }
}
