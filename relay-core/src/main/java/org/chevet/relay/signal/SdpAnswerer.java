package org.chevet.relay.signal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.Fingerprint;
import org.chevet.codec.sdp.Group;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Msid;
import org.chevet.codec.sdp.Rid;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Setup;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.HeaderExtension;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.MediaRouter;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.PublicationInfo;
import org.jspecify.annotations.Nullable;

/**
 * Answers offers: RFC 8829 with one bundled transport (RFC 9143), as ICE-lite (RFC 8445), for WHIP (RFC 9725) and WHEP.
 *
 * <p>Pure: the same offer and plan give the same answer. An ICE restart or a later offer of the same resource is
 * answered the same way, with new credentials or a higher version in the plan.
 */
public final class SdpAnswerer {
    /** Sections of one connection the relay carries; further ones are rejected. */
    public static final int MAX_ACCEPTED = MediaRouter.MAX_SECTIONS;

    private static final Set<String> PROTOCOLS = Set.of("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP", "TCP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP", "RTP/AVPF", "RTP/AVP");
    /** RFC 8841, and the older form of clients such as aiortc, which is answered in kind. */
    private static final Set<String> DATA_PROTOCOLS = Set.of("UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP");
    private static final String DATA_CHANNEL = "webrtc-datachannel";
    private static final List<String> HASHES = List.of("sha-256", "sha-384", "sha-512");
    private static final List<Integer> HASH_BYTES = List.of(32, 48, 64);
    private static final int MAX_SSRC_TRIES = 1000;
    private static final int MAX_REASONS = 4;
    /** Congestion control feedback by streams (RFC 8888 section 6). */
    static final String CCFB = "ack ccfb";

    private final SessionDescription offer;
    private final AnswerPlan plan;
    private final List<Draft> drafts = new ArrayList<>();
    private final Set<Integer> ssrcs = new HashSet<>();

    /** One section of the offer on its way to the answer. */
    static final class Draft {
        final int index;
        final MediaSection offered;
        @Nullable String rejection;
        @Nullable NegotiatedSection agreed;
        @Nullable PublicationInfo publication;
        List<Rid> rids = List.of();

        Draft(final int index, final MediaSection offered) {
            this.index = index;
            this.offered = offered;
        }

        boolean accepted() {
            return rejection == null;
        }

        boolean isData() {
            return isData(offered);
        }

        static boolean isData(final MediaSection section) {
            return section.media().equals("application");
        }

        MediaKind kind() {
            return offered.media().equals("audio") ? MediaKind.AUDIO : MediaKind.VIDEO;
        }
    }

    private SdpAnswerer(final SessionDescription offer, final AnswerPlan plan) {
        this.offer = offer;
        this.plan = plan;
    }

    /**
     * Answers an offer.
     *
     * @throws SdpRefusal when no answer would give a connection; its message is for the sender of the offer
     */
    public static Answer answer(final SessionDescription offer, final AnswerPlan plan) throws SdpRefusal {
        return new SdpAnswerer(offer, plan).answer();
    }

    private Answer answer() throws SdpRefusal {
        if (offer.sections().isEmpty()) {
            throw new SdpRefusal("the offer has no media section");
        }
        for (final MediaSection section : offer.sections()) {
            final Draft draft = new Draft(drafts.size(), section);
            draft.rejection = rejectionOf(draft);
            drafts.add(draft);
            section.all(Ssrc.class).forEach(line -> ssrcs.add(line.ssrc()));
        }
        refuseWhenNoneIsLeft();
        final List<String> bundle = bundle();
        refuseWhenNoneIsLeft();
        refuseWrongWay();
        final MediaSection tagged = tagged(bundle);
        final String ufrag = offer.iceUfragOf(tagged);
        final String password = offer.icePasswordOf(tagged);
        if (ufrag.isEmpty() || password.isEmpty()) {
            throw new SdpRefusal("the offer has no a=ice-ufrag and a=ice-pwd");
        }
        final Fingerprint fingerprint = fingerprint(tagged);
        final Setup setup = offer.setupOf(tagged);
        if (setup == Setup.HOLDCONN) {
            throw new SdpRefusal("the offer says setup:holdconn: no connection is wanted");
        }
        final List<Integer> unassigned = negotiate();
        final boolean dtlsClient = setup == Setup.PASSIVE;
        final List<Draft> accepted =
            drafts.stream().filter(draft -> draft.accepted() && !draft.isData()).toList();
        return new Answer(AnswerText.write(offer, plan, drafts, bundle, dtlsClient),
            accepted.stream().map(draft -> required(draft.agreed)).toList(),
            accepted.stream().map(draft -> draft.publication == null ? -1 : draft.publication.id()).toList(),
            unassigned, rejected(), ufrag, password, fingerprint.algorithm(), fingerprint.hash(), dtlsClient, data());
    }

