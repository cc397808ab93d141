package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real Firefox, real relay, loopback: the patient's side publishes, the practitioner's page plays. */
@Timeout(180)
class FirefoxConsultationTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    @AutoClose
    private static Relay relay;
    @AutoClose
    private static Firefox browser;

    @BeforeAll
    static void start() throws IOException {
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        relay = Relay.start(RelayConfig.defaults().withTokenKey("test", secret).withPorts(0, 0),
            started -> List.of(new ConsoleRoute(), new TestPages()));
        browser = Firefox.start("http://127.0.0.1:" + relay.httpPort());
        relay.open("c1").toCompletableFuture().join();
    }

    @Test
    @Tag("REQ-O21")
    void onePagePublishesAndAnotherPlaysIt() throws TokenRefusal {
        try (Firefox.Tab practitioner = page("/practitioner", "doctor", Role.PRACTITIONER);
            Firefox.Tab site = page("/site", "nurse", Role.COMPANION)) {
            site.click("#allow");
            site.click("#publish");
            site.await("chevetStats.parts['publish:camera'] === 'connected'", SOON);
            final JsonNode first = practitioner.await(
                "chevetStats.media().then(m => m.receive?.framesDecoded > 20 && m.receive)", SOON);
            practitioner.await("chevetStats.media().then(m => m.receive.framesDecoded > "
                + (first.path("framesDecoded").asLong() + 30) + ")", SOON);
            final JsonNode shown = practitioner.await("chevetStats.shown.find(one => one.width > 0)", SOON);
            assertEquals("nurse", shown.path("participant").asText());
        }
    }

    @Test
    @Interop(client = "Firefox ESR", features = {"audio", "video", "ICE restart"})
    void soundAndPictureGoOnWhenBothSidesRestartIce() throws TokenRefusal {
        try (ProbePair pair = pair("firefox-restart", ProbePair.ANYWAY, ProbePair.PLAIN)) {
            pair.awaitSoundAndPicture();
            pair.assertProtocol("udp");
            pair.restartIce();
        }
    }

    @Test
    @Interop(client = "Firefox ESR", features = "TCP only")
    void soundAndPictureFlowOverTheHttpPort() throws TokenRefusal {
        try (ProbePair pair = pair("firefox-tcp", ProbePair.WITHOUT_UDP, ProbePair.PLAIN)) {
            pair.awaitSoundAndPicture();
            pair.assertProtocol("tcp");
        }
    }

    @Test
    @Interop(client = "Firefox ESR", features = "simulcast")
    void layersArriveAndTheViewerSeesTheWidest() throws TokenRefusal {
        try (ProbePair pair = pair("firefox-layers", ProbePair.ANYWAY, ProbePair.LAYERED)) {
            pair.awaitLayers();
        }
    }

    @Test
    @Tag("REQ-O8")
    void whoHasTheSecretReceivesAllAndWhoHasAnotherOneNothing() throws TokenRefusal {
        final String secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        try (Firefox.Tab nurse = encrypted("nurse", Role.COMPANION, secret);
            Firefox.Tab doctor = encrypted("doctor", Role.PRACTITIONER, secret);
            Firefox.Tab stranger = encrypted("stranger", Role.PRACTITIONER, "B" + secret.substring(1))) {
            doctor.evaluate("test.view(), 0");
            stranger.evaluate("test.view(), 0");
            nurse.evaluate("test.publish().then(() => { test.ecg(); return 0; })");
            doctor.await("figures().then(one => one.frames > 40 && one.energy > 0)", SOON);
            doctor.await("test.isWhole()", SOON);
            stranger.await("['nurse audio', 'nurse video', 'nurse vitals'].every(one => failing.has(one))", SOON);
            assertEquals(0, stranger.evaluate("figures()").path("frames").asInt());
            assertEquals(0, stranger.evaluate("samples.length").asInt());
            for (final Firefox.Tab tab : List.of(nurse, doctor, stranger)) {
                tab.await("session.channels.isOpen('chat') && session.channels.isOpen('annotation')", SOON);
            }
            doctor.evaluate("window.words = [], session.on('chat', one => words.push(one)), 0");
            nurse.evaluate("session.say('ici')");
            doctor.await("words[0]?.text === 'ici' && words[0].participant === 'nurse'", SOON);
            stranger.await("session.channels.counts.refused.authentication === 1", SOON);
        }
    }

    /** A tab without a user interface that has joined as {@code session}; its module is {@code test}. */
    private static Firefox.Tab encrypted(final String participant, final Role role, final String secret)
        throws TokenRefusal {
        relay.open("firefox-encrypted").toCompletableFuture().join();
        final String token = relay.issueToken(new Claims(participant, "firefox-encrypted", role, participant,
            Grants.defaultsOf(role), System.currentTimeMillis() + 600_000));
        final Firefox.Tab tab = browser.open("http://127.0.0.1:" + relay.httpPort() + TestPages.EMPTY);
        tab.evaluate("import('/test/encrypted.js').then(m => { window.test = m; return m.begin({ token: '" + token
            + "', secret: '" + secret + "' }); })");
        return tab;
    }

    private static ProbePair pair(final String consultation, final String before, final String publish)
        throws TokenRefusal {
        return new ProbePair(relay, browser::open, consultation, before, publish);
    }

    private static Firefox.Tab page(final String path, final String participant, final Role role)
        throws TokenRefusal {
        final String token = relay.issueToken(new Claims(participant, "c1", role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
        final Firefox.Tab tab = browser.open("http://127.0.0.1:" + relay.httpPort() + path + "#t=" + token);
        tab.await("window.chevetStats?.state === 'connected'", SOON);
        return tab;
    }
}
