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
        /** The participant was put out of the consultation. */
        EVICTED,
        /** A change of keys that does not follow the newest one, or of somebody who may not make it. */
        EPOCH_CONFLICT,
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
