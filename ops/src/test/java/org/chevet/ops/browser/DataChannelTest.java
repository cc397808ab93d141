package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real browsers: vitals over data channels from one page to the other bit for bit, and chat both ways. */
@Timeout(180)
class DataChannelTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final Path SCRIPT = Path.of("src/test/resources/browser/datachannel.js");
    private static final int BLOCKS = 100;
    /** One block in ten has 60 000 bytes, the others 400. */
    private static final int BYTES = BLOCKS / 10 * (60_000 + 9 * 400);

    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        relay = Relay.start(RelayConfig.defaults().withTokenKey("test", secret).withPorts(0, 0),
            started -> List.of(new ConsoleRoute()));
        relay.open("c1").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    @Interop(client = "Chromium", features = "data channel")
    void chromiumCarriesVitalsAndChat() throws Exception {
        Chromium.require();
        try (Chromium browser = Chromium.start(); Page gateway = browser.open(home());
            Page doctor = browser.open(home())) {
            vitalsAndChat(gateway, doctor, false);
        }
    }

    @Test
    void chromiumCarriesThemBesideSoundAndPicture() throws Exception {
        Chromium.require();
        try (Chromium browser = Chromium.start(); Page gateway = browser.open(home());
            Page doctor = browser.open(home())) {
            vitalsAndChat(gateway, doctor, true);
            doctor.await("probe.framesDecoded().then((frames) => frames > 20)", SOON);
        }
    }

    @Test
    @Interop(client = "Firefox ESR", features = "data channel")
    void firefoxCarriesVitalsAndChat() throws Exception {
        try (Firefox browser = Firefox.start("http://127.0.0.1:" + relay.httpPort());
            Firefox.Tab gateway = browser.open(home()); Firefox.Tab doctor = browser.open(home())) {
            vitalsAndChat(gateway, doctor, true);
            doctor.await("probe.framesDecoded().then((frames) => frames > 20)", SOON);
        }
    }

    private void vitalsAndChat(final Scripted gateway, final Scripted doctor, final boolean isBesideMedia)
        throws IOException, TokenRefusal {
        probe(doctor, "whep", "doctor", Role.PRACTITIONER, false, isBesideMedia);
        probe(gateway, "whip", "nurse", Role.COMPANION, true, isBesideMedia);
        doctor.await("probe.received === " + BLOCKS, SOON);
        assertEquals(BYTES, doctor.evaluate("probe.bytes").asInt());
        gateway.await("probe.held === " + BLOCKS, SOON);
        doctor.await("probe.opened && probe.unknownClosed", SOON);
        gateway.await("probe.opened && probe.unknownClosed", SOON);
        doctor.evaluate("probe.chat.send('Bonjour, où avez-vous mal ?')");
        gateway.await("probe.words[0] === 'Bonjour, où avez-vous mal ?'", SOON);
        gateway.evaluate("probe.chat.send('Ici.')");
        doctor.await("probe.words[0] === 'Ici.'", SOON);
        for (final Scripted page : List.of(gateway, doctor)) {
            assertEquals("[]", page.evaluate("probe.faults").toString());
            assertEquals(1, page.evaluate("probe.words.length").asInt());
        }
        final LaneStats lane = relay.laneStats().stream()
            .filter(one -> one.counted(Counter.DATA_CHANNELS_OPENED) > 0).findFirst().orElseThrow();
        assertEquals(4, lane.counted(Counter.DATA_CHANNELS_OPENED));
        assertEquals(2, lane.dropped(DropReason.DATA_CHANNEL_NOT_SERVED));
        assertEquals(0, lane.dropped(DropReason.SCTP_MALFORMED));
        assertEquals(0, lane.dropped(DropReason.DTLS_MALFORMED));
        assertEquals(0, lane.counted(Counter.LANE_ERRORS));
    }

    private void probe(final Scripted page, final String kind, final String participant, final Role role,
        final boolean publish, final boolean isBesideMedia) throws IOException, TokenRefusal {
        final ObjectNode options = JsonMapper.builder().build().createObjectNode().put("kind", kind)
            .put("token", relay.issueToken(new Claims(participant, "c1", role, participant, Grants.defaultsOf(role),
                System.currentTimeMillis() + 600_000)))
            .put("consultation", "c1").put("publish", publish).put("blocks", BLOCKS)
            .put("media", isBesideMedia);
        final String script = Files.readString(SCRIPT);
        page.evaluate("import('/console/sbe.js').then((sbe) => (" + script.substring(script.indexOf("async (sbe"))
            + ")(sbe, " + options + "))");
    }

    private String home() {
        return "http://127.0.0.1:" + relay.httpPort() + "/";
    }
}
