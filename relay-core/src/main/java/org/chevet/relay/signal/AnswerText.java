package org.chevet.relay.signal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.chevet.codec.sdp.Candidate;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.Group;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Msid;
import org.chevet.codec.sdp.Origin;
import org.chevet.codec.sdp.RtcpFeedback;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.SdpAttribute;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Setup;
import org.chevet.codec.sdp.Simulcast;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.codec.sdp.SsrcGroup;
import org.chevet.codec.sdp.TextAttribute;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.HeaderExtension;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.PublicationInfo;

/** Writes a settled answer. ICE and DTLS attributes stand in every section: some clients read only their own. */
final class AnswerText {
    private static final int DISCARD_PORT = 9;
    private static final String NO_ADDRESS = "IN IP4 0.0.0.0";
    private static final String MIXED = "extmap-allow-mixed";
    /** RFC 8445 section 5.1.2: type preference of host candidates, local preference of the first. */
    private static final long HOST_PREFERENCE = 126L << 24;
    private static final int LOCAL_PREFERENCE = 65_535;
    private static final int COMPONENT_PREFERENCE = 255;
    /** RFC 6544 section 4.2: below UDP; direction preference 4 for passive, times 2 to the 13th, plus the others. */
    private static final long TCP_HOST_PREFERENCE = 90L << 24;
    private static final int TCP_PASSIVE_PREFERENCE = (4 << 13) + 8191;
    private static final int MAX_TOKEN = 64;

    private final SessionDescription offer;
    private final AnswerPlan plan;
    private final boolean dtlsClient;
    private final Set<String> msids = new HashSet<>();

    private AnswerText(final SessionDescription offer, final AnswerPlan plan, final boolean dtlsClient) {
        this.offer = offer;
        this.plan = plan;
        this.dtlsClient = dtlsClient;
    }

    static String write(final SessionDescription offer, final AnswerPlan plan, final List<SdpAnswerer.Draft> drafts,
        final List<String> bundle, final boolean dtlsClient) {
        final AnswerText text = new AnswerText(offer, plan, dtlsClient);
        final List<SdpAttribute> session = new ArrayList<>();
        if (!bundle.isEmpty()) {
            session.add(new Group("BUNDLE", bundle));
        }
        session.add(TextAttribute.flag("ice-lite"));
        if (offer.has(MIXED)) {
            session.add(TextAttribute.flag(MIXED));
        }
        session.add(new TextAttribute("msid-semantic", "WMS *"));
        final Origin origin = new Origin("-", Long.toString(plan.sessionId()), Long.toString(plan.sessionVersion()),
            "IN IP4 127.0.0.1");
        return new SessionDescription(origin, "-", "", session, drafts.stream().map(text::section).toList()).write();
    }

    private MediaSection section(final SdpAnswerer.Draft draft) {
        if (!draft.accepted()) {
            return rejected(draft.offered);
        }
        return draft.isData() ? data(draft.offered) : accepted(draft);
    }

    private static MediaSection rejected(final MediaSection offered) {
        final List<SdpAttribute> attributes = new ArrayList<>();
        if (!offered.mid().isEmpty()) {
            attributes.add(new TextAttribute("mid", offered.mid()));
        }
        attributes.add(Direction.INACTIVE);
        return new MediaSection(offered.media(), 0, offered.protocol(), List.of(offered.formats().getFirst()),
            NO_ADDRESS, attributes);
    }

    /** Data channels (RFC 8841), in the older form (draft 05 of it, a=sctpmap) when the offer is. */
    private MediaSection data(final MediaSection offered) {
        final List<SdpAttribute> lines = new ArrayList<>();
        if (!offered.mid().isEmpty()) {
            lines.add(new TextAttribute("mid", offered.mid()));
        }
        transport(lines, offered);
        final boolean isOld = offered.has("sctpmap");
        final String port = Integer.toString(DataTerms.LOCAL_PORT);
        lines.add(isOld
            ? new TextAttribute("sctpmap", port + " webrtc-datachannel " + DataTerms.MAX_STREAMS)
            : new TextAttribute("sctp-port", port));
        lines.add(new TextAttribute("max-message-size", Integer.toString(DataTerms.MAX_MESSAGE)));
        return end(offered, List.of(isOld ? port : offered.formats().getFirst()), lines);
    }

