package org.chevet.relay.lane;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one consultation: those with a WebSocket, and those whose WebSocket was lost and that are held for
 * a while for the client to come back. Messages are few and small; they leave with the turn. Lane thread only.
 */
final class SessionLinks {
    /** Close code of a reader that does not keep up. */
    static final int CLOSE_TOO_SLOW = 4408;
    /** Close code of a WebSocket whose session another one has taken over. */
    static final int CLOSE_REPLACED = 4409;
    /** Close code of a participant who was put out. */
    static final int CLOSE_EVICTED = 4403;
    /** How long a session is held for its client: 30 s in nanoseconds. */
    static final long HOLD_NS = 30_000_000_000L;
    /** Sessions of one participant held at once; of more the oldest ends. */
    static final int MAX_HELD = 4;
    /** No such session. */
    static final int NONE = -1;

    private final Map<Integer, Member> members = new LinkedHashMap<>();
    private int nextGroup;
    /** Looked at in every turn: worked out when something changes, not then. */
    private int attached;
    private long soonestNs = Long.MAX_VALUE;

    /** One session. */
    static final class Member {
        private final int connection;
        private final String participant;
        private final String token;
        private @Nullable LinkClient client;
        private int group;
        private boolean outlived;
        private long heldUntilNs = Long.MAX_VALUE;
        /** What it was told it needs last. */
        private SessionMessages.Need need = SessionMessages.Need.NOTHING;

        private Member(final int connection, final String participant, final String token, final LinkClient client,
            final int group) {
            this.connection = connection;
            this.participant = participant;
            this.token = token;
            this.client = client;
            this.group = group;
        }

        int connection() {
            return connection;
        }

        String participant() {
            return participant;
        }

        /** False while it is held without a WebSocket. */
        boolean isAttached() {
            return client != null;
        }

        /** A reader that does not keep up would miss changes of the roster: it has to come again and get the whole. */
        private void send(final String message) {
            if (client == null) {
                return;
            }
            if (client.isWritable()) {
                client.sendText(message);
                client.flush();
            } else {
                client.close(CLOSE_TOO_SLOW, "This connection does not keep up; connect again.");
            }
        }

        /** Tells how many sections are missing, when that has changed. */
        void tell(final SessionMessages.Need now) {
            if (!now.equals(need)) {
                need = now;
                send(SessionMessages.need(now));
            }
        }
    }

    void attach(final int connection, final String participant, final String token, final LinkClient client) {
        members.put(connection, new Member(connection, participant, token, client, nextGroup++));
        count();
    }

    /** True when the session has a WebSocket now. */
    boolean isAttached(final int connection) {
        final Member member = members.get(connection);
        return member != null && member.isAttached();
    }

    /** True when no session has a WebSocket now: nobody would hear anything. */
    boolean isUnheard() {
        return attached == 0;
    }

    private void count() {
        attached = 0;
        soonestNs = Long.MAX_VALUE;
        for (final Member member : members.values()) {
            attached += member.isAttached() ? 1 : 0;
            soonestNs = Math.min(soonestNs, member.heldUntilNs);
        }
    }

    /** The group of connections of a session, which stays the same when another WebSocket takes over; or NONE. */
    int groupOf(final int connection) {
        final Member member = members.get(connection);
        return member == null ? NONE : member.group;
    }

    /** True when the media connections a session made go on after it. */
    boolean isOutlived(final int connection) {
        final Member member = members.get(connection);
        return member != null && member.outlived;
    }

    /** The participant of a session that has a WebSocket, or null. */
    @Nullable String participantOf(final int connection) {
        final Member member = members.get(connection);
        return member == null ? null : member.participant;
    }

    /** All sessions, in order of arrival. */
    List<Member> all() {
        return List.copyOf(members.values());
    }

    /**
     * The WebSocket is gone: the session is held.
     *
     * @param outlived true when the media connections it made go on after it
     * @return sessions of the same participant that are too many now and have to end
     */
    List<Integer> hold(final int connection, final boolean outlived, final long nowNs) {
        final Member lost = members.get(connection);
        final List<Integer> tooMany = new ArrayList<>();
        if (lost == null || !lost.isAttached()) {
            return tooMany;
        }
        lost.client = null;
        lost.heldUntilNs = nowNs + HOLD_NS;
        lost.outlived = outlived;
        count();
        for (final Member member : members.values()) {
            if (!member.isAttached() && member.participant.equals(lost.participant)) {
                tooMany.add(member.connection);
            }
        }
        // In order of arrival is in order of age closely enough: a client comes back with its newest token.
        return tooMany.subList(0, Math.max(0, tooMany.size() - MAX_HELD));
    }

    /**
     * Lets a session take over an earlier one of its participant, which is gone afterwards; its WebSocket, if it has
     * one still, is closed.
     *
     * @return number of the earlier session, or {@link #NONE} when the token opens none
     */
    int resume(final int connection, final String token) {
        final Member next = members.get(connection);
        final Member earlier = next == null ? null : find(next, token);
        if (earlier == null) {
            return NONE;
        }
        next.group = earlier.group;
        members.remove(earlier.connection);
        count();
        if (earlier.client != null) {
            earlier.client.close(CLOSE_REPLACED, "A newer connection has taken over this session.");
        }
        return earlier.connection;
    }

    private @Nullable Member find(final Member next, final String token) {
        final byte[] given = token.getBytes(StandardCharsets.UTF_8);
        Member found = null;
        for (final Member member : members.values()) {
            if (member != next && member.participant.equals(next.participant)
                && MessageDigest.isEqual(given, member.token.getBytes(StandardCharsets.UTF_8))) {
                found = member;
            }
        }
        return found;
    }

    /** Sessions whose time is over. */
    List<Integer> expired(final long nowNs) {
        return members.values().stream().filter(member -> member.heldUntilNs <= nowNs)
            .map(Member::connection).toList();
    }

    /** When {@link #expired} has something, or {@code Long.MAX_VALUE}. */
    long nextDeadlineNs() {
        return soonestNs;
    }

    /** False when it was not there. */
    boolean remove(final int connection) {
        final boolean was = members.remove(connection) != null;
        count();
        return was;
    }

    /** Ends every session of a participant; their WebSockets are closed. Returns their numbers. */
    List<Integer> end(final String participant, final int code, final String reason) {
        final List<Integer> ended = new ArrayList<>();
        for (final Member member : all()) {
            if (member.participant.equals(participant)) {
                members.remove(member.connection);
                ended.add(member.connection);
                if (member.client != null) {
                    member.client.close(code, reason);
                }
            }
        }
        count();
        return ended;
    }

    void sendTo(final int connection, final String message) {
        final Member member = members.get(connection);
        if (member != null) {
            member.send(message);
        }
    }

    /** Answers a request with an error. */
    void refuse(final int connection, final SessionRequest request, final Refusal refusal) {
        final Member member = members.get(connection);
        if (member != null && member.client != null) {
            member.client.sendError(request, refusal);
            member.client.flush();
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
        for (final Member member : members.values()) {
            if (member.client != null) {
                member.client.close(code, reason);
            }
        }
        members.clear();
        count();
    }
}
