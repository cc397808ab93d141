package org.chevet.relay.route;

import java.util.List;
import java.util.Map;

/**
 * One media section after offer and answer.
 *
 * @param mid identification tag (RFC 5888)
 * @param kind audio or video
 * @param flow direction seen by the relay
 * @param codecs agreed codecs in order of preference
 * @param extensions agreed header extensions with their ids in this section (1 to 14, or to 255 with mixed headers)
 * @param extmapAllowMixed two-byte extension headers agreed (RFC 8285 section 4.1.2)
 * @param reducedSizeRtcp reduced-size RTCP agreed (RFC 5506)
 * @param sources RECEIVE: what the client announced, one entry per rid or SSRC, may be empty
 * @param localSsrc SEND: SSRC the relay sends with, else 0
 * @param localRtxSsrc SEND: SSRC of the relay's retransmissions, or 0
 * @param streamId media stream id from {@code a=msid} of the publisher, "" when none
 * @param label track label shown to people (WHIP query or track id), "" when none
 * @param ccfb SEND: congestion control feedback by streams agreed (RFC 8888), which needs no header extension
 */
public record NegotiatedSection(String mid, MediaKind kind, Flow flow, List<NegotiatedCodec> codecs,
    Map<HeaderExtension, Integer> extensions, boolean extmapAllowMixed, boolean reducedSizeRtcp,
    List<OfferedSource> sources, int localSsrc, int localRtxSsrc, String streamId, String label, boolean ccfb) {

    /** Copies the collections. */
    public NegotiatedSection {
        codecs = List.copyOf(codecs);
        extensions = Map.copyOf(extensions);
        sources = List.copyOf(sources);
    }

    /** Without congestion control feedback by streams. */
    public NegotiatedSection(final String mid, final MediaKind kind, final Flow flow,
        final List<NegotiatedCodec> codecs, final Map<HeaderExtension, Integer> extensions,
        final boolean extmapAllowMixed, final boolean reducedSizeRtcp, final List<OfferedSource> sources,
        final int localSsrc, final int localRtxSsrc, final String streamId, final String label) {
        this(mid, kind, flow, codecs, extensions, extmapAllowMixed, reducedSizeRtcp, sources, localSsrc, localRtxSsrc,
            streamId, label, false);
    }
}
