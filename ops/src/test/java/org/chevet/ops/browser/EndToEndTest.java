package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WhepPlayer;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
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
import org.junit.jupiter.api.parallel.Isolated;

/** Real Chromium, real relay: who has the consultation's secret sees, hears and reads; who has another one nothing. */
@Isolated
class EndToEndTest {
    private static final Path ARTEFACTS = Path.of("target/artefacts");
    private static final Path RECORDING =
        Path.of("src/main/resources/console/recordings/ptbxl-hr06004-12x500hz.i16le");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    private static final String OTHER = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    /** Packets of sound that are tried. */
    private static final int SOUNDS = 50;
    private static final String FIGURES =
        "import('/test/figures.js').then(m => m.figuresOf(chevetStats.session.receiver.connection))";
    private static final String POINTERS =
        "chevetStats.gesture.events.filter(one => one.event.type === 'pointer' && !one.event.off)";
    /** How opaque the operator's drawing is at a place of the picture. */
    private static final String INK = """
        (() => {
          const canvas = document.querySelector('#preview-drawing');
          return canvas.getContext('2d').getImageData(Math.round(%s * canvas.width), Math.round(%s * canvas.height),
            1, 1).data[3];
        })()""";
    /** The colour of the frame on the screen when the pen comes down, as {@code drawnOn}. */
    private static final String WATCH_COLOUR = """
        (() => {
          const video = document.querySelector('.tile video');
          const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
          const context = canvas.getContext('2d', { willReadFrequently: true });
          let colour = null;
          addEventListener('pointerdown', () => { window.drawnOn = colour; }, { capture: true });
          return new Promise((done) => {
            const look = () => {
              context.drawImage(video, 0, 0, 64, 36);
              colour = [...context.getImageData(2, 2, 1, 1).data];
              video.requestVideoFrameCallback(look);
              done(true);
            };
            video.requestVideoFrameCallback(look);
          });
        })()""";
    private static final String LATE = "chevetStats.session.receiver.connection.getReceivers()"
        + ".forEach(one => { one.jitterBufferTarget = %d; })";
    private static final String CANVAS_CAMERA = """
        localStorage.setItem('chevet.language', 'en');
        Object.assign(window, { captures: [], wire: [], said: [] });
        const sendAsItIs = RTCDataChannel.prototype.send;
        RTCDataChannel.prototype.send = function send(data) {
          wire.push(new TextDecoder('latin1').decode(data));
          return sendAsItIs.call(this, data);
        };
        navigator.mediaDevices.getUserMedia = async () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
          const context = canvas.getContext('2d');
          const stream = canvas.captureStream(0);
          setInterval(() => {
            context.fillStyle = `hsl(${captures.length * 40} 30% 40%)`;
            context.fillRect(0, 0, 640, 360);
            context.fillStyle = '#e9d9cc';
            context.fillRect(260, 130, 120, 100);
            stream.getVideoTracks()[0].requestFrame();
            captures.push(performance.now());
          }, 200);
          return stream;
        };""";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @AutoClose
    private static Relay relay;
    @AutoClose
    private static Chromium browser;
    private String consultation = "";

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        final byte[] key = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        relay = Relay.start(RelayConfig.defaults().withTokenKey("test", key).withPorts(0, 0),
            started -> List.of(new ConsoleRoute(), new TestPages()));
        browser = Chromium.start();
    }

    @BeforeEach
    void open() {
        consultation = "encrypted-" + NUMBER.incrementAndGet();
        relay.open(consultation).toCompletableFuture().join();
    }

    @AfterEach
    void end() {
        relay.end(consultation).toCompletableFuture().join();
    }

    @Test
    @Tag("REQ-O8")
    void whoHasTheSecretReceivesAllAndWhoHasAnotherOneNothingAndIsTold() throws Exception {
        try (Page nurse = page("nurse", Role.COMPANION, SECRET);
            Page doctor = page("doctor", Role.PRACTITIONER, SECRET);
            Page stranger = page("stranger", Role.PRACTITIONER, OTHER)) {
            assertEquals(nurse.evaluate("session.safetyCode"), doctor.evaluate("session.safetyCode"));
            assertTrue(doctor.evaluate("session.safetyCode").asText().matches("\\d{5}( \\d{5}){3}"));
            assertNotEquals(doctor.evaluate("session.safetyCode"), stranger.evaluate("session.safetyCode"));
            doctor.evaluate("test.view(), 0");
            stranger.evaluate("test.view(), 0");
            nurse.evaluate("test.publish().then(() => { test.ecg(); return 0; })");
            awaitSoundAndPicture(doctor);
            doctor.await("test.isWhole()", SOON);
            assertEquals("[]", doctor.evaluate("gaps").toString());
            assertEquals("[]", doctor.evaluate("[...failing]").toString());

            stranger.await("['nurse audio', 'nurse video', 'nurse vitals'].every(one => failing.has(one))", SOON);
            final JsonNode figures = stranger.evaluate("figures()");
            assertEquals(0, figures.path("frames").asInt(), figures.toString());
            assertEquals(0.0, figures.path("energy").asDouble(), figures.toString());
            assertEquals("[]", stranger.evaluate("samples").toString());
            assertTrue(stranger.evaluate("gaps.length > 0 && gaps.every(one => one === 255)").asBoolean());
            assertTrue(stranger.evaluate("[...session.endToEnd.frames.tracks.values()].every(one => one.passed === 0"
                + " && one.dropped.authentication > 20)").asBoolean());
        }
    }

    /** The Java client receives as the relay forwards: what it gets of the sound are SFrame messages of one key. */
    @Test
    @Tag("REQ-O8")
    void theRelayForwardsCiphertext() throws Exception {
        final SoundOnTheWire wire = new SoundOnTheWire(100);
        try (Page nurse = page("nurse", Role.COMPANION, SECRET)) {
            nurse.evaluate("test.publish().then(() => 0)");
            try (WhepPlayer player = WhepPlayer.connect(MediaClientConfig.create(),
                URI.create("http://127.0.0.1:" + relay.httpPort() + "/whep/" + consultation),
                token("doctor", Role.PRACTITIONER), 1, 0, wire)) {
                assertTrue(player.isConnected() && wire.await(30), "sound comes");
                assertEquals(1, wire.keys(), "one key id");
                assertEquals(0, wire.others(), "packets that are no SFrame message or come twice");
            }
        }
    }

    /** Integer samples of a browser are packed before they are sealed, as the Java client's are. */
    @Test
    @Tag("REQ-O8")
    void whatABrowserPacksAndSealsTheJavaClientOpensSampleBySample() throws Exception {
        final int blocks = 80;
        final byte[] samples = Files.readAllBytes(RECORDING);
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(Base64.getUrlDecoder().decode(SECRET), ""), 0);
        final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        final CountDownLatch all = new CountDownLatch(blocks);
        final AtomicInteger lost = new AtomicInteger();
        final VitalsListener listener = new VitalsListener() {
            @Override
            public Start onStream(final SubscribedStream stream) {
                return Start.beginning();
            }

            @Override
            public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
                final byte[] bytes = new byte[block.payload().remaining()];
                block.payload().get(bytes);
                arrived.writeBytes(bytes);
                all.countDown();
            }

            @Override
            public void onUndecryptable(final SubscribedStream stream, final long sequence, final long firstSample,
                final int sampleCount) {
                lost.incrementAndGet();
                all.countDown();
            }
        };
        final String doctor = token("doctor", Role.PRACTITIONER);
        final WebSocketTransport transport = new WebSocketTransport(
            URI.create("ws://127.0.0.1:" + relay.httpPort() + "/v1/vitals"), () -> doctor);
        try (Page nurse = page("nurse", Role.COMPANION, SECRET);
            VitalsSubscriber _ = VitalsSubscriber.start(transport, "test", listener,
                EndToEnd.required(keys, "doctor"))) {
            final JsonNode bytes = nurse.evaluate("test.recording('/console/recordings/" + RECORDING.getFileName()
                + "', " + blocks + ")");
            assertTrue(all.await(SOON.toSeconds(), TimeUnit.SECONDS), all + " blocks, " + lost);
            assertEquals(0, lost.get());
            assertArrayEquals(Arrays.copyOf(samples, bytes.path("plain").asInt()), arrived.toByteArray());
            // With the headers of 80 messages, and whatever else goes out meanwhile.
            assertTrue(bytes.path("sent").asInt() < 0.7 * bytes.path("plain").asInt(), bytes.toString());
        }
    }

    @Test
    void vp9IsCarriedEncrypted() throws Exception {
        try (Page nurse = page("nurse", Role.COMPANION, SECRET);
            Page doctor = page("doctor", Role.PRACTITIONER, SECRET)) {
            doctor.evaluate("test.view(), 0");
            nurse.evaluate("test.publish(['video/VP9']).then(() => 0)");
            awaitSoundAndPicture(doctor);
            assertTrue(doctor.evaluate("session.receiver.connection.getStats().then(all => [...all.values()]"
                + ".some(one => one.type === 'codec' && one.mimeType === 'video/VP9'))").asBoolean());
        }
    }

    @Test
    void whoEncryptsBelievesNothingThatIsNotEncrypted() throws Exception {
        try (Page nurse = page("nurse", Role.COMPANION, "");
            Page doctor = page("doctor", Role.PRACTITIONER, SECRET)) {
            doctor.evaluate("test.view(), 0");
            nurse.evaluate("test.publish().then(() => { test.ecg(); return 0; })");
            doctor.await("['nurse audio', 'nurse video', 'nurse vitals'].every(one => failing.has(one))", SOON);
            assertEquals(0, doctor.evaluate("figures()").path("frames").asInt());
            assertEquals("[]", doctor.evaluate("samples").toString());
        }
    }

    @Test
    void thePagesShowTheSameCodeAndSayWhenKeysDiffer() throws Exception {
        try (Page practitioner = console("/practitioner", "doctor", Role.PRACTITIONER, SECRET);
            Page stranger = console("/practitioner", "stranger", Role.PRACTITIONER, OTHER);
            Page site = console("/site", "nurse", Role.COMPANION, SECRET)) {
            final String code = "document.querySelector('#lock:not([hidden]) #safety-code')?.textContent";
            assertEquals(site.evaluate(code), practitioner.evaluate(code));
            assertEquals(site.evaluate("chevetStats.session.safetyCode"), practitioner.evaluate(code));
            site.click("#allow");
            site.click("#publish");
            site.evaluate("document.querySelector('#recording').value = 'ptbxl'");
            site.click("#start-device");
            practitioner.await("chevetStats.media().then(m => m.receive?.framesDecoded > 20)", SOON);
            practitioner.await("chevetStats.streams.find(one => one.name === 'ecg-12')?.drawn > 1500", SOON);
            practitioner.screenshot(ARTEFACTS.resolve("practitioner-encrypted.png"));
            stranger.await("document.querySelector('#undecryptable:not([hidden])')?.textContent.includes('nurse')",
                SOON);
            assertEquals(0, stranger.evaluate("chevetStats.media()").path("receive").path("framesDecoded").asInt());
            assertTrue(practitioner.evaluate("document.querySelector('#undecryptable').hidden").asBoolean());
            assertEquals(List.of(), practitioner.errors());
            assertEquals(List.of(), site.errors());
        }
    }

    /** The operator's camera is a canvas with a picture every 200 ms: which frame was drawn on is then no question. */
    @Test
    @Tag("REQ-A9")
    @Tag("REQ-O7")
    void whatIsDrawnOnAFrameIsSeenThereByTheOperatorAndBothEndsKnowHowLate() throws Exception {
        try (Page practitioner = drawing("/practitioner", "doctor", Role.PRACTITIONER);
            Page site = drawing("/site", "nurse", Role.COMPANION)) {
            site.click("#allow");
            site.click("#publish");
            final String pen = "document.querySelector('.tile canvas')";
            practitioner.await("chevetStats.shown[0]?.width === 640 && chevetStats.shown[0].height === 360", SOON);
            practitioner.await("chevetStats.gesture.picture && chevetStats.messages.annotation", SOON);
            site.await("chevetStats.messages.annotation && chevetStats.guide.times.clock() !== null", SOON);
            site.evaluate("chevetStats.session.on('chat', one => said.push(one)), 0");
            practitioner.click("#gesture-pen");
            site.await("chevetStats.session.connection.examMode === 'gesture'", SOON);
            // 16:9 in a box of 4:3: an eighth of the box above and below is black.
            practitioner.await(pen + ".clientWidth * 3 === " + pen + ".clientHeight * 4 || Math.abs(" + pen
                + ".clientWidth * 0.75 - " + pen + ".clientHeight) <= 1", SOON);
            practitioner.evaluate(WATCH_COLOUR);
            // So late that the camera is some frames further on when somebody draws.
            practitioner.await("(" + LATE.formatted(700) + ", chevetStats.gesture.picture?.ms > 500)", SOON);
            practitioner.await("document.querySelector('#picture-latency').dataset.tone === 'warn'", SOON);
            practitioner.drag(".tile canvas", true, 0.25, 0.3125, 0.5, 0.5, 0.75, 0.5, 0.75, 0.6875);
            final JsonNode stroke = site.await("chevetStats.gesture.events.findLast(one => one.event.type === 'stroke'"
                + " && one.event.first === 0 && one.event.points.length === 8)", SOON);
            assertEquals("doctor", stroke.path("participant").asText());
            final double[] wanted = {0.25, 0.25, 0.5, 0.5, 0.75, 0.5, 0.75, 0.75};
            final JsonNode points = stroke.path("event").path("points");
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], points.path(i).asDouble(), 0.006, points.toString());
            }
            assertTrue(site.evaluate(INK.formatted(0.5, 0.5)).asInt() > 200, "the picture's middle is drawn on");
            assertEquals(0, site.evaluate(INK.formatted(0.25, 0.75)).asInt(), "and nothing where nobody drew");
            // Nine colours take turns: the still beside it is of the colour that the practitioner drew on.
            site.await("!document.querySelector('#pinned').hidden", SOON);
            final JsonNode drawnOn = practitioner.evaluate("drawnOn");
            final JsonNode still = site.evaluate("[...document.querySelector('#pinned-frame').getContext('2d')"
                + ".getImageData(20, 20, 1, 1).data]");
            for (int i = 0; i < 3; i++) {
                assertEquals(drawnOn.path(i).asInt(), still.path(i).asInt(), 16, drawnOn + " and " + still);
            }
            practitioner.screenshot(ARTEFACTS.resolve("gesture-practitioner.png"));
            site.screenshot(ARTEFACTS.resolve("gesture-site.png"));

            practitioner.evaluate(LATE.formatted(0));
            practitioner.press("g");
            for (int i = 0; i < 8; i++) {
                final int before = site.evaluate(POINTERS + ".length").asInt();
                practitioner.drag(".tile canvas", false, 0.3 + 0.05 * i, 0.5);
                site.await(POINTERS + ".length > " + before, SOON);
            }
            for (final Page page : List.of(practitioner, site)) {
                for (final String meter : List.of("#picture-latency", "#gesture-latency")) {
                    page.await("/ \\d+ ms$/.test(document.querySelector('" + meter + "').textContent)", SOON);
                }
            }
            framesAreThoseOfTheCamera(site);

            site.click("#return-view");
            site.await("document.querySelector('#return-video').videoWidth === 640 && chevetStats.gesture.back", SOON);
            site.await("/ \\d+ ms$/.test(document.querySelector('#return-latency').textContent)", SOON);
            site.screenshot(ARTEFACTS.resolve("gesture-return.png"));
            site.click("#return-view");
            site.await("chevetStats.session.returning === null", SOON);

            practitioner.evaluate("chevetStats.session.say('Levez le coude')");
            site.await("said[0]?.text === 'Levez le coude' && said[0].participant === 'doctor'", SOON);
            assertTrue(practitioner.evaluate("wire.length > 3 && !wire.some(one => one.includes('coude')"
                + " || one.includes('stroke'))").asBoolean(), "the relay gets ciphertext");
            aForgedNameIsRefused(practitioner, site);
            practitioner.press("Escape");
            site.await("chevetStats.session.connection.examMode === 'normal'", SOON);
            assertEquals(List.of(), practitioner.errors());
            assertEquals(List.of(), site.errors());
        }
    }

    /** Every pointer names a frame of the camera that was the newest, or nearly, when it was pointed at. */
    private static void framesAreThoseOfTheCamera(final Page site) {
        final JsonNode seen = site.evaluate("({ pointers: " + POINTERS + ".map(one => one.event), frames: captures"
            + ".map(one => chevetStats.guide.times.relayAt(one).us) })");
        int known = 0;
        for (final JsonNode pointer : seen.path("pointers")) {
            final long frameUs = pointer.path("frameUs").asLong();
            final long sentUs = pointer.path("sentUs").asLong();
            if (frameUs == 0 || sentUs == 0) {
                continue;
            }
            known++;
            long nearestUs = Long.MAX_VALUE;
            for (final JsonNode frame : seen.path("frames")) {
                nearestUs = Math.min(nearestUs, Math.abs(frame.asLong() - frameUs));
            }
            assertTrue(nearestUs < 40_000, nearestUs + " us beside a frame: " + pointer);
            assertTrue(sentUs - frameUs > 0 && sentUs - frameUs < 1_500_000, pointer.toString());
        }
        assertTrue(known >= 6, seen.toString());
    }

    /** Sealed with the doctor's key, and another's name written over the doctor's. */
    private static void aForgedNameIsRefused(final Page practitioner, final Page site) {
        final int before = site.evaluate("chevetStats.gesture.counts.taken").asInt();
        practitioner.evaluate("""
            (async () => {
              const { session } = chevetStats;
              const keys = session.endToEnd;
              const seal = keys.seal;
              keys.seal = async (kind, bytes) => {
                const message = await seal.call(keys, kind, bytes);
                message.set(new TextEncoder().encode('expert'), 1);
                return message;
              };
              await session.annotate({ type: 'clear', n: 0, source: 5 });
              delete keys.seal;
              await session.say('Merci');
            })()""");
        site.await("said.length === 2 && said[1].text === 'Merci'", SOON);
        site.await("chevetStats.messages.refused.authentication === 1", SOON);
        assertTrue(site.evaluate("chevetStats.gesture.events.every(one => one.participant === 'doctor'"
            + " && one.event.source !== 5)").asBoolean(), "taken before: " + before);
    }

    @Test
    @Tag("REQ-A9")
    void wordsAndDrawingsGoInTheClearWhereNothingIsEncryptedAndComeBackAfterALoss() throws Exception {
        try (Page nurse = page("nurse", Role.COMPANION, "");
            Page doctor = page("doctor", Role.PRACTITIONER, "")) {
            assertEquals("no-channel", doctor.evaluate("session.say('?').then(() => '', one => one.title)").asText());
            doctor.evaluate("test.view(), 0");
            nurse.evaluate("test.publish().then(() => { window.words = []; window.drawn = [];"
                + " session.on('chat', one => words.push(one)); session.on('annotation', one => drawn.push(one)); })");
            for (final Page page : List.of(nurse, doctor)) {
                page.await("session.channels.isOpen('chat') && session.channels.isOpen('annotation')", SOON);
            }
            doctor.evaluate("session.say('é')");
            assertEquals("[true,false,true]", doctor.evaluate("Promise.all([session.annotate({ type: 'x' }),"
                + " session.annotate({ type: 'pointer', x: 1 }), session.annotate({ type: 'pointer', x: 2 })])")
                .toString());
            nurse.await("words.length === 1 && drawn.length === 2", SOON);
            assertEquals("[{\"participant\":\"doctor\",\"text\":\"é\"}]", nurse.evaluate("words").toString());
            assertEquals("[\"x\",2]", nurse.evaluate("drawn.map(({ event }) => event.x ?? event.type).sort().reverse()")
                .toString());
            assertEquals("[\"too-long\",\"too-long\",\"too-fast\"]", doctor.evaluate("Promise.all(["
                + "session.say(''), session.say('x'.repeat(4097)), Promise.all(Array.from({ length: 30 }, () =>"
                + " session.say('.')))].map(one => one.then(() => '', refusal => refusal.title)))").toString());

            doctor.evaluate("window.states = [], session.channels.on('state', ({ kind, open }) => states.push("
                + "`${kind} ${open}`)), session.receiver.again('a test'), 0");
            doctor.await("states.lastIndexOf('chat true') > states.indexOf('chat false')"
                + " && states.includes('chat false')", SOON);
            // The publisher's connection goes for good: another one of the same participant takes over.
            nurse.evaluate("test.view(), 0");
            nurse.await("session.receiver.connection?.connectionState === 'connected'", SOON);
            nurse.evaluate("session.unpublish([...session.publishers.values()][0])");
            nurse.await("session.channels.isOpen('chat')", SOON);
            doctor.evaluate("session.say('encore')");
            nurse.await("words.at(-1).text === 'encore'", SOON);
        }
    }

    /**
     * Three participants see and hear; one is put out. What is sent from the new epoch on does not open with any key it
     * has: its page keeps its keys, and is given what a player on the wire received. The same check opens with the keys
     * of those who stayed, and opened with its own before.
     */
    @Test
    @Tag("REQ-O7")
    @Tag("REQ-O8")
    void whoIsPutOutCanOpenNothingThatIsSentAfterwards() throws Exception {
        try (Page doctor = console("/practitioner", "doctor", Role.PRACTITIONER, SECRET);
            Page nurse = console("/site", "nurse", Role.COMPANION, SECRET);
            Page guest = console("/practitioner", "guest", Role.GUEST, SECRET)) {
            // Each page has been clicked before sound comes, so that it plays.
            guest.click("#theme");
            nurse.click("#allow");
            doctor.click("#camera");
            nurse.click("#publish");
            for (final Page page : List.of(doctor, nurse, guest)) {
                awaitSoundAndPicture(page, FIGURES);
            }
            assertEquals(0, guest.evaluate("document.querySelectorAll('.person-remove').length").asInt());
            // An epoch that is not the link's: the one to be put out has it like the others.
            assertEquals(1, doctor.evaluate("chevetStats.session.rotate()").asInt());
            for (final Page page : List.of(nurse, guest)) {
                page.await("chevetStats.endToEnd.epoch === 1", SOON);
            }
            guest.evaluate("{ window.kept = chevetStats.session.endToEnd.keyring.state; }");
            final String before = soundOnTheWire(1);
            assertEquals("{\"1\":" + SOUNDS + "}", opened(guest, "kept", before));
            final String code = guest.evaluate("chevetStats.session.safetyCode").asText();

            doctor.click(".person:has(.person-remove[aria-label*='guest']) .person-remove");
            doctor.await("document.querySelector('#remove-dialog').open", SOON);
            doctor.screenshot(ARTEFACTS.resolve("practitioner-removes.png"));
            doctor.click("#remove-confirm");
            guest.await("document.querySelector('#entrance:not([hidden]) h2')?.textContent.includes('removed')", SOON);
            guest.screenshot(ARTEFACTS.resolve("practitioner-removed.png"));
            for (final Page page : List.of(doctor, nurse)) {
                page.await("chevetStats.endToEnd.epoch >= 2 && !chevetStats.session.roster.has('guest')", SOON);
                awaitSoundAndPicture(page, FIGURES);
            }
            assertEquals(doctor.evaluate("chevetStats.session.safetyCode"),
                nurse.evaluate("chevetStats.session.safetyCode"));
            assertNotEquals(code, nurse.evaluate("chevetStats.session.safetyCode").asText());
            final int epoch = nurse.evaluate("chevetStats.endToEnd.epoch").asInt();
            final String after = soundOnTheWire(epoch);
            assertEquals("{}", opened(guest, "kept", after));
            final String held = "chevetStats.session.endToEnd.keyring.state";
            assertEquals("{\"" + epoch + "\":" + SOUNDS + "}", opened(doctor, held, after));
            assertEquals("closed", guest.evaluate("chevetStats.state").asText());
            guest.navigate(url("/practitioner?again", token("guest", Role.GUEST), SECRET));
            guest.await("document.querySelector('#entrance p')?.textContent.includes('removed')", SOON);
            assertEquals(List.of(), doctor.errors());
            assertEquals(List.of(), nurse.errors());
        }
    }

    /** What the nurse sends in an epoch, as a player without keys receives it: SFrame messages, base64url. */
    private String soundOnTheWire(final int epoch) throws Exception {
        final SoundOnTheWire wire = new SoundOnTheWire(SOUNDS, epoch);
        try (WhepPlayer player = WhepPlayer.connect(MediaClientConfig.create(), URI.create("http://127.0.0.1:"
            + relay.httpPort() + "/whep/" + consultation + "?from=nurse"), token("probe", Role.GUEST), 1, 0, wire)) {
            assertTrue(player.isConnected() && wire.await(30), "sound of epoch " + epoch + " comes");
        }
        return wire.messages();
    }

    /** How many of the messages each epoch of a keyring opens, tried one by one. */
    private static String opened(final Page page, final String keyring, final String messages) {
        return page.evaluate("import('/test/encrypted.js').then(m => m.openedBy(" + keyring + ", 'audio', 'nurse', "
            + messages + "))").toString();
    }

    /** A link says that a code is needed, and never holds it: who has only the link gets nothing, and is told. */
    @Test
    @Tag("REQ-O8")
    void theJoinCodeIsAskedForAndAWrongOneIsSaid() throws Exception {
        try (Page site = coded("/site", "nurse", Role.COMPANION, "&c=1", "mead 42");
            Page practitioner = coded("/practitioner", "doctor", Role.PRACTITIONER, "&c=1", "wrong")) {
            site.evaluate("document.querySelector('#recording').value = 'ptbxl'");
            site.click("#start-device");
            practitioner.await("document.querySelector('#undecryptable:not([hidden])')?.textContent"
                + ".includes('code you entered')", SOON);
            assertEquals(0, practitioner.evaluate("chevetStats.streams.find(one => one.name === 'ecg-12')?.samples"
                + " ?? 0").asInt());
            assertNotEquals(site.evaluate("chevetStats.session.safetyCode"),
                practitioner.evaluate("chevetStats.session.safetyCode"));
            practitioner.screenshot(ARTEFACTS.resolve("join-code-wrong.png"));
            practitioner.click("#told-code");
            enter(practitioner, " MEAD 42 ");
            practitioner.await("chevetStats.streams.find(one => one.name === 'ecg-12')?.drawn > 100", SOON);
            assertEquals(site.evaluate("chevetStats.session.safetyCode"),
                practitioner.evaluate("chevetStats.session.safetyCode"));
            assertTrue(practitioner.evaluate("document.querySelector('#undecryptable').hidden && !location.href"
                + ".includes('MEAD')").asBoolean());
            aDocumentArrivesWhole(site, practitioner);
            assertEquals(List.of(), practitioner.errors());
            assertEquals(List.of(), site.errors());
        }
    }

    private static void aDocumentArrivesWhole(final Page site, final Page practitioner) throws IOException {
        site.evaluate("""
            (() => {
              window.choose = (name, type, size) => {
                const chosen = new DataTransfer();
                chosen.items.add(new File([Uint8Array.from({ length: size }, (_, i) => i * i)], name, { type }));
                document.querySelector('#document-file').files = chosen.files;
              };
              choose('page.html', 'text/html', 10);
            })()""");
        site.click("#document-send");
        site.await("document.querySelector('#document-fault:not([hidden])')?.textContent.includes('PDF')", SOON);
        site.evaluate("choose('letter.pdf', 'application/pdf', 50_000), 0");
        site.click("#document-send");
        practitioner.await("document.querySelector('#documents a[download=\"letter.pdf\"]')", SOON);
        assertTrue(practitioner.evaluate("(() => { const [list, save] = ['#documents', '#documents a'].map(one =>"
            + " document.querySelector(one).getBoundingClientRect()); return save.right <= list.right; })()")
            .asBoolean(), "the link to save it is not covered");
        assertEquals("[\"nurse\",50000,true]", practitioner.evaluate("(({ participant, bytes }) => [participant,"
            + " bytes.length, bytes.every((one, i) => one === (i * i) % 256)])(chevetStats.documents.all[0])")
            .toString());
        site.await("document.querySelector('#documents .badge').textContent === 'received'", SOON);
        practitioner.screenshot(ARTEFACTS.resolve("document-practitioner.png"));
        site.screenshot(ARTEFACTS.resolve("document-site.png"));
    }

    /** A page that was opened with a link that asks for a code, and was given one. */
    private Page coded(final String path, final String participant, final Role role, final String more,
        final String code) throws Exception {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad("localStorage.setItem('chevet.language', 'en')");
        page.navigate(url(path, token(participant, role), SECRET) + more);
        enter(page, code);
        return page;
    }

    private static void enter(final Page page, final String code) throws IOException {
        page.await("document.querySelector('#join-code')?.matches(':focus') && !window.chevetStats", SOON);
        page.screenshot(ARTEFACTS.resolve("join-code.png"));
        page.evaluate("document.querySelector('#join-code').value = '" + code + "', 0");
        page.click("#join-code-form button");
        page.await("window.chevetStats?.state === 'connected'", SOON);
    }

    @Test
    void halfAKeyIsRefusedBeforeAnythingIsSent() throws Exception {
        try (Page page = browser.open(url("/practitioner", token("doctor", Role.PRACTITIONER),
            SECRET.substring(1)))) {
            page.await("document.querySelector('#entrance p')?.textContent.includes('43')", SOON);
            assertEquals("failed", page.evaluate("chevetStats.state").asText());
        }
    }

    private static void awaitSoundAndPicture(final Page page) {
        awaitSoundAndPicture(page, "figures()");
    }

    /** Both come, and go on coming. */
    private static void awaitSoundAndPicture(final Page page, final String figures) {
        page.await(figures + ".then(one => one.frames > 20 && one.energy > 0)", SOON);
        final JsonNode now = page.evaluate(figures);
        page.await(figures + ".then(one => one.frames > " + (now.path("frames").asLong() + 20) + " && one.energy > "
            + now.path("energy").asDouble() + ")", SOON);
    }

    /** A page without a user interface that has joined as {@code session}; its module is {@code test}. */
    private Page page(final String participant, final Role role, final String secret) throws TokenRefusal {
        final Page page = browser.open("http://127.0.0.1:" + relay.httpPort() + TestPages.EMPTY);
        page.evaluate("import('/test/encrypted.js').then(m => { window.test = m; return m.begin({ token: '"
            + token(participant, role) + "', secret: '" + secret + "' }); })");
        return page;
    }

    /** The video is sent at a quarter of what the camera sees: a frame of it would have 320 x 180. */
    @Test
    @Tag("REQ-A5")
    void aStillHasTheCamerasOwnResolutionAndArrivesAsItWasTaken() throws Exception {
        try (Page practitioner = browser.open(); Page site = browser.open()) {
            for (final Page page : List.of(practitioner, site)) {
                page.viewport(1440, 900, 1);
                page.beforeLoad("localStorage.setItem('chevet.language', 'en')");
            }
            practitioner.navigate(url("/practitioner", token("doctor", Role.PRACTITIONER), SECRET));
            site.navigate(url("/site", token("nurse", Role.COMPANION), SECRET));
            site.await("window.chevetStats?.state === 'connected'", SOON);
            site.click("#allow");
            site.click("#publish");
            site.await("chevetStats.messages.annotation && chevetStats.parts['publish:camera'] === 'connected'", SOON);
            site.evaluate("""
                (async () => {
                  chevetStats.session.on('annotation', ({ event }) => {
                    if (event.type === 'off') {
                      chevetStats.session.publishers.get('camera').stream.getVideoTracks()[0].enabled = false;
                    }
                  });
                  const [publisher] = chevetStats.session.publishers.values();
                  const sender = publisher.connection.getSenders().find(({ track }) => track.kind === 'video');
                  const parameters = sender.getParameters();
                  parameters.encodings[0].scaleResolutionDownBy = 4;
                  await sender.setParameters(parameters);
                })()""");
            practitioner.await("chevetStats.shown[0]?.width === 320 && chevetStats.messages.annotation", SOON);
            practitioner.click(".tile-still");
            final String said = practitioner.await("['bad', 'done'].includes(document.querySelector('#still-state')"
                + ".dataset.tone) && document.querySelector('#still-state').textContent", SOON).asText();
            assertTrue(said.matches("Still received: \\d+ × \\d+"), said);
            final JsonNode taken = site.evaluate("chevetStats.stills.taken[0]");
            assertEquals("doctor", taken.path("participant").asText());
            final JsonNode still = practitioner.evaluate("(async ({ bytes, ...rest }) => ({ ...rest, sha256:"
                + " [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(one =>"
                + " one.toString(16).padStart(2, '0')).join('') }))(chevetStats.stills.all[0])");
            assertEquals(taken.path("sha256"), still.path("sha256"));
            for (final JsonNode one : List.of(taken, still)) {
                assertTrue(one.path("width").asInt() >= 1280 && one.path("height").asInt() >= 720, one.toString());
            }
            practitioner.await("document.querySelector('.still img').naturalWidth >= 1280", SOON);
            site.await("document.querySelector('#still-taken').textContent.startsWith('doctor took a still')", SOON);
            practitioner.screenshot(ARTEFACTS.resolve("still-practitioner.png"));
            site.screenshot(ARTEFACTS.resolve("still-site.png"));

            // One at once, and the operator may switch the camera off.
            assertEquals("[\"too-fast\",\"no-picture\"]", practitioner.evaluate("""
                (async ({ session }) => {
                  const ask = () => session.requestStill([...session.roster.get('nurse').publications]
                    .find(({ kind }) => kind === 'video').id).then(() => 'taken', ({ title }) => title);
                  await ask();
                  const soon = await ask();
                  await new Promise((resolve) => setTimeout(resolve, 2100));
                  await session.annotate({ type: 'off' });
                  await new Promise((resolve) => setTimeout(resolve, 300));
                  return [soon, await ask()];
                })(chevetStats)""").toString());
            assertEquals(List.of(), practitioner.errors());
            assertEquals(List.of(), site.errors());
        }
    }

    /** A page of the console whose camera is a canvas, and that remembers what it sends on data channels. */
    private Page drawing(final String path, final String participant, final Role role) throws TokenRefusal {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad(CANVAS_CAMERA);
        page.navigate(url(path, token(participant, role), SECRET));
        page.await("window.chevetStats?.state === 'connected'", SOON);
        return page;
    }

    private Page console(final String path, final String participant, final Role role, final String secret)
        throws TokenRefusal {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad("localStorage.setItem('chevet.language', 'en')");
        page.navigate(url(path, token(participant, role), secret));
        page.await("window.chevetStats?.state === 'connected'", SOON);
        return page;
    }

    private String token(final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, consultation, role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
    }

    private static String url(final String path, final String token, final String secret) {
        return "http://127.0.0.1:" + relay.httpPort() + path + "#t=" + token + "&s=" + secret;
    }
}
