package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real Chromium, real relay, loopback: the patient's side publishes, the practitioner's page plays and draws. */
class BrowserConsultationTest {
    private static final Path ARTEFACTS = Path.of("target/artefacts");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String AES_256 = "SRTP_AEAD_AES_256_GCM";
    private static final String ECG = "chevetStats.streams.find(one => one.name === 'ecg-12')";
    private static final String PUBLISHER = """
        new m.Publisher({ ...options, label: 'probe',
          stream: await navigator.mediaDevices.getUserMedia({ audio: true, video: true }) })""";
    private static final String RECEIVER = "new m.Receiver({ ...options, audio: 1, video: 1 })";
    /** What of RED a page's sound has; an offer names codecs in the order of preference. */
    private static final String RED_FIRST = "(a, b) => isRed(b) - isRed(a)";
    private static final String NO_RED = "filter(one => !isRed(one))";
    private static final String SOUND = """
        probe.connection.getStats().then(all => {
          const sound = [...all.values()].find(one => one.kind === 'audio' && one.type === 'inbound-rtp');
          return { energy: sound?.totalAudioEnergy ?? 0, packets: sound?.packetsReceived ?? 0,
            bytes: sound?.bytesReceived ?? 0 };
        })""";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @AutoClose
    private static Relay relay;
    @AutoClose
    private static Chromium browser;
    private String consultation = "";

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("test", secret), List.of(), List.of(), 16, 16, 15_000, 30_000, 300_000, 16 * 1024 * 1024,
            Tuning.defaults(), Reach.plain()),
            started -> List.of(new ConsoleRoute(), new TestPages()));
        browser = Chromium.start();
    }

    @BeforeEach
    void open() {
        consultation = "browser-" + NUMBER.incrementAndGet();
        relay.open(consultation).toCompletableFuture().join();
    }

    @AfterEach
    void end() {
        relay.end(consultation).toCompletableFuture().join();
    }

    @Test
    @Tag("REQ-A1")
    @Tag("REQ-O7")
    @Interop(client = "Chromium", features = {"audio", "video"})
    void onePagePublishesByWhipAndAnotherPlaysItByWhepWithAes256() throws Exception {
        try (Page practitioner = page("/practitioner", "doctor", Role.PRACTITIONER, "Dr Lemoine");
            Page site = page("/site", "nurse", Role.COMPANION, "Claire")) {
            publish(site);
            final JsonNode first = practitioner.await("chevetStats.media().then(m => m.receive?.framesDecoded > 20 "
                + "&& m.receive.audioEnergy > 0 && m.receive)", SOON);
            assertEquals(AES_256, first.path("srtpCipher").asText());
            final JsonNode sent = site.await("chevetStats.media().then(m => m.publish[0])", SOON);
            assertEquals(AES_256, sent.path("srtpCipher").asText());
            practitioner.await("chevetStats.media().then(m => m.receive.framesDecoded > "
                + (first.path("framesDecoded").asLong() + 30) + ")", SOON);
            practitioner.await("chevetStats.media().then(m => m.receive.audioLevel > 0)", SOON);
            final JsonNode shown = practitioner.await("chevetStats.shown.find(one => one.width > 0)", SOON);
            assertEquals("nurse", shown.path("participant").asText());
            assertEquals("camera", shown.path("label").asText());

            site.click("#publish");
            practitioner.await("chevetStats.shown.length === 0", SOON);
            assertEquals(List.of(), practitioner.errors());
        }
    }

    @Test
    @Tag("REQ-A1")
    void aPractitionerWhoComesLateSeesThePictureAtOnce() throws Exception {
        try (Page site = page("/site", "nurse", Role.COMPANION, "Claire")) {
            publish(site);
            try (Page practitioner = page("/practitioner", "doctor", Role.PRACTITIONER, "Dr Lemoine")) {
                practitioner.await("chevetStats.media().then(m => m.receive?.framesDecoded > 10)", SOON);
                site.await("document.querySelector('#watchers').textContent.includes('Dr Lemoine')", SOON);
            }
            site.await("!document.querySelector('#watchers').textContent.includes('Dr Lemoine')", SOON);
        }
    }

    @Test
    @Tag("REQ-E3")
    @Interop(client = "Chromium", features = "ICE restart")
    void iceRestartsOfBothSidesGoOnWithoutANewHandshake() throws Exception {
        try (ProbePair pair = new ProbePair(relay, browser::open, consultation + "-restart", ProbePair.ANYWAY,
            ProbePair.PLAIN)) {
            pair.awaitSoundAndPicture();
            pair.restartIce();
        }
    }

    @Test
    @Interop(client = "Chromium", features = "simulcast")
    void layersArriveAndTheViewerSeesTheWidest() throws Exception {
        try (ProbePair pair = new ProbePair(relay, browser::open, consultation + "-layers", ProbePair.ANYWAY,
            ProbePair.LAYERED)) {
            pair.awaitLayers();
        }
    }

    @Test
    void soundThatIsLostIsAskedForAgainByBothSides() throws Exception {
        try (Page site = probe("nurse", Role.COMPANION, PUBLISHER);
            Page practitioner = probe("doctor", Role.PRACTITIONER, RECEIVER)) {
            for (final Page page : List.of(site, practitioner)) {
                for (final String side : List.of("currentLocalDescription", "currentRemoteDescription")) {
                    final String sdp = page.await("probe.connection." + side + "?.sdp", SOON).asText();
                    final String type = sdp.lines().filter(line -> line.matches("a=rtpmap:\\d+ opus/48000/2"))
                        .findFirst().orElseThrow().split("[: ]", 3)[1];
                    assertTrue(sdp.contains("a=rtcp-fb:" + type + " nack\r\n"), side + ": " + sdp);
                }
            }
        }
    }

    @Test
    void redundantSoundIsHeardWithAndWithoutRedundancy() throws Exception {
        try (Page site = probe("nurse", Role.COMPANION, preferring("sort(" + RED_FIRST + ")", PUBLISHER));
            Page practitioner = probe("doctor", Role.PRACTITIONER, RECEIVER);
            Page plain = probe("student", Role.PRACTITIONER, preferring(NO_RED, RECEIVER))) {
            final List<Double> bytesOfPackets = new ArrayList<>();
            for (final Page viewer : List.of(practitioner, plain)) {
                viewer.evaluate("""
                    (() => {
                      const player = document.createElement('video');
                      player.srcObject = new MediaStream(probe.connection.getReceivers().map(one => one.track));
                      return player.play().then(() => 0);
                    })()""");
                final JsonNode sound = viewer.await(SOUND + ".then(one => one.energy > 0 && one.packets > 100 && one)",
                    SOON);
                bytesOfPackets.add(sound.path("bytes").asDouble() / sound.path("packets").asDouble());
            }
            assertTrue(bytesOfPackets.getFirst() > 1.5 * bytesOfPackets.getLast(),
                "a frame and the one before it, and one alone: " + bytesOfPackets);
            assertTrue(site.evaluate("probe.connection.currentRemoteDescription.sdp").asText()
                .contains("UDP/TLS/RTP/SAVPF 63 111"), "RED is preferred");
        }
    }

    /** Whoever is made then orders or picks the codecs of its sound so. */
    private static String preferring(final String picked, final String made) {
        return """
            (() => {
              const { addTransceiver } = RTCPeerConnection.prototype;
              const isRed = one => one.mimeType === 'audio/red' ? 1 : 0;
              RTCPeerConnection.prototype.addTransceiver = function add(track, options) {
                const transceiver = addTransceiver.call(this, track, options);
                if ((track.kind ?? track) === 'audio') {
                  transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio').codecs.%s);
                }
                return transceiver;
              };
            })()""".formatted(picked) + " ?? " + made;
    }

    @Test
    @Tag("REQ-A3")
    @Tag("REQ-A4")
    void devicesOfTheSiteAreDrawnHeardAndReadByThePractitioner() throws Exception {
        try (Page practitioner = page("/practitioner", "doctor", Role.PRACTITIONER, "Dr Lemoine");
            Page site = page("/site", "nurse", Role.COMPANION, "Claire")) {
            publish(site);
            for (final String recording : List.of("ptbxl", "circor", "made-up")) {
                site.evaluate("document.querySelector('#recording').value = '" + recording + "'");
                site.click("#start-device");
            }
            practitioner.await(ECG + "?.drawn > 1500", SOON);
            practitioner.click("#listen");
            practitioner.await("chevetStats.heart.played > 4000", SOON);
            practitioner.await("chevetStats.numerics.length === 3", SOON);
            final JsonNode ecg = practitioner.evaluate(ECG);
            assertEquals(12, ecg.path("channels").asInt());
            assertEquals(0, ecg.path("lostBlocks").asInt(), ecg.toString());
            assertEquals(0, ecg.path("lostHoles").asInt(), ecg.toString());
            assertTrue(ink(practitioner) > 5000, "the ECG has ink");

            practitioner.evaluate("chevetStats.session.vitals.interrupt()");
            practitioner.await(ECG + "?.resumed === 1 && chevetStats.parts.vitals === 'connected'", SOON);
            site.evaluate("chevetStats.session.vitals.interrupt()");
            final long next = practitioner.evaluate(ECG + ".next").asLong();
            practitioner.await(ECG + ".next > " + (next + 20), SOON);
            final JsonNode resumed = practitioner.evaluate(ECG);
            assertEquals(0, resumed.path("lostBlocks").asInt(), resumed.toString());
            assertEquals(0, resumed.path("duplicates").asInt(), resumed.toString());
            assertEquals(0, resumed.path("lostHoles").asInt(), resumed.toString());

            practitioner.await("chevetStats.media().then(m => m.receive?.framesDecoded > 30)", SOON);
            practitioner.await("chevetStats.state === 'connected'", SOON);
            final long drawn = resumed.path("drawn").asLong();
            practitioner.await(ECG + ".drawn > " + (drawn + 1500), SOON);
            practitioner.screenshot(ARTEFACTS.resolve("practitioner.png"));
            site.screenshot(ARTEFACTS.resolve("site.png"));
            assertEquals(List.of(), practitioner.errors());
        }
    }

    @Test
    @Tag("REQ-O3")
    void aTokenOfAnotherKeyIsRefusedWithTheRelaysSentence() throws Exception {
        final String token = token("doctor", Role.PRACTITIONER, "Dr Lemoine");
        final String forged = token.substring(0, token.lastIndexOf('.') + 1) + "AAAA";
        try (Page page = browser.open(url("/practitioner", forged))) {
            page.await("window.chevetStats?.state === 'failed'", SOON);
            page.await("document.querySelector('#entrance p')?.textContent.length > 40", SOON);
        }
    }

    private static void publish(final Page site) {
        site.click("#allow");
        site.click("#publish");
        site.await("chevetStats.parts['publish:camera'] === 'connected'", SOON);
    }

    private Page page(final String path, final String participant, final Role role, final String name)
        throws TokenRefusal {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad("localStorage.setItem('chevet.language', 'en')");
        page.navigate(url(path, token(participant, role, name)));
        page.await("window.chevetStats?.state === 'connected'", SOON);
        return page;
    }

    /** A page without a user interface that holds one connection of the SDK as {@code probe}. */
    private Page probe(final String participant, final Role role, final String made) throws TokenRefusal {
        final Page page = browser.open(url("/", ""));
        page.evaluate("import('/console/whip.js').then(async m => { const options = { url: location.origin, token: '"
            + token(participant, role, participant) + "', consultation: '" + consultation + "' }; window.probe = "
            + made + "; await probe.start(); })");
        page.await("probe.connection.connectionState === 'connected'", SOON);
        return page;
    }

    private String token(final String participant, final Role role, final String name) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, consultation, role, name, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
    }

    private static String url(final String path, final String token) {
        return "http://127.0.0.1:" + relay.httpPort() + path + "#t=" + token;
    }

    private static int ink(final Page page) {
        return page.evaluate("""
            (() => {
              const canvas = document.querySelectorAll('#ecg canvas')[1];
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              let ink = 0;
              for (let i = 3; i < data.length; i += 4) {
                ink += data[i] > 0 ? 1 : 0;
              }
              return ink;
            })()""").asInt();
    }
}
