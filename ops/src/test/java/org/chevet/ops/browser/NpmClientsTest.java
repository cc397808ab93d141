package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * WHIP and WHEP clients from npm need nothing of their own from the relay. They run in Chromium, in pages of another
 * origin as a vendor's are, and are used as their manuals say.
 */
@Timeout(120)
class NpmClientsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String WHIP_WHEP = "whip-whep";
    private static final String PUBLISHER = "@eyevinn/whip-web-client";
    private static final String PLAYER = "@eyevinn/webrtc-player";

    @AutoClose
    private static ConsoleServer pages;
    @AutoClose
    private static Relay relay;
    @AutoClose
    private static Chromium browser;

    @BeforeAll
    static void start() throws IOException {
        Chromium.require();
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        pages = new ConsoleServer(new TestPages());
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("test", secret), List.of(), List.of(pages.url("")), 16, 16, 15_000, 30_000, 300_000,
            16 * 1024 * 1024, Tuning.defaults(), Reach.plain()));
        browser = Chromium.start();
    }

    @Test
    @Interop(client = "whip-whep 1.2 (npm)", features = {"audio", "video"})
    void whipWhepPublishesAndPlays() throws TokenRefusal {
        TestPages.require(WHIP_WHEP, "1.2.0");
        consult("whip-whep", "whipWhepPublishes", "whipWhepViews");
    }

    @Test
    @Interop(client = "@eyevinn/webrtc-player 0.13 (npm)", features = {"audio", "video"})
    void eyevinnsPlayerPlays() throws TokenRefusal {
        TestPages.require(PLAYER, "0.13.0");
        TestPages.require(WHIP_WHEP, "1.2.0");
        consult("player", "whipWhepPublishes", "eyevinnViews");
    }

    @Test
    @Interop(client = "@eyevinn/whip-web-client 1.1 (npm)", features = {"audio", "video"})
    void eyevinnsClientPublishes() throws TokenRefusal {
        TestPages.require(PUBLISHER, "1.1.7");
        TestPages.require(WHIP_WHEP, "1.2.0");
        consult("publisher", "eyevinnPublishes", "whipWhepViews");
    }

    /** Both sides connect, sound and picture are decoded, and each takes its leave by DELETE. */
    private static void consult(final String consultation, final String publish, final String view)
        throws TokenRefusal {
        relay.open(consultation).toCompletableFuture().join();
        try (Page site = open(); Page doctor = open()) {
            begin(site, publish, "whip", consultation, "site", Role.COMPANION);
            begin(doctor, view, "whep", consultation, "doctor", Role.PRACTITIONER);
            final JsonNode seen = doctor.await(
                "figures().then(one => one.frames > 20 && one.energy > 0 && one.width > 0 && one)", SOON);
            doctor.await("figures().then(one => one.frames > " + (seen.path("frames").asLong() + 20) + ")", SOON);
            assertEquals("connected", site.evaluate("figures()").path("state").asText());
            assertEquals(List.of(), site.errors());
            assertEquals(List.of(), doctor.errors());
            final long closed = sessionsClosed();
            doctor.evaluate("stop()");
            site.evaluate("stop()");
            assertEquals(closed + 2, sessionsClosed());
        }
        relay.end(consultation).toCompletableFuture().join();
    }

    private static void begin(final Page page, final String how, final String kind, final String consultation,
        final String participant, final Role role) throws TokenRefusal {
        final String token = relay.issueToken(new Claims(participant, consultation, role, participant,
            Grants.defaultsOf(role), System.currentTimeMillis() + 600_000));
        page.evaluate("import('/test/npm.js').then(m => m." + how + "('http://127.0.0.1:" + relay.httpPort() + "/"
            + kind + "/" + consultation + "', '" + token + "'))");
        page.await("figures().then(one => one.state === 'connected')", SOON);
    }

    private static long sessionsClosed() {
        return relay.laneStats().stream().mapToLong(lane -> lane.counted(Counter.SESSIONS_CLOSED)).sum();
    }

    private static Page open() {
        return browser.open(pages.url(TestPages.EMPTY));
    }
}
