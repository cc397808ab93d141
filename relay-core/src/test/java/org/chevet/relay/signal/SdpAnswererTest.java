package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.HeaderExtension;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.OfferedSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SdpAnswererTest {
    private static final String H264 = "level-asymmetry-allowed=1;packetization-mode=%s;profile-level-id=%s";

    @ParameterizedTest
    @ValueSource(strings = {"chromium156-av-sendonly", "firefox153-av1-simulcast", "gstreamer122-2cam-2mic",
        "firefox153-reoffer-stopped-mline"})
    void publisherAnswerIsTheGoldenOne(final String name) throws IOException, SdpException, SdpRefusal {
        assertGolden(name + ".publish", SdpAnswerer.answer(AnswerFixtures.offer(name), AnswerFixtures.publish()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chromium156-recvonly-all-hdrext", "firefox153-recvonly"})
    void subscriberAnswerIsTheGoldenOne(final String name) throws IOException, SdpException, SdpRefusal {
        assertGolden(name + ".subscribe", SdpAnswerer.answer(AnswerFixtures.offer(name), AnswerFixtures.subscribe(
            AnswerFixtures.audio(5, "stethoscope", "stereo=1"),
            AnswerFixtures.video(6, "échographe 1", Codec.VP8, ""))));
    }

    private static void assertGolden(final String name, final Answer answer) throws IOException {
        final Path file = Path.of("src/test/resources/sdp/" + name + ".answer.sdp");
        assertEquals(Files.readString(file), answer.sdp(), "golden answer " + name);
    }

    @Test
    void stoppedSectionIsAnsweredWithPortZeroOutsideOfTheBundle() throws IOException, SdpException, SdpRefusal {
        final Answer answer = publish("firefox153-reoffer-stopped-mline");
        final SessionDescription parsed = SessionDescription.parse(answer.sdp());
        assertEquals(List.of("0", "1"), parsed.bundles().getFirst().mids());
        assertEquals(0, parsed.sections().get(2).port());
        assertTrue(parsed.sections().get(1).port() > 0, "bundle-only with port 0 is accepted");
        assertEquals("stopped by the offer (port 0 without bundle-only)", answer.rejected().getFirst().reason());
    }

    @Test
    void chromiumStoppedFirstSectionLeavesTheBundleToTheNext() throws IOException, SdpException, SdpRefusal {
        final String text = AnswerFixtures.text("chromium156-2cam-2mic")
            .replace("a=group:BUNDLE 0 1 2 3", "a=group:BUNDLE 1 2 3").replaceFirst("m=audio \\d+", "m=audio 0");
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(text), AnswerFixtures.publish());
        assertEquals(List.of("1", "2", "3"), SessionDescription.parse(answer.sdp()).bundles().getFirst().mids());
        assertEquals(0, answer.rejected().getFirst().index());
    }

    @Test
    void feedbackByStreamsIsAgreedWhereTransportWideFeedbackIsNot() throws IOException, SdpException, SdpRefusal {
        final String offer = AnswerFixtures.text("chromium156-recvonly")
            .replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-fb:* ack ccfb\r\n");
        final AnswerPlan plan = AnswerFixtures.subscribe(AnswerFixtures.audio(5, "voice", ""),
            AnswerFixtures.video(6, "camera", Codec.VP8, ""));
        final Answer both = SdpAnswerer.answer(SessionDescription.parse(offer), plan);
        assertFalse(both.sdp().contains("ccfb"), "transport-wide feedback is preferred");
        final Answer only = SdpAnswerer.answer(SessionDescription.parse(
            offer.replaceAll("a=rtcp-fb:\\d+ transport-cc\r\n", "")), plan);
        final SessionDescription parsed = SessionDescription.parse(only.sdp());
        for (int i = 0; i < parsed.sections().size(); i++) {
            assertTrue(only.sections().get(i).ccfb());
            assertTrue(parsed.sections().get(i).feedback(parsed.sections().get(i).payloadTypes().getFirst(),
                "ack ccfb"));
        }
        assertFalse(SdpAnswerer.answer(SessionDescription.parse(AnswerFixtures.text("chromium156-av-sendonly")
            .replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-fb:* ack ccfb\r\n")), AnswerFixtures.publish()).sdp()
            .contains("ccfb"), "the relay gives none itself");
    }

    @Test
    void dataChannelNextToMediaIsAcceptedInTheBundle() throws IOException, SdpException, SdpRefusal {
        for (final String name : List.of("chromium156-av-datachannel", "firefox153-av-datachannel")) {
            final Answer answer = publish(name);
            assertEquals(2, answer.sections().size());
            assertEquals(List.of(), answer.rejected());
            final SessionDescription parsed = SessionDescription.parse(answer.sdp());
            final MediaSection given = parsed.sections().get(2);
            assertEquals(parsed.sections().getFirst().port(), given.port());
            assertEquals(List.of("webrtc-datachannel"), given.formats());
            assertEquals(3, parsed.bundles().getFirst().mids().size());
        }
    }

    @Test
    void simulcastLayersAreTiedToTheirSsrcsWhereFirefoxNamesBoth() throws IOException, SdpException, SdpRefusal {
        final NegotiatedSection video = publish("firefox153-av1-simulcast").sections().getFirst();
        assertEquals(List.of(new OfferedSource("q", 1167195933, (int) 3644562217L),
            new OfferedSource("h", 865556381, 687281943),
            new OfferedSource("f", 1632772870, (int) 3256066207L)), video.sources());
        assertTrue(video.extmapAllowMixed());
        assertEquals(8, video.extensions().get(HeaderExtension.DEPENDENCY_DESCRIPTOR));
        assertFalse(video.extensions().containsKey(HeaderExtension.PLAYOUT_DELAY), "Firefox only receives it");
        assertEquals(List.of(new OfferedSource("q", 0, 0), new OfferedSource("h", 0, 0),
            new OfferedSource("f", 0, 0)), publish("chromium156-simulcast").sections().stream()
            .filter(section -> section.kind() == MediaKind.VIDEO).findFirst().orElseThrow().sources());
    }

    @Test
    void simulcastAlternativesAndRestrictionsAreAnswered() throws IOException, SdpException, SdpRefusal {
        final String text = AnswerFixtures.text("chromium156-simulcast")
            .replace("a=rid:q send", "a=rid:q send pt=118,96;max-width=320")
            .replace("a=rid:h send", "a=rid:h send pt=118")
            .replace("a=simulcast:send q;h;f", "a=simulcast:send ~q;h,f");
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(text), AnswerFixtures.publish());
        assertTrue(answer.sdp().contains(
            "a=rid:q recv pt=96;max-width=320\r\na=rid:f recv\r\na=simulcast:recv q;f\r\n"), answer.sdp());
    }

    @Test
    void ssrcsWithoutRidsBecomeSources() throws IOException, SdpException, SdpRefusal {
        assertEquals(List.of(new OfferedSource("", (int) 2220897846L, (int) 4077893352L)),
            publish("aiortc14-2cam-2mic").sections().get(1).sources());
        assertEquals(List.of(new OfferedSource("", (int) 3892437294L, 0)),
            publish("gstreamer122-2cam-2mic").sections().getFirst().sources());
    }

    @Test
    @Tag("REQ-A3")
    void deviceAudioIsAskedForInAudioMode() throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = AnswerFixtures.offer("chromium156-2cam-2mic");
        final List<NegotiatedSection> sections = SdpAnswerer.answer(offer, AnswerFixtures.publish().withLabels(Map.of(
            "audio", new AnswerPlan.TrackLabel("microphone", false),
            offer.sections().get(2).mid(), new AnswerPlan.TrackLabel("stethoscope", true)))).sections();
        final List<NegotiatedSection> audio =
            sections.stream().filter(section -> section.kind() == MediaKind.AUDIO).toList();
        assertEquals("microphone", audio.get(0).label());
        assertEquals("minptime=10;useinbandfec=1", audio.get(0).codecs().getFirst().fmtp());
        assertEquals("stethoscope", audio.get(1).label());
        assertEquals("minptime=10;stereo=1;sprop-stereo=1;maxaveragebitrate=128000;useinbandfec=0;usedtx=0",
            audio.get(1).codecs().getFirst().fmtp());
    }

    @Test
    void labelCanNameTheTrackOfTheOffer() throws IOException, SdpException, SdpRefusal {
        final Answer answer = SdpAnswerer.answer(AnswerFixtures.offer("pion31-2cam-2mic"), AnswerFixtures.publish()
            .withLabels(Map.of("v1", new AnswerPlan.TrackLabel("ultrasound", false))));
        assertEquals(List.of("", "", "", "ultrasound"),
            answer.sections().stream().map(NegotiatedSection::label).toList());
        assertEquals("lab", answer.sections().getFirst().streamId());
    }

    @Test
    @Tag("REQ-P4")
    void kindThatIsNotGrantedIsRejected() throws IOException, SdpException, SdpRefusal {
        final Answer answer = SdpAnswerer.answer(AnswerFixtures.offer("chromium156-av-sendonly"),
            AnswerFixtures.publish().withKinds(Set.of(MediaKind.AUDIO)));
        assertEquals(1, answer.sections().size());
        assertEquals("video is not granted", answer.rejected().getFirst().reason());
    }

    @Test
    void publicationsTakeSectionsOfTheirKindInOrderAndTheRestStaysOpen()
        throws IOException, SdpException, SdpRefusal {
        final String text = AnswerFixtures.text("chromium156-2cam-2mic").replace("a=sendonly", "a=recvonly");
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(text), AnswerFixtures.subscribe(
            AnswerFixtures.video(7, "camera", Codec.VP8, ""), AnswerFixtures.audio(8, "microphone", ""),
            AnswerFixtures.video(9, "camera", Codec.VP8, "")));
        assertEquals(List.of(8, 7, -1, 9), answer.sources());
        assertTrue(answer.sections().stream().allMatch(section -> section.flow() == Flow.SEND));
        assertTrue(answer.unassigned().isEmpty());
        assertTrue(answer.sdp().contains("a=msid:patient-1 camera\r\n"));
        assertTrue(answer.sdp().contains("a=msid:patient-1 9-camera\r\n"), "one track, one section");
        assertTrue(answer.sdp().contains("a=msid:- section-2\r\n"), answer.sdp());
        final NegotiatedSection open = answer.sections().get(answer.sources().indexOf(-1));
        assertEquals("", open.streamId());
        assertTrue(open.localSsrc() != 0);
    }

    @Test
    void publicationNoSectionCanCarryIsReported() throws IOException, SdpException, SdpRefusal {
        final Answer answer = SdpAnswerer.answer(AnswerFixtures.offer("firefox153-recvonly"), AnswerFixtures.subscribe(
            AnswerFixtures.video(3, "camera", Codec.H264, "packetization-mode=1;profile-level-id=42e01f"),
            AnswerFixtures.video(4, "ultrasound", Codec.VP9, "profile-id=0")));
        assertEquals(List.of(3), answer.unassigned());
        assertEquals(List.of(-1, 4), answer.sources());
        assertEquals(List.of(Codec.VP9), answer.sections().get(1).codecs().stream().map(c -> c.codec()).toList());
    }

    @Test
    void h264IsMatchedByPacketizationModeAndProfileNotLevel() throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = AnswerFixtures.offer("chromium156-recvonly");
        assertEquals(List.of(108), h264(offer, "1", "42e034"), "constrained baseline, another level");
        assertEquals(List.of(114), h264(offer, "0", "42c01f"), "constrained baseline written otherwise");
        assertEquals(List.of(102), h264(offer, "1", "42001f"), "baseline");
        assertEquals(List.of(), h264(offer, "1", "58001f"), "Extended is not offered");
        assertEquals(List.of(102), h264(AnswerFixtures.offer("gstreamer122-recvonly"), "1", "640c1f"),
            "no parameters: any");
    }

    private static List<Integer> h264(final SessionDescription offer, final String mode, final String profile)
        throws SdpRefusal {
        final Answer answer = SdpAnswerer.answer(offer,
            AnswerFixtures.subscribe(AnswerFixtures.video(1, "camera", Codec.H264, H264.formatted(mode, profile))));
        return answer.unassigned().isEmpty()
            ? answer.sections().get(1).codecs().stream().map(codec -> codec.payloadType()).toList() : List.of();
    }

    @Test
    void profilesOfH264AreRecognised() {
        assertEquals(H264Profile.CONSTRAINED_BASELINE, profile("42E01F"));
        assertEquals(H264Profile.CONSTRAINED_BASELINE, profile("4d8028"));
        assertEquals(H264Profile.CONSTRAINED_BASELINE, profile("58c01f"));
        assertEquals(H264Profile.BASELINE, profile("42001f"));
        assertEquals(H264Profile.BASELINE, H264Profile.of("").orElseThrow());
        assertEquals(H264Profile.MAIN, profile("4d001f"));
        assertEquals(H264Profile.EXTENDED, profile("58001f"));
        assertEquals(H264Profile.HIGH, profile("64001f"));
        assertEquals(H264Profile.CONSTRAINED_HIGH, profile("640c1f"));
        assertEquals(H264Profile.HIGH_444_PREDICTIVE, profile("f4001f"));
        assertTrue(H264Profile.of("profile-level-id=00001f").isEmpty());
        assertTrue(H264Profile.of("profile-level-id=42e0").isEmpty());
    }

    private static H264Profile profile(final String id) {
        return H264Profile.of("profile-level-id=" + id).orElseThrow();
    }

    @Test
    void extensionIdsAreTheSectionsOwnAndStayInTheOneByteRangeWhereTheRelaySends()
        throws IOException, SdpException, SdpRefusal {
        final List<NegotiatedSection> aiortc = publish("aiortc14-2cam-2mic").sections();
        assertEquals(2, aiortc.get(0).extensions().get(HeaderExtension.AUDIO_LEVEL));
        assertEquals(2, aiortc.get(1).extensions().get(HeaderExtension.ABS_SEND_TIME));
        final NegotiatedSection viewer = SdpAnswerer.answer(AnswerFixtures.offer("chromium156-recvonly-all-hdrext"),
            AnswerFixtures.subscribe()).sections().get(1);
        assertFalse(viewer.extensions().containsKey(HeaderExtension.DEPENDENCY_DESCRIPTOR), "id 17");
        final String publisher = AnswerFixtures.text("chromium156-recvonly-all-hdrext")
            .replace("a=recvonly", "a=sendonly");
        assertEquals(17, SdpAnswerer.answer(SessionDescription.parse(publisher), AnswerFixtures.publish()).sections()
            .get(1).extensions().get(HeaderExtension.DEPENDENCY_DESCRIPTOR));
        final SessionDescription firefox = SessionDescription.parse(publisher.replace("o=-", "o=mozilla...X"));
        SdpAnswerer.answer(firefox, AnswerFixtures.publish()).sections()
            .forEach(section -> section.extensions().values().forEach(id -> assertTrue(id <= 14)));
    }

    @Test
    void anIdThatMeansTwoThingsInABundleIsSentWithOneOfThem() throws IOException, SdpException, SdpRefusal {
        // aiortc: 2 is the audio level in audio and the send time in video; it reads every packet by the last of them.
        final SessionDescription offer = SessionDescription.parse(AnswerFixtures.text("aiortc14-2cam-2mic")
            .replace("a=sendonly", "a=recvonly").replace("a=sendrecv", "a=recvonly"));
        for (final NegotiatedSection section : SdpAnswerer.answer(offer, AnswerFixtures.subscribe()).sections()) {
            assertEquals(1, section.extensions().get(HeaderExtension.MID));
            assertFalse(section.extensions().containsKey(HeaderExtension.AUDIO_LEVEL), section.mid());
            assertEquals(section.kind() == MediaKind.VIDEO,
                section.extensions().containsKey(HeaderExtension.ABS_SEND_TIME), section.mid());
        }
    }

    @Test
    void passiveOfferMakesTheRelayTheDtlsClient() throws IOException, SdpException, SdpRefusal {
        final String text = AnswerFixtures.text("chromium156-av-sendonly");
        final Answer active = SdpAnswerer.answer(
            SessionDescription.parse(text.replace("setup:actpass", "setup:passive")), AnswerFixtures.publish());
        assertTrue(active.dtlsClient());
        assertTrue(active.sdp().contains("a=setup:active\r\n"));
        final Answer passive = SdpAnswerer.answer(
            SessionDescription.parse(text.replace("setup:actpass", "setup:active")), AnswerFixtures.publish());
        assertFalse(passive.dtlsClient());
        assertTrue(passive.sdp().contains("a=setup:passive\r\n"));
    }

    @Test
    void iceRestartIsAnsweredWithTheNewCredentials() throws IOException, SdpException, SdpRefusal {
        for (final String name : List.of("chromium156-ice-restart", "pion31-ice-restart", "wrtc010-ice-restart",
            "werift025-ice-restart")) {
            final SessionDescription offer = AnswerFixtures.offer(name);
            final Answer answer = SdpAnswerer.answer(offer, AnswerFixtures.publish().withVersion(2));
            assertEquals(offer.iceUfragOf(offer.sections().getFirst()), answer.remoteUfrag());
            assertTrue(answer.sdp().contains("o=- 4711 2 IN IP4 127.0.0.1\r\n"));
        }
    }

    @Test
    void heldSessionStaysConnectedWithNothingFlowing() throws IOException, SdpException, SdpRefusal {
        final String text = AnswerFixtures.text("chromium156-av-sendonly").replace("a=sendonly", "a=inactive");
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(text), AnswerFixtures.publish());
        assertTrue(answer.sections().stream().allMatch(section -> section.flow() == Flow.INACTIVE));
        SessionDescription.parse(answer.sdp()).sections()
            .forEach(section -> assertEquals(Direction.INACTIVE, section.direction().orElseThrow()));
    }

    @Test
    void offerWithoutBundleIsFineWithOneSectionOnly() throws IOException, SdpException, SdpRefusal {
        final String one = AnswerFixtures.text("firefox153-video-only").replaceAll("a=group:BUNDLE.*\r\n", "");
        final Answer answer = SdpAnswerer.answer(SessionDescription.parse(one), AnswerFixtures.publish());
        assertEquals(1, answer.sections().size());
        assertFalse(answer.sdp().contains("BUNDLE"));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
            refusal("no section", "the offer has no media section", text -> text.substring(0, text.indexOf("m="))),
            refusal("no bundle", "the offer has several media sections without a=group:BUNDLE, but one transport",
                text -> text.replaceAll("a=group:BUNDLE.*\r\n", "")),
            refusal("no mux", "no media section can be accepted: audio section 1 without a=rtcp-mux; "
                + "video section 2 without a=rtcp-mux", text -> text.replace("a=rtcp-mux\r\n", "")),
            refusal("all stopped", "no media section can be accepted: audio section 1 stopped by the offer (port 0 "
                + "without bundle-only); video section 2 stopped by the offer (port 0 without bundle-only)",
                text -> text.replaceAll("m=(audio|video) \\d+", "m=$1 0")),
            refusal("no codec", "no media section can be accepted: audio section 1 without Opus; "
                + "video section 2 without VP8, VP9, H.264 or AV1",
                text -> text.replaceAll("(rtpmap:\\d+) (opus|VP8|VP9|H264|AV1)/", "$1 x/")),
            refusal("wrong way", "nothing to publish: every section only receives (use WHEP to receive)",
                text -> text.replace("a=sendonly", "a=recvonly")),
            refusal("no ICE", "the offer has no a=ice-ufrag and a=ice-pwd",
                text -> text.replaceAll("a=ice-ufrag.*\r\n", "")),
            refusal("no fingerprint", "the offer has no a=fingerprint",
                text -> text.replaceAll("a=fingerprint.*\r\n", "")),
            refusal("weak fingerprint", "the offer has no a=fingerprint of sha-256, sha-384 or sha-512",
                text -> text.replaceAll("a=fingerprint.*\r\n", "a=fingerprint:sha-1 AB:CD\r\n")),
            refusal("holdconn", "the offer says setup:holdconn: no connection is wanted",
                text -> text.replace("setup:actpass", "setup:holdconn")),
            refusal("plain RTP", "no media section can be accepted: audio section 1 transport protocol is not "
                + "UDP/TLS/RTP/SAVPF; video section 2 transport protocol is not UDP/TLS/RTP/SAVPF",
                text -> text.replace("UDP/TLS/RTP/SAVPF", "udp/RTP/X")));
    }

    private static Arguments refusal(final String name, final String message, final UnaryOperator<String> edit) {
        return Arguments.of(name, message, edit);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void offerThatCannotBecomeAConnectionIsRefusedWithASentence(final String name, final String message,
        final UnaryOperator<String> edit) throws IOException, SdpException {
        final String text = AnswerFixtures.text("chromium156-av-sendonly");
        final String edited = edit.apply(text);
        assertFalse(text.equals(edited), name + " edits the offer");
        final SessionDescription offer = SessionDescription.parse(edited);
        final SdpRefusal refusal =
            assertThrows(SdpRefusal.class, () -> SdpAnswerer.answer(offer, AnswerFixtures.publish()));
        assertEquals(message, refusal.getMessage());
    }

    @Test
    void offerOfOnlyADataChannelIsAccepted() throws IOException, SdpException, SdpRefusal {
        final Answer answer =
            SdpAnswerer.answer(AnswerFixtures.offer("chromium156-datachannel"), AnswerFixtures.subscribe());
        assertEquals(List.of(), answer.sections());
        assertEquals(new DataTerms(5000, 262_144), answer.data());
        assertTrue(answer.sdp().contains("m=application "), answer.sdp());
        assertTrue(answer.sdp().contains("a=sctp-port:5000\r\na=max-message-size:131072\r\n"), answer.sdp());
    }

    @Test
    void messagesWithoutABoundAndOfMoreThanTwoGibibytesAreTheSame() throws IOException, SdpException, SdpRefusal {
        for (final String size : List.of("0", "4294967295")) {
            final String text = AnswerFixtures.text("chromium156-datachannel")
                .replace("max-message-size:262144", "max-message-size:" + size);
            assertEquals(new DataTerms(5000, 0),
                SdpAnswerer.answer(SessionDescription.parse(text), AnswerFixtures.subscribe()).data());
        }
    }

    @Test
    void dataChannelsThatCannotBeAreRefusedWithTheReason() throws IOException {
        final String text = AnswerFixtures.text("chromium156-datachannel");
        final Map<String, String> faults = Map.of(
            text.replace("UDP/DTLS/SCTP", "UDP/SCTP"), "transport protocol is not UDP/DTLS/SCTP",
            text.replace("SCTP webrtc-datachannel", "SCTP bfcp"), "not of the format webrtc-datachannel",
            text.replace("sctp-port:5000", "sctp-port:0"), "without a=sctp-port");
        faults.forEach((edited, reason) -> assertEquals(
            "no media section can be accepted: application section 1 " + reason,
            assertThrows(SdpRefusal.class, () -> SdpAnswerer.answer(SessionDescription.parse(edited),
                AnswerFixtures.subscribe())).getMessage()));
    }

    @Test
    void whoEncryptsGetsOnlyCodecsWhoseFramesCanBeSealed() throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = AnswerFixtures.offer("chromium156-av-datachannel");
        final List<Codec> all = SdpAnswerer.answer(offer, AnswerFixtures.publish()).sections().stream()
            .flatMap(section -> section.codecs().stream()).map(NegotiatedCodec::codec).distinct().toList();
        assertTrue(all.contains(Codec.H264) && all.contains(Codec.AV1), all.toString());
        final List<Codec> sealed = SdpAnswerer.answer(offer, AnswerFixtures.publish().withEncrypted()).sections()
            .stream().flatMap(section -> section.codecs().stream()).map(NegotiatedCodec::codec).distinct().toList();
        assertEquals(Set.of(Codec.OPUS, Codec.VP8, Codec.VP9), Set.copyOf(sealed));
    }

    @Test
    void dataChannelsTheTokenDoesNotGrantAreRejectedNextToMedia() throws IOException, SdpException, SdpRefusal {
        final AnswerPlan all = AnswerFixtures.publish();
        final AnswerPlan none = new AnswerPlan(all.mode(), all.localUfrag(), all.localPassword(), all.addresses(),
            all.ssrcs(), all.sessionId(), 1, all.cname(), all.kinds(), List.of(), Map.of(), false, false);
        final Answer answer = SdpAnswerer.answer(AnswerFixtures.offer("chromium156-av-datachannel"), none);
        assertEquals(2, answer.sections().size());
        assertNull(answer.data());
        assertEquals("the token grants nothing that data channels carry", answer.rejected().getFirst().reason());
        assertEquals(0, SessionDescription.parse(answer.sdp()).sections().get(2).port());
    }

    @Test
    void anyReadableMutationIsAnsweredOrRefusedNeverAnotherException() throws IOException {
        final long seed = 11_22_2026L;
        final Random random = new Random(seed);
        final List<Path> files = AnswerFixtures.offers();
        int answered = 0;
        for (int round = 0; round < 1200; round++) {
            final List<String> lines =
                new ArrayList<>(Files.readAllLines(files.get(random.nextInt(files.size())),
                    StandardCharsets.UTF_8));
            for (int edits = 1 + random.nextInt(6); edits > 0; edits--) {
                final int at = random.nextInt(lines.size());
                switch (random.nextInt(4)) {
                    case 0 -> lines.remove(at);
                    case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
                    case 2 -> lines.set(at, lines.get(at).replace('1', '0'));
                    default -> lines.set(at,
                        lines.get(at).replaceAll("\\d+$", Integer.toString(random.nextInt(128))));
                }
            }
            final String text = String.join("\r\n", lines);
            final AnswerPlan plan = random.nextBoolean() ? AnswerFixtures.publish() : AnswerFixtures.subscribe(
                AnswerFixtures.audio(1, "a", ""), AnswerFixtures.video(2, "v", Codec.H264, ""));
            try {
                final Answer answer = SdpAnswerer.answer(SessionDescription.parse(text), plan);
                SessionDescription.parse(answer.sdp());
                answered++;
            } catch (final SdpException | SdpRefusal refusal) {
                assertNotNull(Objects.requireNonNull(refusal).getMessage());
            } catch (final RuntimeException bug) {
                throw new AssertionError("seed " + seed + " round " + round + ":\n" + text, bug);
            }
        }
        assertTrue(answered > 100, "answered " + answered);
    }

    private static Answer publish(final String name) throws IOException, SdpException, SdpRefusal {
        return SdpAnswerer.answer(AnswerFixtures.offer(name), AnswerFixtures.publish());
    }
}