    /** True when an offer wants data channels. */
    static boolean hasDataChannels(final SessionDescription offer) {
        return offer.sections().stream()
            .anyMatch(section -> Draft.isData(section) && (section.port() != 0 || section.bundleOnly()));
    }

    /** Beyond 2 GiB the size is negative here, which is as good as no bound. */
    private static int sizeOf(final MediaSection section) {
        return Math.max(0, section.maxMessageSize());
    }

    private @Nullable DataTerms data() {
        return drafts.stream().filter(draft -> draft.isData() && draft.accepted()).findFirst()
            .map(draft -> new DataTerms(draft.offered.sctpPort(), sizeOf(draft.offered))).orElse(null);
    }

    /** Why a section is rejected before BUNDLE is looked at, or null. */
    private @Nullable String rejectionOf(final Draft draft) {
        final MediaSection section = draft.offered;
        if (!draft.isData() && !section.media().equals("audio") && !section.media().equals("video")) {
            return "neither audio nor video";
        }
        if (section.port() == 0 && !section.bundleOnly()) {
            return "stopped by the offer (port 0 without bundle-only)";
        }
        if (draft.isData()) {
            return dataRejectionOf(section);
        }
        if (!plan.kinds().contains(draft.kind())) {
            return draft.kind().name().toLowerCase(Locale.ROOT) + " is not granted";
        }
        if (!PROTOCOLS.contains(section.protocol())) {
            return "transport protocol is not UDP/TLS/RTP/SAVPF";
        }
        if (!section.rtcpMux()) {
            return "without a=rtcp-mux";
        }
        final List<NegotiatedCodec> codecs = CodecMatch.forPublisher(section, draft.kind(), false);
        if (plan.encrypted() && !codecs.isEmpty() && CodecMatch.sealable(codecs).isEmpty()) {
            return "without a codec whose frames can be encrypted: VP8 or VP9";
        }
        if (codecs.isEmpty()) {
            return draft.kind() == MediaKind.AUDIO ? "without Opus" : "without VP8, VP9, H.264 or AV1";
        }
        return drafts.stream().filter(Draft::accepted).count() >= MAX_ACCEPTED
            ? "more than " + MAX_ACCEPTED + " sections" : null;
    }

    private @Nullable String dataRejectionOf(final MediaSection section) {
        if (!plan.dataChannels()) {
            return "the token grants nothing that data channels carry";
        }
        if (!DATA_PROTOCOLS.contains(section.protocol())) {
            return "transport protocol is not UDP/DTLS/SCTP";
        }
        if (!section.formats().contains(DATA_CHANNEL) && !section.text("sctpmap").contains(DATA_CHANNEL)) {
            return "not of the format " + DATA_CHANNEL;
        }
        if (section.sctpPort() < 1) {
            return "without a=sctp-port";
        }
        return drafts.stream().anyMatch(draft -> draft.isData() && draft.accepted()) ? "a second data channel section"
            : null;
    }