    private MediaSection accepted(final SdpAnswerer.Draft draft) {
        final NegotiatedSection agreed = SdpAnswerer.required(draft.agreed);
        final List<SdpAttribute> lines = new ArrayList<>();
        if (!agreed.mid().isEmpty()) {
            lines.add(new TextAttribute("mid", agreed.mid()));
        }
        lines.add(switch (agreed.flow()) {
            case RECEIVE -> Direction.RECVONLY;
            case SEND -> Direction.SENDONLY;
            case INACTIVE -> Direction.INACTIVE;
        });
        transport(lines, draft.offered);
        if (!offer.has(MIXED) && draft.offered.has(MIXED)) {
            lines.add(TextAttribute.flag(MIXED));
        }
        for (final HeaderExtension extension : ExtensionMatch.inOrder(agreed.extensions())) {
            final Integer id = agreed.extensions().get(extension);
            if (id != null) {
                lines.add(ExtensionMatch.line(draft.offered, extension, id));
            }
        }
        final List<String> formats = new ArrayList<>();
        agreed.codecs().forEach(codec -> codec(lines, formats, draft.offered, codec));
        feedback(lines, agreed.ccfb(), RtcpFeedback.ANY, SdpAnswerer.CCFB);
        if (agreed.flow() == Flow.SEND) {
            sending(lines, draft, agreed);
        }
        lines.addAll(draft.rids);
        if (draft.rids.size() > 1 || (!draft.rids.isEmpty() && draft.offered.has("simulcast"))) {
            lines.add(new Simulcast(List.of(), draft.rids.stream()
                .map(rid -> List.of(new Simulcast.Alternative(rid.id(), false))).toList()));
        }
        return end(draft.offered, formats, lines);
    }

    /** What stands at the end of every section: the relay's candidates. */
    private MediaSection end(final MediaSection offered, final List<String> formats,
        final List<SdpAttribute> lines) {
        final List<TransportAddress> candidates = plan.addresses().candidates();
        lines.addAll(candidates(plan.addresses()));
        lines.add(TextAttribute.flag("end-of-candidates"));
        return new MediaSection(offered.media(),
            candidates.isEmpty() ? DISCARD_PORT : candidates.getFirst().port(), offered.protocol(), formats,
            candidates.isEmpty() ? NO_ADDRESS : connection(candidates.getFirst()), lines);
    }

    private void transport(final List<SdpAttribute> lines, final MediaSection offered) {
        if (!SdpAnswerer.Draft.isData(offered)) {
            lines.add(TextAttribute.flag("rtcp-mux"));
        }
        if (offered.has("rtcp-rsize")) {
            lines.add(TextAttribute.flag("rtcp-rsize"));
        }
        lines.add(new TextAttribute("ice-ufrag", plan.localUfrag()));
        lines.add(new TextAttribute("ice-pwd", plan.localPassword()));
        if (offer.text("ice-options").contains("trickle") || offered.text("ice-options").contains("trickle")) {
            lines.add(new TextAttribute("ice-options", "trickle"));
        }
        lines.add(new TextAttribute("fingerprint", plan.addresses().fingerprint()));
        lines.add(dtlsClient ? Setup.ACTIVE : Setup.PASSIVE);
    }

    private static void codec(final List<SdpAttribute> lines, final List<String> formats, final MediaSection offered,
        final NegotiatedCodec codec) {
        final int type = codec.payloadType();
        formats.add(Integer.toString(type));
        lines.add(offered.rtpMap(type).orElseGet(() -> new RtpMap(type, codec.codec().name(), codec.clockRate(), 0)));
        feedback(lines, codec.transportCc(), type, "transport-cc");
        feedback(lines, codec.remb(), type, "goog-remb");
        feedback(lines, codec.fir(), type, "ccm fir");
        feedback(lines, codec.nack(), type, "nack");
        feedback(lines, codec.pli(), type, "nack pli");
        if (!codec.fmtp().isEmpty()) {
            lines.add(new Fmtp(type, codec.fmtp()));
        }
        if (codec.rtxPayloadType() >= 0) {
            formats.add(Integer.toString(codec.rtxPayloadType()));
            lines.add(offered.rtpMap(codec.rtxPayloadType())
                .orElseGet(() -> new RtpMap(codec.rtxPayloadType(), "rtx", codec.clockRate(), 0)));
            lines.add(new Fmtp(codec.rtxPayloadType(), "apt=" + type));
        }
    }

