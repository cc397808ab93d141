package org.chevet.relay.lane;

import java.util.LinkedHashMap;
import java.util.Map;
import org.chevet.relay.lane.RelayDoor.LinkClient;

/**
 * The session WebSockets of one consultation. Messages are few and small; they leave with the turn. Lane thread
 * only.
 */
final class SessionLinks {
    /** Close code of a reader that does not keep up. */
    static final int CLOSE_TOO_SLOW = 4408;

    private final Map<Integer, Member> members = new LinkedHashMap<>();

    private record Member(String participant, LinkClient client) {
        /** A reader that does not keep up would miss changes of the roster: it has to come again and get the whole. */
        void send(final String message) {
            if (client.isWritable()) {
                client.sendText(message);
                client.flush();
            } else {
                client.close(CLOSE_TOO_SLOW, "This connection does not keep up; connect again.");
            }
        }
    }

    void attach(final int connection, final String participant, final LinkClient client) {
        members.put(connection, new Member(participant, client));
    }

    /** False when it was not attached. */
    boolean detach(final int connection) {
        return members.remove(connection) != null;
    }

    void sendTo(final int connection, final String message) {
        final Member member = members.get(connection);
        if (member != null) {
            member.send(message);
        }
    }

    void sendToParticipant(final String participant, final String message) {
        for (final Member member : members.values()) {
            if (member.participant.equals(participant)) {
                member.send(message);
            }
        }
    }

    void broadcast(final String message) {
        members.values().forEach(member -> member.send(message));
    }

    void closeAll(final int code, final String reason) {
        members.values().forEach(member -> member.client.close(code, reason));
        members.clear();
    }
}