    /**
     * Keeps the sections of one transport: those of the first BUNDLE group that has an acceptable one, whose tags
     * are returned in the group's order; without a group the only section, and no tags.
     */
    private List<String> bundle() throws SdpRefusal {
        for (final Group group : offer.bundles()) {
            final List<String> mids = group.mids().stream().distinct().filter(mid -> drafts.stream()
                .anyMatch(draft -> draft.accepted() && draft.offered.mid().equals(mid))).toList();
            if (!mids.isEmpty()) {
                drafts.stream().filter(draft -> draft.accepted() && !mids.contains(draft.offered.mid()))
                    .forEach(draft -> draft.rejection = "outside of the BUNDLE group");
                return mids;
            }
        }
        drafts.stream().filter(draft -> draft.accepted() && draft.offered.bundleOnly())
            .forEach(draft -> draft.rejection = "bundle-only outside of a BUNDLE group");
        if (drafts.stream().filter(Draft::accepted).count() > 1) {
            throw new SdpRefusal("the offer has several media sections without a=group:BUNDLE, but one transport");
        }
        return List.of();
    }

    private void refuseWhenNoneIsLeft() throws SdpRefusal {
        if (drafts.stream().noneMatch(Draft::accepted)) {
            final List<String> reasons = drafts.stream().limit(MAX_REASONS)
                .map(draft -> draft.offered.media() + " section " + (draft.index + 1) + " " + draft.rejection).toList();
            throw new SdpRefusal("no media section can be accepted: " + String.join("; ", reasons));
        }
    }

    /** A player's offer sent to WHIP, or a publisher's to WHEP; a held session (all inactive) is in order. */
    private void refuseWrongWay() throws SdpRefusal {
        boolean flows = false;
        boolean opposite = false;
        for (final Draft draft : drafts) {
            if (draft.accepted() && !draft.isData()) {
                final Direction direction = offer.directionOf(draft.offered);
                flows |= flowOf(draft.offered) != Flow.INACTIVE;
                opposite |= direction != Direction.INACTIVE;
            }
        }
        if (!flows && opposite) {
            throw new SdpRefusal(publishes() ? "nothing to publish: every section only receives (use WHEP to receive)"
                : "nothing to receive: every section only sends (use WHIP to publish)");
        }
    }

    private boolean publishes() {
        return plan.mode() == AnswerPlan.Mode.PUBLISH;
    }

    private Flow flowOf(final MediaSection section) {
        final Direction direction = offer.directionOf(section);
        if (publishes()) {
            return direction.sends() ? Flow.RECEIVE : Flow.INACTIVE;
        }
        return direction.receives() ? Flow.SEND : Flow.INACTIVE;
    }

    /** The section whose transport the group uses (RFC 9143 section 7.3.1): the group's first that is accepted. */
    private MediaSection tagged(final List<String> bundle) {
        return bundle.isEmpty() ? drafts.stream().filter(Draft::accepted).findFirst().orElseThrow().offered
            : offer.section(bundle.getFirst()).orElseThrow();
    }

