package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.WhepPlayer;
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

/** Real Chromium, real relay: who has the consultation's secret sees, hears and reads; who has another one nothing. */
class EndToEndTest {
    private static final Path ARTEFACTS = Path.of("target/artefacts");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    private static final String OTHER = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
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

    @Test
    void halfAKeyIsRefusedBeforeAnythingIsSent() throws Exception {
        try (Page page = browser.open(url("/practitioner", token("doctor", Role.PRACTITIONER),
            SECRET.substring(1)))) {
            page.await("document.querySelector('#entrance p')?.textContent.includes('43')", SOON);
            assertEquals("failed", page.evaluate("chevetStats.state").asText());
        }
    }

    private static void awaitSoundAndPicture(final Page page) {
        page.await("figures().then(one => one.frames > 20 && one.energy > 0)", SOON);
        final long now = page.evaluate("figures()").path("frames").asLong();
        page.await("figures().then(one => one.frames > " + (now + 20) + ")", SOON);
    }

    /** A page without a user interface that has joined as {@code session}; its module is {@code test}. */
    private Page page(final String participant, final Role role, final String secret) throws TokenRefusal {
        final Page page = browser.open("http://127.0.0.1:" + relay.httpPort() + TestPages.EMPTY);
        page.evaluate("import('/test/encrypted.js').then(m => { window.test = m; return m.begin({ token: '"
            + token(participant, role) + "', secret: '" + secret + "' }); })");
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
