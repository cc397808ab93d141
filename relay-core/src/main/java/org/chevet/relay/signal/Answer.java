package org.chevet.relay.signal;

import java.util.List;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.route.NegotiatedSection;
import org.jspecify.annotations.Nullable;

/**
 * An answer and what it settled.
 *
 * @param sdp the answer, CRLF line ends
 * @param sections accepted audio and video sections in the order of the offer, inactive ones included
 * @param sources SUBSCRIBE: for each of {@code sections} the publication it carries, or -1; PUBLISH: all -1
 * @param unassigned SUBSCRIBE: publications no section could carry (too few sections, or no codec in common)
 * @param rejected sections answered with port 0
 * @param remoteUfrag ICE user fragment of the offer
 * @param remotePassword ICE password of the offer
 * @param fingerprintAlgorithm hash name of the offer's fingerprint, lower case
 * @param fingerprint hash of the offer's certificate: upper-case hex pairs joined by colons
 * @param dtlsClient true when the relay has to start DTLS ({@code setup:active}), because the offer was passive
 * @param data what was agreed for data channels; null when the answer has none
 */
public record Answer(String sdp, List<NegotiatedSection> sections, List<Integer> sources, List<Integer> unassigned,
    List<Rejected> rejected, String remoteUfrag, String remotePassword, String fingerprintAlgorithm,
    String fingerprint, boolean dtlsClient, @Nullable DataTerms data) {

    /** Copies the lists. */
    public Answer {
        sections = List.copyOf(sections);
        sources = List.copyOf(sources);
        unassigned = List.copyOf(unassigned);
        rejected = List.copyOf(rejected);
    }

    /**
     * A section answered with port 0.
     *
     * @param index position in the offer, from 0
     * @param mid its identification tag, "" when none
     * @param media {@code audio}, {@code video}, {@code application}, ...
     * @param reason one sentence
     */
    public record Rejected(int index, String mid, String media, String reason) {
    }
}