    private Fingerprint fingerprint(final MediaSection tagged) throws SdpRefusal {
        final List<Fingerprint> offered = offer.fingerprintsOf(tagged);
        for (int i = 0; i < HASHES.size(); i++) {
            final String hash = HASHES.get(i);
            final int characters = HASH_BYTES.get(i) * 3 - 1;
            final Optional<Fingerprint> found = offered.stream()
                .filter(line -> line.algorithm().equals(hash) && line.hash().length() == characters).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new SdpRefusal(offered.isEmpty() ? "the offer has no a=fingerprint"
            : "the offer has no a=fingerprint of sha-256, sha-384 or sha-512");
    }

    /** Settles the accepted sections; returns the publications that found none. */
    private List<Integer> negotiate() {
        final List<PublicationInfo> waiting = new ArrayList<>(plan.publications());
        for (final Draft draft : drafts) {
            if (draft.accepted() && !draft.isData()) {
                draft.agreed = negotiate(draft, waiting);
            }
        }
        return waiting.stream().map(PublicationInfo::id).toList();
    }

    private NegotiatedSection negotiate(final Draft draft, final List<PublicationInfo> waiting) {
        final MediaSection section = draft.offered;
        final Flow flow = flowOf(section);
        final AnswerPlan.TrackLabel label = labelOf(draft);
        List<NegotiatedCodec> codecs = publishes()
            ? CodecMatch.forPublisher(section, draft.kind(), label.deviceAudio())
            : CodecMatch.forSubscriber(section, draft.kind());
        if (plan.encrypted()) {
            codecs = CodecMatch.sealable(codecs);
        }
        int ssrc = 0;
        int rtxSsrc = 0;
        if (flow == Flow.SEND) {
            for (final PublicationInfo publication : waiting) {
                final List<NegotiatedCodec> common = publication.kind() == draft.kind()
                    ? CodecMatch.forPublication(codecs, publication.codecs()) : List.of();
                if (!common.isEmpty()) {
                    draft.publication = publication;
                    codecs = common;
                    break;
                }
            }
            waiting.remove(draft.publication);
            ssrc = newSsrc();
            rtxSsrc = codecs.stream().anyMatch(codec -> codec.rtxPayloadType() >= 0) ? newSsrc() : 0;
        }
        if (flow == Flow.RECEIVE) {
            draft.rids = SourceList.rids(section, codecs);
        }
        final PublicationInfo publication = draft.publication;
        final Map<HeaderExtension, Integer> extensions = ExtensionMatch.agree(offer, section, !publishes());
        return new NegotiatedSection(section.mid(), draft.kind(), flow, codecs, extensions,
            offer.extmapAllowMixed(section), section.has("rtcp-rsize"),
            flow == Flow.RECEIVE ? SourceList.sources(section, draft.rids) : List.of(), ssrc, rtxSsrc,
            publication == null ? publishes() ? streamOf(section) : "" : publication.participant(),
            publication == null ? label.label() : publication.label(),
            flow == Flow.SEND && agreesToCcfb(section, codecs, extensions));
    }

    /** RFC 8888 section 6. Transport-wide feedback is preferred, because it tells the time more exactly. */
    private static boolean agreesToCcfb(final MediaSection section, final List<NegotiatedCodec> codecs,
        final Map<HeaderExtension, Integer> extensions) {
        // Feedback is of packets, whichever way Opus is packed: clients name it for Opus only.
        return !codecs.isEmpty() && codecs.stream().filter(codec -> codec.codec() != Codec.RED)
            .allMatch(codec -> section.feedback(codec.payloadType(), CCFB))
            && !(extensions.containsKey(HeaderExtension.TRANSPORT_CC)
            && codecs.stream().anyMatch(NegotiatedCodec::transportCc));
    }

    private AnswerPlan.TrackLabel labelOf(final Draft draft) {
        final String track = draft.offered.first(Msid.class).map(Msid::track).orElse("");
        for (final String name : List.of(draft.offered.mid(), track, draft.offered.media())) {
            final AnswerPlan.TrackLabel label = plan.labels().get(name);
            if (label != null) {
                return label;
            }
        }
        return new AnswerPlan.TrackLabel("", false);
    }

    private static String streamOf(final MediaSection section) {
        final String old = section.all(Ssrc.class).stream().filter(line -> line.attribute().equals("msid"))
            .map(line -> line.text().strip().split(" ", 2)[0]).findFirst().orElse("");
        final String stream = section.first(Msid.class).map(Msid::stream).orElse(old);
        return stream.equals("-") ? "" : stream;
    }

    private int newSsrc() {
        for (int i = 0; i < MAX_SSRC_TRIES; i++) {
            final int ssrc = plan.ssrcs().getAsInt();
            if (ssrc != 0 && ssrcs.add(ssrc)) {
                return ssrc;
            }
        }
        throw new IllegalStateException("the source of SSRCs repeats itself");
    }

    private List<Answer.Rejected> rejected() {
        final List<Answer.Rejected> rejected = new ArrayList<>();
        for (final Draft draft : drafts) {
            final String reason = draft.rejection;
            if (reason != null) {
                rejected.add(new Answer.Rejected(draft.index, draft.offered.mid(), draft.offered.media(), reason));
            }
        }
        return rejected;
    }

    static NegotiatedSection required(final @Nullable NegotiatedSection section) {
        if (section == null) {
            throw new IllegalStateException("an accepted section was not negotiated");
        }
        return section;
    }
}