    private static void feedback(final List<SdpAttribute> lines, final boolean agreed, final int type,
        final String feedback) {
        if (agreed) {
            lines.add(new RtcpFeedback(type, feedback));
        }
    }

    private void sending(final List<SdpAttribute> lines, final SdpAnswerer.Draft draft,
        final NegotiatedSection agreed) {
        final PublicationInfo publication = draft.publication;
        if (publication == null) {
            lines.add(new Msid("-", token("section-" + draft.index)));
        } else {
            final String stream = token(publication.participant());
            final String label = token(publication.label().isEmpty()
                ? draft.offered.media() + "-" + publication.id() : publication.label());
            // Two tracks of one person may have one label; two sections must not have one track.
            lines.add(new Msid(stream, msids.add(stream + " " + label) ? label
                : token(publication.id() + "-" + label)));
        }
        if (agreed.localRtxSsrc() != 0) {
            lines.add(new SsrcGroup("FID", List.of(agreed.localSsrc(), agreed.localRtxSsrc())));
            lines.add(new Ssrc(agreed.localSsrc(), "cname", plan.cname()));
            lines.add(new Ssrc(agreed.localRtxSsrc(), "cname", plan.cname()));
        } else {
            lines.add(new Ssrc(agreed.localSsrc(), "cname", plan.cname()));
        }
    }

    /** Text as an msid id: at most 64 token characters (RFC 8830 section 2); others become hyphens. */
    private static String token(final String text) {
        final String clean = text.chars()
            .mapToObj(c -> c < 0x80 && (Character.isLetterOrDigit(c) || "_.+~".indexOf(c) >= 0) ? (char) c + "" : "-")
            .collect(Collectors.joining());
        return clean.substring(0, Math.min(MAX_TOKEN, clean.length()));
    }

    /** The relay's candidates, best first. */
    static List<Candidate> candidates(final MediaAddresses addresses) {
        final List<Candidate> lines = new ArrayList<>();
        for (int i = 0; i < addresses.candidates().size(); i++) {
            lines.add(candidate(i, addresses.candidates().get(i)));
        }
        for (int i = 0; i < addresses.streams().size(); i++) {
            lines.add(stream(addresses.candidates().size(), i, addresses.streams().get(i)));
        }
        return lines;
    }

    private static Candidate candidate(final int index, final TransportAddress address) {
        final long priority =
            HOST_PREFERENCE | ((long) (LOCAL_PREFERENCE - index) << 8) | COMPONENT_PREFERENCE;
        return new Candidate(Integer.toString(index + 1), 1, "udp", priority, host(address), address.port(), "host",
            "");
    }

    /** RFC 6544 section 4.5: the relay listens, the client connects. */
    private static Candidate stream(final int before, final int index, final TransportAddress address) {
        final long priority =
            TCP_HOST_PREFERENCE | ((long) (TCP_PASSIVE_PREFERENCE - index) << 8) | COMPONENT_PREFERENCE;
        return new Candidate(Integer.toString(before + index + 1), 1, "tcp", priority, host(address), address.port(),
            "host", "tcptype passive");
    }

    private static String connection(final TransportAddress address) {
        return (address.isIpv4() ? "IN IP4 " : "IN IP6 ") + host(address);
    }

    private static String host(final TransportAddress address) {
        try {
            return InetAddress.getByAddress(address.addressBytes()).getHostAddress();
        } catch (final UnknownHostException impossible) {
            throw new IllegalStateException("an address has 4 or 16 bytes", impossible);
        }
    }
}
