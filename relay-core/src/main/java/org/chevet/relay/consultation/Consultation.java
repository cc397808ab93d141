package org.chevet.relay.consultation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.chevet.relay.consultation.Admission.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part in one consultation, by which connections, and what each may do.
 *
 * <p>Owned by one lane: single-threaded, no clock. Connection numbers are the caller's, unique while admitted. A
 * connection is on the roster, and the listener has told everyone, before {@link #admit} returns: forward to it only
 * after that (REQUIREMENTS P2). There is no way to take part without being on the roster.
 *
 * <p>Each connection acts under the claims it came with. A participant has one role; two tokens with the same id and
 * different roles are a conflict. At most one publishing media connection (WHIP) per participant: a second one is
 * refused while the first is heard, and replaces it once that was silent for {@link #REPLACE_AFTER_NS}.
 */
public final class Consultation {
    /** Bound on the connections of one participant. */
    public static final int MAX_CONNECTIONS = 16;
    /** Bound on those who were put out. */
    public static final int MAX_EVICTED = 4096;
    /** A publisher silent for this long gives way to a second one of the same identity: 6 s in nanoseconds. */
    public static final long REPLACE_AFTER_NS = 6_000_000_000L;

    private final String id;
    private final int maxParticipants;
    private final Activity activity;
    private final RosterListener listener;
    private final Map<String, Participant> participants = new LinkedHashMap<>();
    private final Map<Integer, Connection> connections = new HashMap<>();
    private final Set<String> evicted = new HashSet<>();
    private int nextNumber;

    /** Tells when a connection was last heard: authenticated packets only. */
    public interface Activity {
        /** Time of the last authenticated packet of a connection, or of its admission when there was none. */
        long lastHeardNs(int connection);
    }

    /**
     * An empty consultation.
     *
     * @param id opaque id, see {@link OpaqueId}
     * @param maxParticipants bound on participants, at least 1
     * @param activity answers for WHIP connections
     * @param listener hears of every change
     */
    public Consultation(final String id, final int maxParticipants, final Activity activity,
        final RosterListener listener) {
        this.id = id;
        this.maxParticipants = maxParticipants;
        this.activity = activity;
        this.listener = listener;
    }

    /** Its id. */
    public String id() {
        return id;
    }

    /**
     * Lets a connection take part, or says why not.
     *
     * @param connection number that is not in use in this consultation
     * @throws IllegalArgumentException when the number is in use: a bug of the caller
     */
    public Admission admit(final int connection, final Claims claims, final ConnectionKind kind, final long nowNs) {
        if (connections.containsKey(connection)) {
            throw new IllegalArgumentException("connection " + connection + " is admitted already");
        }
        final Participant known = participants.get(claims.participant());
        final Admission refused = refusal(known, claims, kind);
        if (refused != null) {
            return refused;
        }
        final Connection rival = kind == ConnectionKind.WHIP && known != null ? known.publisher() : null;
        if (rival != null) {
            if (nowNs - activity.lastHeardNs(rival.number) < REPLACE_AFTER_NS) {
                return refused(Verdict.CONFLICT, "this participant is publishing already");
            }
            connections.remove(rival.number);
            known.open.remove(rival);
        }
        final Participant participant = known != null ? known : newParticipant(claims);
        participant.name = claims.name();
        final Connection added = new Connection(connection, kind, claims.grants(), participant);
        participant.open.add(added);
        connections.put(connection, added);
        if (known == null) {
            listener.joined(participant.snapshot());
        } else {
            listener.changed(participant.snapshot());
        }
        return new Admission(Verdict.ADMITTED, participant.number, rival == null ? Admission.NONE : rival.number, "");
    }

    /** Takes a connection off; the participant leaves with the last one. False when it was not admitted. */
    public boolean release(final int connection) {
        final Connection removed = connections.remove(connection);
        if (removed == null) {
            return false;
        }
        final Participant participant = removed.participant;
        participant.open.remove(removed);
        if (participant.open.isEmpty()) {
            participants.remove(participant.id);
            listener.left(participant.snapshot());
        } else {
            listener.changed(participant.snapshot());
        }
        return true;
    }

    /**
     * Lets nobody of this id in any more; whoever is here stays until {@link #release}.
     *
     * @return false when {@link #MAX_EVICTED} others were put out already: nothing was done
     */
    public boolean evict(final String participantId) {
        if (evicted.size() >= MAX_EVICTED && !evicted.contains(participantId)) {
            return false;
        }
        evicted.add(participantId);
        return true;
    }

    /** True when the participant was put out. */
    public boolean isEvicted(final String participantId) {
        return evicted.contains(participantId);
    }

    /** Everyone who is here, in order of arrival. */
    public List<RosterParticipant> roster() {
        return participants.values().stream().map(Participant::snapshot).toList();
    }

    /** One participant by id, or empty. */
    public Optional<RosterParticipant> participant(final String participantId) {
        return Optional.ofNullable(participants.get(participantId)).map(Participant::snapshot);
    }

    /** Numbers of the connections of one participant, in order of admission; empty when unknown. */
    public List<Integer> connectionsOf(final String participantId) {
        final Participant participant = participants.get(participantId);
        return participant == null ? List.of()
            : participant.open.stream().map(connection -> connection.number).toList();
    }

    /** Number of participants. */
    public int size() {
        return participants.size();
    }

    /** May this connection publish tracks of the class? False when it is not admitted. */
    public boolean mayPublish(final int connection, final TrackClass trackClass) {
        final Connection found = connections.get(connection);
        return found != null && found.grants.mayPublish(trackClass);
    }

    /** May this connection receive tracks of the class? False when it is not admitted. */
    public boolean maySubscribe(final int connection, final TrackClass trackClass) {
        final Connection found = connections.get(connection);
        return found != null && found.grants.maySubscribe(trackClass);
    }

    private @Nullable Admission refusal(final @Nullable Participant known, final Claims claims,
        final ConnectionKind kind) {
        if (!claims.consultation().equals(id)) {
            return refused(Verdict.FORBIDDEN, "the token is for another consultation");
        }
        if (evicted.contains(claims.participant())) {
            return refused(Verdict.EVICTED, "this participant was removed from the consultation");
        }
        if ((kind == ConnectionKind.WHIP && claims.grants().publish().isEmpty())
            || (kind == ConnectionKind.WHEP && claims.grants().subscribe().isEmpty())) {
            return refused(Verdict.FORBIDDEN, "the token grants nothing of this kind");
        }
        if (known == null) {
            return participants.size() < maxParticipants ? null
                : refused(Verdict.EXHAUSTED, "the consultation has all the participants it may have");
        }
        if (known.role != claims.role()) {
            return refused(Verdict.CONFLICT, "this participant is here already in another role");
        }
        return known.open.size() < MAX_CONNECTIONS ? null
            : refused(Verdict.EXHAUSTED, "this participant has " + MAX_CONNECTIONS + " connections already");
    }

    private Participant newParticipant(final Claims claims) {
        final Participant participant = new Participant(nextNumber++, claims.participant(), claims.role());
        participants.put(participant.id, participant);
        return participant;
    }

    private static Admission refused(final Verdict verdict, final String sentence) {
        return new Admission(verdict, Admission.NONE, Admission.NONE, sentence);
    }

    private record Connection(int number, ConnectionKind kind, Grants grants, Participant participant) {
    }

    private static final class Participant {
        private final int number;
        private final String id;
        private final Role role;
        private final List<Connection> open = new ArrayList<>();
        private String name = "";

        Participant(final int number, final String id, final Role role) {
            this.number = number;
            this.id = id;
            this.role = role;
        }

        @Nullable Connection publisher() {
            for (final Connection connection : open) {
                if (connection.kind == ConnectionKind.WHIP) {
                    return connection;
                }
            }
            return null;
        }

        RosterParticipant snapshot() {
            return new RosterParticipant(number, id, role, name, open.stream().map(Connection::kind)
                .sorted(Comparator.comparing(ConnectionKind::label)).toList());
        }
    }
}
