package org.chevet.relay.client;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.chevet.codec.sdp.Candidate;
import org.chevet.codec.sdp.Fingerprint;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Setup;
import org.chevet.codec.wire.TransportAddress;

/**
 * What an answer says of the relay's transport.
 *
 * @param ufrag its ICE user fragment
 * @param password its ICE password
 * @param candidates its UDP addresses, in the order of the answer
 * @param fingerprint of its certificate
 * @param startsDtls true when the relay sends the ClientHello
 */
record RemoteMedia(String ufrag, String password, List<TransportAddress> candidates, Fingerprint fingerprint,
    boolean startsDtls) {

    RemoteMedia {
        candidates = List.copyOf(candidates);
    }

    /** Reads the first accepted section of an answer. */
    static RemoteMedia of(final SessionDescription answer) throws MediaClientException {
        final MediaSection section = answer.sections().stream().filter(media -> media.port() != 0).findFirst()
            .orElseThrow(() -> new MediaClientException("the relay's answer accepts no media section"));
        final List<Fingerprint> fingerprints = answer.fingerprintsOf(section);
        final List<TransportAddress> candidates = candidates(section);
        if (fingerprints.isEmpty() || candidates.isEmpty() || answer.iceUfragOf(section).isEmpty()
            || answer.icePasswordOf(section).isEmpty()) {
            throw new MediaClientException("the relay's answer lacks ICE credentials, UDP candidates or a fingerprint");
        }
        return new RemoteMedia(answer.iceUfragOf(section), answer.icePasswordOf(section), candidates,
            fingerprints.getFirst(), answer.setupOf(section) == Setup.ACTIVE);
    }

    /** The same DTLS association in the next ICE session: the fragment answers a restart (RFC 8840 section 9). */
    RemoteMedia restarted(final SessionDescription fragment) throws MediaClientException {
        final MediaSection section = fragment.sections().stream().findFirst().orElseThrow(
            () -> new MediaClientException("the relay's answer to an ICE restart has no media section"));
        final List<TransportAddress> fresh = candidates(section);
        if (fragment.iceUfragOf(section).isEmpty() || fragment.icePasswordOf(section).isEmpty()) {
            throw new MediaClientException("the relay's answer to an ICE restart lacks credentials");
        }
        return new RemoteMedia(fragment.iceUfragOf(section), fragment.icePasswordOf(section),
            fresh.isEmpty() ? candidates : fresh, fingerprint, startsDtls);
    }

    private static List<TransportAddress> candidates(final MediaSection section) {
        final List<TransportAddress> candidates = new ArrayList<>();
        for (final Candidate candidate : section.all(Candidate.class)) {
            if (candidate.transport().equals("udp") && candidate.component() == 1 && candidate.port() != 0) {
                literal(candidate.address()).ifPresent(address ->
                    candidates.add(TransportAddress.ofBytes(address.getAddress(), candidate.port())));
            }
        }
        return candidates;
    }

    /** An address written as numbers; a name gives nothing, since nothing is resolved. */
    private static Optional<InetAddress> literal(final String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (final IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }
}
