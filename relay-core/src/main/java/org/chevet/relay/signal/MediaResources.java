package org.chevet.relay.signal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What signalling itself must remember of media connections between requests: whose they are and their entity tag.
 *
 * <p>Bounded: beyond {@link #MAX} the oldest is forgotten here (DELETE still reaches the lane). Safe on any thread.
 */
final class MediaResources {
    /** Bound on remembered resources. */
    static final int MAX = 65_536;

    private final Map<String, Resource> resources = new LinkedHashMap<>();

    /**
     * One resource.
     *
     * @param publisher true for WHIP
     * @param entityTag of its ICE session, with quotes; a restart makes a new one
     * @param remoteUfrag ICE user fragment of the client in that session
     * @param formerUfrag the client's one before the last restart, "" before any
     * @param head lines a fragment of this resource starts with
     * @param restarted body of the last restart's response, "" before any
     */
    record Resource(String id, String consultation, String participant, boolean publisher, String entityTag,
        String remoteUfrag, String formerUfrag, String head, String restarted) {

        /** The same resource in its next ICE session. */
        Resource restart(final String newTag, final String newUfrag, final String response) {
            return new Resource(id, consultation, participant, publisher, newTag, newUfrag, remoteUfrag, head,
                response);
        }
    }

    synchronized void add(final Resource resource) {
        if (resources.size() >= MAX) {
            resources.remove(resources.keySet().iterator().next());
        }
        resources.put(resource.id(), resource);
    }

    /** Takes in a new state of a resource, unless it is gone. */
    synchronized void replace(final Resource resource) {
        resources.replace(resource.id(), resource);
    }

    /** The resource when it is of this consultation and participant. */
    synchronized Optional<Resource> find(final String id, final String consultation, final String participant) {
        return Optional.ofNullable(resources.get(id)).filter(resource -> resource.consultation.equals(consultation)
            && resource.participant.equals(participant));
    }

    synchronized void remove(final String id) {
        resources.remove(id);
    }

    synchronized void removeAllOf(final String consultation) {
        resources.values().removeIf(resource -> resource.consultation.equals(consultation));
    }
}
