package org.chevet.relay.lane;

import java.util.List;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.route.NegotiatedSection;

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
 */
public record PeerSpec(String resource, Claims claims, boolean publisher, String localUfrag, String localPassword,
    String remoteUfrag, String remotePassword, String fingerprintAlgorithm, String fingerprint, boolean dtlsClient,
    List<NegotiatedSection> sections, List<Integer> sources, String from) {

    /** Copies the collections. */
    public PeerSpec {
        sections = List.copyOf(sections);
        sources = List.copyOf(sources);
    }
}
