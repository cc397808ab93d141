package org.chevet.relay.signal;

import org.chevet.relay.lane.SessionRequest;

/** One message of a session client, read: where it goes, or why not. Immutable. */
sealed interface SessionCall {
    /** For the lane of the consultation. */
    record ToLane(SessionRequest request) implements SessionCall {
    }

    /**
     * About a media connection.
     *
     * @param id of the request; never {@link SessionRequest#NO_ID}
     * @param message the whole message
     */
    record Media(long id, MediaAction action, Json message) implements SessionCall {
    }

    /**
     * Not done; the connection goes on.
     *
     * @param id of the request, or {@link SessionRequest#NO_ID}
     * @param type what it wanted to be, shortened
     */
    record Refused(long id, String type, ProblemException problem) implements SessionCall {
    }

    /** What can be done with media connections. */
    enum MediaAction {
        PUBLISH("publish"), SUBSCRIBE("subscribe"), UNPUBLISH("unpublish"), UNSUBSCRIBE("unsubscribe"),
        RESTART("restart");

        private final String type;

        MediaAction(final String type) {
            this.type = type;
        }

        /** The message's {@code type}. */
        String type() {
            return type;
        }
    }
}
