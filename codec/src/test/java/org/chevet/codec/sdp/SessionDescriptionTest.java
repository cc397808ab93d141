package org.chevet.codec.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SessionDescriptionTest {
    private static final Path FIXTURES = Path.of("src/test/resources/sdp");
    private static final String HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    private static final String MEDIA = HEAD + "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n";
    private static final int HEAD_LINES = 4;

    static List<Path> fixtures() throws IOException {
        try (Stream<Path> files = Files.list(FIXTURES)) {
            return files.filter(path -> path.toString().endsWith(".sdp")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void everyRealDescriptionSurvivesWritingAndReading(final Path file) throws IOException, SdpException {
        final String text = Files.readString(file);
        final SessionDescription session = SessionDescription.parse(text);
        final SessionDescription again = SessionDescription.parse(session.write());
        assertEquals(session, again);
        assertEquals(session, SessionDescription.parse(text.replace("\r\n", "\n")), "line ends change nothing");
        assertEquals(text.lines().filter(line -> line.startsWith("m=")).count(), session.sections().size());
        assertEquals(text.lines().filter(line -> line.startsWith("a=")).count(),
            session.attributes().size() + session.sections().stream().mapToInt(s -> s.attributes().size()).sum());
        for (final MediaSection section : session.sections()) {
            assertFalse(section.mid().isEmpty());
            assertTrue(section.port() == 0 || !session.iceUfragOf(section).isEmpty());
            assertTrue(section.port() == 0 || !session.fingerprintsOf(section).isEmpty());
        }
    }

    @Test
    void theFixturesAreThere() throws IOException {
        assertTrue(fixtures().size() >= 79, "found " + fixtures().size());
    }

    @Test
    void readsWhatFirefoxSays() throws IOException, SdpException {
        final SessionDescription session = read("firefox153-av1-simulcast.sdp");
        final MediaSection video = session.sections().getFirst();
        assertEquals("mozilla...THIS_IS_SDPARTA-99.0", session.origin().username());
        assertEquals(Direction.SENDRECV, session.first(Direction.class).orElseThrow());
        assertEquals(Direction.SENDONLY, session.directionOf(video));
        assertEquals(List.of("0"), session.bundles().getFirst().mids());
        assertEquals(List.of(99, 100, 123, 122, 119), video.payloadTypes());
        assertEquals(new RtpMap(99, "AV1", 90_000, 0), video.rtpMap(99).orElseThrow());
        assertEquals("apt=99", video.fmtp(100));
        assertTrue(video.feedback(99, "nack pli"));
        assertFalse(video.feedback(100, "nack pli"));
        assertEquals("51ad6dec", session.iceUfragOf(video));
        assertEquals("sha-256", session.fingerprintsOf(video).getFirst().algorithm());
        assertEquals(Setup.ACTPASS, session.setupOf(video));
        assertTrue(session.extmapAllowMixed(video));
        assertFalse(session.has("extmap-allow-mixed"), "it stands in the section");
        assertEquals("q;h;f", video.first(Simulcast.class).orElseThrow().value().substring("send ".length()));
        assertEquals(List.of("q", "h", "f"), video.all(Rid.class).stream().map(Rid::id).toList());
        assertEquals(Direction.RECVONLY, video.all(ExtMap.class).get(3).direction());
        assertEquals(6, video.all(Ssrc.class).size());
        assertEquals(List.of((int) 3644562217L), video.all(SsrcGroup.class).getFirst().ssrcs().subList(1, 2));
        assertEquals(16, video.all(Candidate.class).size());
        assertEquals("tcptype active", video.all(Candidate.class).get(4).extensions());
        assertEquals("{ab08c7c5-ea1c-4b17-a2ca-57ad5c2e36ce}", video.first(Msid.class).orElseThrow().track());
    }

    @Test
    void readsBothFormsOfDataChannelSections() throws IOException, SdpException {
        assertEquals(5000, read("aiortc14-datachannel.sdp").sections().getFirst().sctpPort());
        final MediaSection chromium = read("chromium156-datachannel.sdp").sections().getFirst();
        assertEquals(5000, chromium.sctpPort());
        assertEquals(262_144, chromium.maxMessageSize());
        assertEquals(65_536, parseOne("").maxMessageSize());
        assertEquals(-1, parseOne("").sctpPort());
    }

    @Test
    void simulcastHasAlternativesPausesAndTwoDirections() throws SdpException {
        final Simulcast simulcast = parseOne("a=simulcast:send 1,~4;2 recv a;~b").first(Simulcast.class).orElseThrow();
        assertEquals(List.of(List.of(new Simulcast.Alternative("1", false), new Simulcast.Alternative("4", true)),
            List.of(new Simulcast.Alternative("2", false))), simulcast.send());
        assertEquals("send 1,~4;2 recv a;~b", simulcast.value());
    }

    @Test
    void wildcardFeedbackCoversEveryPayloadType() throws SdpException {
        assertTrue(parseOne("a=rtcp-fb:* nack  pli").feedback(97, "nack pli"));
    }

    @Test
    void formatParametersAreFoundWhateverTheirCaseAndSpaces() {
        assertEquals("1", Fmtp.parameter("minptime=10; Stereo=1 ;x", "stereo"));
        assertEquals("", Fmtp.parameter("111/111", "stereo"));
        assertEquals(List.of(96, 98), new Rid("q", true, "pt=96,98;max-width=640").payloadTypes());
    }

    static Stream<Arguments> malformed() {
        final int next = HEAD_LINES + 2;
        return Stream.of(
            Arguments.of("", 0, "empty"),
            Arguments.of("hello", 1, "does not start with v=0"),
            Arguments.of("v=1\r\n", 1, "does not start with v=0"),
            Arguments.of("v=0\r\ns=-\r\n", 0, "no o= line"),
            Arguments.of("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", 2, "m= before o="),
            Arguments.of("v=0\r\no=- x 2 IN IP4 0.0.0.0\r\n", 2,
                "o= needs user, numeric session id, numeric version and address"),
            Arguments.of(HEAD + "o=- 1 2 IN IP4 0.0.0.0\r\n", 5, "a second o= line"),
            Arguments.of(HEAD + "v=0\r\n", 5, "a second v= line"),
            Arguments.of(HEAD + "nonsense\r\n", 5, "not of the form x=value"),
            Arguments.of(HEAD + "q=1\r\n", 5, "unknown line type"),
            Arguments.of(HEAD + "s=\u0001\r\n", 5, "a control character"),
            Arguments.of(HEAD + "c=IN IP5 ::1\r\n", 5, "c= needs IN, IP4 or IP6, and an address"),
            Arguments.of(HEAD + "m=video 9 UDP/TLS/RTP/SAVPF\r\n", 5,
                "m= needs media, port, protocol and formats"),
            Arguments.of(HEAD + "m=video 70000 UDP/TLS/RTP/SAVPF 96\r\n", 5, "m= port is not in 0..65535"),
            Arguments.of(HEAD + "m=video -1 UDP/TLS/RTP/SAVPF 96\r\n", 5, "m= port is not in 0..65535"),
            Arguments.of(HEAD + "m=video 9 UDP/TLS/RTP/SAVPF 128\r\n", 5, "payload type is not in 0..127"),
            Arguments.of(HEAD + "m=v/o 9 UDP/TLS/RTP/SAVPF 96\r\n", 5, "m= media is not a token"),
            Arguments.of(MEDIA + "a=\r\n", next, "attribute name is not a token"),
            Arguments.of(MEDIA + "a=rtpmap:96\r\n", next,
                "a=rtpmap needs a payload type and name/clock[/channels]"),
            Arguments.of(MEDIA + "a=rtpmap:96 VP8/0\r\n", next,
                "a=rtpmap has a clock rate or channel count out of range"),
            Arguments.of(MEDIA + "a=rtpmap:300 VP8/90000\r\n", next,
                "a=rtpmap payload type is not in 0..127"),
            Arguments.of(MEDIA + "a=fmtp:96\r\n", next, "a=fmtp needs a payload type and parameters"),
            Arguments.of(MEDIA + "a=rtcp-fb:x nack\r\n", next, "a=rtcp-fb payload type is not in 0..127"),
            Arguments.of(MEDIA + "a=extmap:0 urn:x\r\n", next,
                "a=extmap id is not in 1..255 or 4096..4351"),
            Arguments.of(MEDIA + "a=extmap:1/sideways urn:x\r\n", next, "a=extmap has an unknown direction"),
            Arguments.of(MEDIA + "a=extmap:1\r\n", next, "a=extmap needs an id and a URI"),
            Arguments.of(MEDIA + "a=rid:q\r\n", next, "a=rid needs an id and send or recv"),
            Arguments.of(MEDIA + "a=rid:q<script> send\r\n", next,
                "a=rid has a rid that is not 1 to 64 letters and digits"),
            Arguments.of(MEDIA + "a=simulcast:q;h\r\n", next,
                "a=simulcast needs send or recv, each with its streams"),
            Arguments.of(MEDIA + "a=simulcast:send q;;h\r\n", next,
                "a=simulcast has a rid that is not 1 to 64 letters and digits"),
            Arguments.of(MEDIA + "a=ssrc:4294967296 cname:x\r\n", next,
                "a=ssrc SSRC is not a 32-bit number"),
            Arguments.of(MEDIA + "a=ssrc:1\r\n", next, "a=ssrc needs an SSRC and an attribute"),
            Arguments.of(MEDIA + "a=ssrc-group:FID 1 y\r\n", next, "a=ssrc-group SSRC is not a 32-bit number"),
            Arguments.of(MEDIA + "a=msid:\r\n", next, "a=msid needs a stream id"),
            Arguments.of(MEDIA + "a=fingerprint:sha-256 AB:C\r\n", next,
                "a=fingerprint needs a hash name and hexadecimal pairs joined by colons"),
            Arguments.of(MEDIA + "a=candidate:1 1 udp 1 127.0.0.1 5000 host\r\n", next, "a=candidate needs foundation, "
                + "component, transport, priority, address, port, typ and its type"),
            Arguments.of(MEDIA + "a=candidate:1 1 udp 1 127.0.0.1 70000 typ host\r\n", next,
                "a=candidate has a component, priority or port out of range"),
            Arguments.of(MEDIA + "a=setup:maybe\r\n", next,
                "a=setup is not actpass, active, passive or holdconn"),
            Arguments.of(MEDIA + "a=ice-ufrag:abc\r\n", next, "a=ice-ufrag needs 4 to 256 ice characters"),
            Arguments.of(MEDIA + "a=ice-pwd:short\r\n", next, "a=ice-pwd needs 22 to 256 ice characters"),
            Arguments.of(MEDIA + "a=mid:a b\r\n", next, "a=mid needs a token of at most 64 characters"),
            Arguments.of(MEDIA + "a=group:\r\n", next, "a=group needs semantics and identification tags"),
            Arguments.of(MEDIA + "a=sctp-port:99999\r\n", next, "a=sctp-port is not in 0..65535"),
            Arguments.of(MEDIA + "a=mid:0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n", 0,
                "two media sections have the same mid"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformedTextIsRefusedWithItsLineAndReason(final String text, final int line, final String reason) {
        final SdpException fault = assertThrows(SdpException.class, () -> SessionDescription.parse(text));
        assertEquals(line, fault.line());
        assertEquals(line > 0 ? "SDP line " + line + ": " + reason : "SDP: " + reason, fault.getMessage());
    }

    @Test
    void boundsAreRefusedByName() {
        refused("more than 65536 characters", HEAD + "a=x\r\n".repeat(14_000));
        refused("more than 4096 lines", HEAD + "t=0\n".repeat(SdpLimits.MAX_LINES));
        refused("longer than 4096 characters", HEAD + "s=" + "x".repeat(SdpLimits.MAX_LINE));
        refused("more than 64 media sections", HEAD + "m=a 9 x y\n".repeat(SdpLimits.MAX_SECTIONS + 1));
        refused("more than 1024 attributes", MEDIA + "a=x\n".repeat(SdpLimits.MAX_ATTRIBUTES + 1));
        refused("more than 128 formats", HEAD + "m=video 9 UDP/TLS/RTP/SAVPF" + " 96".repeat(129));
        refused("needs semantics", HEAD + "a=group:BUNDLE" + " 1".repeat(SdpLimits.MAX_LIST + 1));
    }

    @Test
    void anyMutationOfRealTextIsReadOrRefusedNeverAnotherException() throws IOException {
        final long seed = 20_261_122L;
        final Random random = new Random(seed);
        final List<Path> files = fixtures();
        int refused = 0;
        for (int round = 0; round < 2500; round++) {
            final String text = mutate(Files.readString(files.get(random.nextInt(files.size()))), random);
            try {
                final SessionDescription session = SessionDescription.parse(text);
                assertEquals(session, SessionDescription.parse(session.write()), "what is read can be written");
            } catch (final SdpException fault) {
                assertNotNull(fault.getMessage());
                refused++;
            } catch (final RuntimeException bug) {
                throw new AssertionError("seed " + seed + " round " + round + ":\n" + text, bug);
            }
        }
        assertTrue(refused > 50, "the mutations hit something: " + refused);
    }

    /** A few random edits: characters, cuts, lines swapped, doubled, dropped, numbers blown up. */
    private static String mutate(final String text, final Random random) {
        final StringBuilder out = new StringBuilder(text);
        for (int edits = 1 + random.nextInt(4); edits > 0 && out.length() > 10; edits--) {
            final int at = random.nextInt(out.length());
            switch (random.nextInt(7)) {
                case 0 -> out.setCharAt(at, (char) random.nextInt(256));
                case 1 -> out.deleteCharAt(at);
                case 2 -> out.insert(at, " :;,/=~0*\r\n-".charAt(random.nextInt(12)));
                case 3 -> out.delete(at, Math.min(out.length(), at + random.nextInt(200)));
                case 4 -> out.insert(at, out.substring(at, Math.min(out.length(), at + random.nextInt(200))));
                case 5 -> out.insert(at, "99999999999999999999".substring(random.nextInt(19)));
                default -> out.setLength(at);
            }
        }
        return out.toString();
    }

    private static void refused(final String reason, final String text) {
        final SdpException fault = assertThrows(SdpException.class, () -> SessionDescription.parse(text));
        assertTrue(fault.getMessage().contains(reason), fault.getMessage());
    }

    private static MediaSection parseOne(final String line) throws SdpException {
        return SessionDescription.parse(MEDIA + line + "\r\n").sections().getFirst();
    }

    private static SessionDescription read(final String name) throws IOException, SdpException {
        return SessionDescription.parse(Files.readString(FIXTURES.resolve(name)));
    }
}
