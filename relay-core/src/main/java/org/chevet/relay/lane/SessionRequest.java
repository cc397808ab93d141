package org.chevet.relay.lane;

import org.jspecify.annotations.Nullable;

/**
 * What a client asks of its consultation over the session WebSocket, read and checked by signalling. Immutable.
 *
 * <p>A request with an id is answered: {@code done}, {@code resumed} or {@code error} with the same id.
 */
public sealed interface SessionRequest {
    /** No answer is wanted. */
    long NO_ID = -1;

    /** Chosen by the client, 0 to 2^53 - 1, or {@link #NO_ID}. */
    long id();

    /** The message's {@code type}. */
    String type();

    /**
     * Asks for a pong.
     *
     * @param t comes back
     */
    record Ping(long id, long t) implements SessionRequest {
        @Override
        public String type() {
            return "ping";
        }
    }

    /**
     * Takes over what an earlier session WebSocket of the same participant made.
     *
     * @param token from the welcome of that WebSocket
     */
    record Resume(long id, String token) implements SessionRequest {
        @Override
        public String type() {
            return "resume";
        }
    }

    /**
     * Stops or resumes the forwarding of an own publication.
     *
     * @param publication its id
     */
    record Mute(long id, int publication, boolean muted) implements SessionRequest {
        @Override
        public String type() {
            return "mute";
        }
    }

    /** Whether the participant's technical check has passed (REQUIREMENTS P8). */
    record Ready(long id, boolean ready) implements SessionRequest {
        @Override
        public String type() {
            return "ready";
        }
    }

    /**
     * What the client measured since its last report; a direction it does not use is null.
     *
     * @param up from the client to the relay
     * @param down from the relay to the client
     */
    record Quality(long id, @Nullable Measures up, @Nullable Measures down) implements SessionRequest {
        @Override
        public String type() {
            return "quality";
        }
    }

    /**
     * Figures of one direction over one interval.
     *
     * @param lossPercent packets lost, 0 to 100
     * @param jitterMs interarrival jitter (RFC 3550 section 6.4.1) in milliseconds
     * @param rttMs round trip in milliseconds
     * @param frozenPercent part of the interval in which the picture stood still or the sound was made up, 0 to 100
     */
    record Measures(double lossPercent, double jitterMs, double rttMs, double frozenPercent) {
    }
}
