package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chevet.codec.sdp.Direction;
import org.chevet.codec.sdp.ExtMap;
import org.chevet.codec.sdp.Fmtp;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.RtcpFeedback;
import org.chevet.codec.sdp.RtpMap;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.codec.sdp.Ssrc;
import org.chevet.codec.sdp.SsrcGroup;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers the offers of all real clients, in each mode that fits, and checks what RFC 8829 and 9143 ask. */
@Tag("REQ-O21")
class SdpAnswererFixtureTest {
    private static final Pattern OPUS_LINE =
        Pattern.compile("a=rtpmap:(\\d+) opus/48000[^\r]*\r\n", Pattern.CASE_INSENSITIVE);
    private static final Set<String> CARRIED = Set.of("opus", "vp8", "vp9", "h264", "av1", "rtx", "red");

    static Stream<Arguments> offers() throws IOException, SdpException {
        final List<Arguments> cases = new ArrayList<>();
        for (final Path file : AnswerFixtures.offers()) {
            final SessionDescription offer = SessionDescription.parse(Files.readString(file));
            final String name = file.getFileName().toString().replace(".sdp", "");
            for (final AnswerPlan.Mode mode : AnswerPlan.Mode.values()) {
                final boolean fits = offer.sections().stream().filter(SdpAnswererFixtureTest::isMedia)
                    .map(offer::directionOf).anyMatch(direction ->
                        mode == AnswerPlan.Mode.PUBLISH ? direction.sends() : direction.receives());
                if (fits || offer.sections().stream().allMatch(SdpAnswererFixtureTest::isData)) {
                    cases.add(Arguments.of(name, mode));
                }
            }
        }
        return cases.stream();
    }

    @Test
    void everyFixtureIsAnsweredInAMode() throws IOException, SdpException {
        final Set<Object> answered = new HashSet<>(offers().map(arguments -> arguments.get()[0]).toList());
        final List<String> rest = AnswerFixtures.offers().stream()
            .map(path -> path.getFileName().toString().replace(".sdp", ""))
            .filter(name -> !answered.contains(name)).toList();
        assertEquals(List.of(), rest);
    }

    private static void checkData(final MediaSection asked, final MediaSection given, final Answer answer) {
        assertEquals(DataTerms.LOCAL_PORT, given.sctpPort());
        assertEquals(DataTerms.MAX_MESSAGE, given.maxMessageSize());
        assertEquals(asked.has("sctpmap"), given.has("sctpmap"));
        assertFalse(given.rtcpMux());
        assertEquals(new DataTerms(asked.sctpPort(), asked.maxMessageSize()), answer.data());
    }

