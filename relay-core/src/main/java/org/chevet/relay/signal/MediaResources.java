package org.chevet.relay.signal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What HTTP itself must remember of WHIP and WHEP resources between requests: whose they are and their entity tag.
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
     * @param entityTag of its ICE session, with quotes
     * @param remoteUfrag ICE user fragment of the offer
     */
    record Resource(String id, String consultation, String participant, boolean publisher, String entityTag,
        String remoteUfrag) {
    }

    synchronized void add(final Resource resource) {
        if (resources.size() >= MAX) {
            resources.remove(resources.keySet().iterator().next());
        }
        resources.put(resource.id(), resource);
    }

    /** The resource when it is of this consultation, participant and protocol. */
    synchronized Optional<Resource> find(final String id, final String consultation, final String participant,
        final boolean publisher) {
        return Optional.ofNullable(resources.get(id)).filter(resource -> resource.consultation.equals(consultation)
            && resource.participant.equals(participant) && resource.publisher == publisher);
    }

    synchronized void remove(final String id) {
        resources.remove(id);
    }

    synchronized void removeAllOf(final String consultation) {
        resources.values().removeIf(resource -> resource.consultation.equals(consultation));
    }
}
