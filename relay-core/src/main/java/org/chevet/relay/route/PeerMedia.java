package org.chevet.relay.route;

import java.util.List;

/**
 * What the router needs to know of a peer connection it admits.
 *
 * @param participant number of the participant inside this consultation: equal for all peers of one person
 * @param participantId the participant's id, for {@link PublicationInfo}
 * @param publisher true: its RECEIVE sections become publications; false: its SEND sections subscribe
 * @param sections agreed sections in the order of the offer
 * @param sources subscriber: for each section the publication id it carries, or {@link #ANY}; may be empty
 * @param from subscriber: number of the only participant whose tracks may be bound, the peer's own too, or {@link #ANY}
 * @param cname publisher: SDES CNAME under which subscribers see this participant's tracks, 1 to 255 bytes
 * @param group subscriber: connections of one group carry each publication once among them; {@link #ALONE} for none
 */
public record PeerMedia(int participant, String participantId, boolean publisher, List<NegotiatedSection> sections,
    List<Integer> sources, int from, String cname, int group) {
    /** Any publication of the kind that has no section yet; any participant but the peer's own. */
    public static final int ANY = -1;
    /** Shares its publications with no other connection. */
    public static final int ALONE = -1;

    /** A peer of no group. */
    public PeerMedia(final int participant, final String participantId, final boolean publisher,
        final List<NegotiatedSection> sections, final List<Integer> sources, final int from, final String cname) {
        this(participant, participantId, publisher, sections, sources, from, cname, ALONE);
    }

    /** Copies the lists. */
    public PeerMedia {
        sections = List.copyOf(sections);
        sources = List.copyOf(sources);
    }
}
