package org.chevet.relay.consultation;

import java.util.List;

/**
 * One participant as the roster shows them. A snapshot: safe on any thread.
 *
 * @param number inside this consultation, never reused
 * @param id claim {@code sub}
 * @param role claim {@code role}
 * @param name claim {@code name} of the latest token
 * @param connections kinds of open connections, sorted by name, may repeat
 */
public record RosterParticipant(int number, String id, Role role, String name, List<ConnectionKind> connections) {
    /** Copies the list. */
    public RosterParticipant {
        connections = List.copyOf(connections);
    }
}