    private static boolean isData(final MediaSection section) {
        return section.media().equals("application");
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("offers")
    void answerFitsTheOffer(final String name, final AnswerPlan.Mode mode)
        throws IOException, SdpException, SdpRefusal {
        final SessionDescription offer = AnswerFixtures.offer(name);
        final boolean publishes = mode == AnswerPlan.Mode.PUBLISH;
        final Answer answer = SdpAnswerer.answer(offer, publishes ? AnswerFixtures.publish()
            : AnswerFixtures.subscribe(AnswerFixtures.audio(1, "microphone", "minptime=10"),
                AnswerFixtures.video(2, "camera", Codec.VP8, "")));
        final SessionDescription parsed = SessionDescription.parse(answer.sdp());
        assertEquals(parsed.write(), answer.sdp());
        assertTrue(parsed.has("ice-lite"));
        assertEquals(offer.has("extmap-allow-mixed"), parsed.has("extmap-allow-mixed"));
        assertEquals(offer.sections().size(), parsed.sections().size());
        final List<String> accepted = new ArrayList<>();
        final List<String> media = new ArrayList<>();
        for (int i = 0; i < offer.sections().size(); i++) {
            final MediaSection asked = offer.sections().get(i);
            final MediaSection given = parsed.sections().get(i);
            assertEquals(asked.media(), given.media());
            assertEquals(asked.protocol(), given.protocol());
            assertEquals(asked.mid(), given.mid());
            assertTrue(asked.formats().containsAll(given.formats()), "formats of section " + i);
            final boolean stopped = asked.port() == 0 && !asked.bundleOnly();
            assertEquals((isMedia(asked) || isData(asked)) && !stopped, given.port() != 0, "port of section " + i);
            if (given.port() != 0) {
                accepted.add(given.mid());
                if (isData(asked)) {
                    checkData(asked, given, answer);
                } else {
                    media.add(given.mid());
                    checkAccepted(offer, asked, given, publishes);
                }
            }
        }
        assertEquals(accepted, parsed.bundles().getFirst().mids());
        assertEquals(media, answer.sections().stream().map(NegotiatedSection::mid).toList());
        assertEquals(offer.sections().size() - accepted.size(), answer.rejected().size());
        assertEquals(answer.sections().size(), answer.sources().size());
        final MediaSection tagged = offer.section(accepted.getFirst()).orElseThrow();
        assertEquals(offer.iceUfragOf(tagged), answer.remoteUfrag());
        assertEquals(offer.icePasswordOf(tagged), answer.remotePassword());
        assertEquals(offer.fingerprintsOf(tagged).getFirst().hash(), answer.fingerprint());
        assertFalse(answer.dtlsClient());
        checkSsrcs(offer, parsed, answer);
        answer.sections().forEach(section -> checkRecord(parsed, section));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("offers")
    void opusKeepsTheNackThatIsOfferedForIt(final String name, final AnswerPlan.Mode mode)
        throws IOException, SdpException, SdpRefusal {
        final String plain = AnswerFixtures.offer(name).write();
        final SessionDescription offer = SessionDescription.parse(
            OPUS_LINE.matcher(plain).replaceAll(line -> line.group() + "a=rtcp-fb:" + line.group(1) + " nack\r\n"));
        final Answer answer = SdpAnswerer.answer(offer, mode == AnswerPlan.Mode.PUBLISH ? AnswerFixtures.publish()
            : AnswerFixtures.subscribe(AnswerFixtures.audio(1, "microphone", "minptime=10")));
        final SessionDescription parsed = SessionDescription.parse(answer.sdp());
        for (final NegotiatedSection section : answer.sections()) {
            for (final NegotiatedCodec codec : section.codecs()) {
                if (codec.codec() == Codec.OPUS) {
                    assertTrue(codec.nack(), section.mid());
                    assertTrue(parsed.section(section.mid()).orElseThrow().feedback(codec.payloadType(), "nack"));
                    assertFalse(codec.pli());
                    assertEquals(-1, codec.rtxPayloadType());
                }
            }
        }
    }

    private static void checkAccepted(final SessionDescription offer, final MediaSection asked,
        final MediaSection given, final boolean publishes) {
        final Direction wanted = offer.directionOf(asked);
        final Direction right = publishes ? wanted.sends() ? Direction.RECVONLY : Direction.INACTIVE
            : wanted.receives() ? Direction.SENDONLY : Direction.INACTIVE;
        assertEquals(right, given.direction().orElseThrow());
        assertFalse(given.bundleOnly());
        assertTrue(given.rtcpMux());
        assertEquals(asked.has("rtcp-rsize"), given.has("rtcp-rsize"));
        assertEquals(AnswerFixtures.UFRAG, given.iceUfrag());
        assertEquals(AnswerFixtures.PASSWORD, given.icePassword());
        assertEquals(AnswerFixtures.FINGERPRINT, given.text("fingerprint"));
        assertEquals("passive", given.text("setup"));
        assertTrue(given.has("end-of-candidates"));
        assertEquals("1 1 udp 2130706431 127.0.0.1 10000 typ host", given.text("candidate"));
        assertEquals(10_000, given.port());
        assertEquals(asked.has("extmap-allow-mixed"), given.has("extmap-allow-mixed"));
        for (final ExtMap line : given.all(ExtMap.class)) {
            assertTrue(asked.all(ExtMap.class).stream()
                .anyMatch(offered -> offered.id() == line.id() && offered.uri().equals(line.uri())
                    && (offered.direction() == null ? line.direction() == null
                    : offered.direction().reversed() == line.direction())), line.value());
            assertTrue(line.id() <= 14 || (publishes && offer.extmapAllowMixed(asked)), line.value());
        }
        final List<ExtMap> lines = given.all(ExtMap.class);
        assertEquals(lines.size(), lines.stream().map(ExtMap::id).distinct().count());
        checkPayloadTypes(asked, given);
        if (publishes && wanted.sends() && asked.has("simulcast")) {
            assertEquals(asked.text("simulcast").replace("send", "recv"), given.text("simulcast"));
            assertEquals(asked.all(org.chevet.codec.sdp.Rid.class).stream().map(rid -> rid.id() + " recv").toList(),
                given.all(org.chevet.codec.sdp.Rid.class).stream().map(rid -> rid.value()).toList());
        } else {
            assertFalse(given.has("simulcast"));
            assertFalse(given.has("rid"));
        }
    }

    private static void checkPayloadTypes(final MediaSection asked, final MediaSection given) {
        assertEquals(given.payloadTypes(), given.all(RtpMap.class).stream().map(RtpMap::payloadType).toList());
        for (final RtpMap map : given.all(RtpMap.class)) {
            assertEquals(asked.rtpMap(map.payloadType()).orElseThrow(), map);
            assertTrue(CARRIED.contains(map.encoding().toLowerCase(java.util.Locale.ROOT)), map.value());
            if (map.encoding().equals("red")) {
                assertEquals("audio", given.media(), "video RED stays out: all video would come as RED");
                final String block = given.fmtp(map.payloadType()).replaceAll("/.*", "");
                assertTrue(given.formats().contains(block), "RED of a codec that is not there: " + block);
            }
            if (map.encoding().equals("rtx")) {
                final String apt = Fmtp.parameter(given.fmtp(map.payloadType()), "apt");
                assertTrue(given.formats().contains(apt), "rtx of a codec that is not there: " + apt);
                assertEquals(Fmtp.parameter(asked.fmtp(map.payloadType()), "apt"), apt);
            }
        }
        for (final RtcpFeedback line : given.all(RtcpFeedback.class)) {
            assertTrue(asked.feedback(line.payloadType(), line.feedback()), line.value());
        }
        assertTrue(given.all(RtpMap.class).stream().anyMatch(map -> !map.encoding().equals("rtx")));
    }

    private static void checkSsrcs(final SessionDescription offer, final SessionDescription parsed,
        final Answer answer) {
        final List<Integer> ssrcs = new ArrayList<>();
        for (final NegotiatedSection section : answer.sections()) {
            final MediaSection given = parsed.section(section.mid()).orElseThrow();
            assertEquals(section.flow() == Flow.SEND, section.localSsrc() != 0);
            assertEquals(section.flow() == Flow.SEND, given.has("msid"));
            final int[] own = section.flow() != Flow.SEND ? new int[0] : section.localRtxSsrc() == 0
                ? new int[] {section.localSsrc()} : new int[] {section.localSsrc(), section.localRtxSsrc()};
            assertEquals(Arrays.stream(own).boxed().toList(),
                given.all(Ssrc.class).stream().map(Ssrc::ssrc).distinct().toList());
            assertEquals(section.localRtxSsrc() != 0, given.first(SsrcGroup.class).isPresent());
            Arrays.stream(own).forEach(ssrcs::add);
        }
        assertEquals(ssrcs.size(), new HashSet<>(ssrcs).size());
        offer.sections().forEach(section -> section.all(Ssrc.class)
            .forEach(line -> assertFalse(ssrcs.contains(line.ssrc()))));
    }

    private static void checkRecord(final SessionDescription parsed, final NegotiatedSection section) {
        final MediaSection given = parsed.section(section.mid()).orElseThrow();
        final List<Integer> types = new ArrayList<>();
        for (final NegotiatedCodec codec : section.codecs()) {
            types.add(codec.payloadType());
            if (codec.rtxPayloadType() >= 0) {
                types.add(codec.rtxPayloadType());
            }
            assertEquals(given.feedback(codec.payloadType(), "nack"), codec.nack());
            assertEquals(given.feedback(codec.payloadType(), "nack pli"), codec.pli());
            assertEquals(given.feedback(codec.payloadType(), "transport-cc"), codec.transportCc());
            assertEquals(given.fmtp(codec.payloadType()), codec.fmtp());
        }
        assertEquals(given.payloadTypes(), types);
        assertEquals(given.all(ExtMap.class).size(), section.extensions().size());
        given.all(ExtMap.class).forEach(line -> assertTrue(section.extensions().entrySet().stream()
            .anyMatch(entry -> entry.getKey().uri().equals(line.uri()) && entry.getValue() == line.id())));
        assertEquals(parsed.extmapAllowMixed(given), section.extmapAllowMixed());
    }

    private static boolean isMedia(final MediaSection section) {
        return section.media().equals("audio") || section.media().equals("video");
    }
}
