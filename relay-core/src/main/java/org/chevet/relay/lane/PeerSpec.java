package org.chevet.relay.lane;

import java.util.List;
import java.util.Map;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.route.NegotiatedSection;
import org.jspecify.annotations.Nullable;

/**
 * Everything a lane needs to admit one peer connection after offer and answer.
 *
 * @param resource id of the WHIP or WHEP resource: unguessable, unique
 * @param claims who asks
 * @param publisher true for WHIP, false for WHEP
 * @param localUfrag ICE user fragment in the answer
 * @param localPassword ICE password in the answer
 * @param remoteUfrag ICE user fragment of the offer
 * @param remotePassword ICE password of the offer
 * @param fingerprintAlgorithm hash name of the offer's {@code a=fingerprint}, lower case ("sha-256")
 * @param fingerprint hash of the offer's {@code a=fingerprint}: upper-case hex pairs joined by colons
 * @param dtlsClient true when the relay starts DTLS: the answer said {@code setup:active}
 * @param sections agreed sections in the order of the offer
 * @param sources WHEP: for each section the publication id it carries, or -1 for "the next one of this kind to come"
 * @param from WHEP: the only participant whose tracks may be bound, "" for all
 * @param session number of the session WebSocket that asked, with which the peer ends; {@link #NO_SESSION} over HTTP
 * @param profiles publisher: profile of sections by mid, where one was said
 * @param data what was agreed for data channels, or null when there are none
 */
public record PeerSpec(String resource, Claims claims, boolean publisher, String localUfrag, String localPassword,
    String remoteUfrag, String remotePassword, String fingerprintAlgorithm, String fingerprint, boolean dtlsClient,
    List<NegotiatedSection> sections, List<Integer> sources, String from, int session,
    Map<String, TrackProfile> profiles, @Nullable DataTerms data) {
    /** Asked for over HTTP: the peer lives by itself. */
    public static final int NO_SESSION = -1;

    /** Copies the collections. */
    public PeerSpec {
        sections = List.copyOf(sections);
        sources = List.copyOf(sources);
        profiles = Map.copyOf(profiles);
    }

    /** A peer asked for over HTTP, without profiles and data channels. */
    public PeerSpec(final String resource, final Claims claims, final boolean publisher, final String localUfrag,
        final String localPassword, final String remoteUfrag, final String remotePassword,
        final String fingerprintAlgorithm, final String fingerprint, final boolean dtlsClient,
        final List<NegotiatedSection> sections, final List<Integer> sources, final String from) {
        this(resource, claims, publisher, localUfrag, localPassword, remoteUfrag, remotePassword,
            fingerprintAlgorithm, fingerprint, dtlsClient, sections, sources, from, NO_SESSION, Map.of(), null);
    }
}
