package org.chevet.ops.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.signal.SignalCounter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.Test;

/** Real Chromium where UDP does not get through: the pages see only the TCP candidate of each answer. */
class MediaOverTcpTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String NO_UDP = """
        localStorage.setItem('chevet.language', 'en');
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
          const sdp = answer.sdp.split('\\r\\n').filter(line => !/^a=candidate:\\S+ 1 udp /i.test(line)).join('\\r\\n');
          return set.call(this, { type: answer.type, sdp });
        };
        window.pairs = async () => {
          const kinds = [];
          for (const pc of window.connections) {
            const stats = await pc.getStats();
            stats.forEach(one => {
              if (one.type === 'transport' && one.selectedCandidatePairId) {
                kinds.push(stats.get(stats.get(one.selectedCandidatePairId).remoteCandidateId).protocol);
              }
            });
          }
          return [...new Set(kinds)];
        };
        window.connections = [];
        window.RTCPeerConnection = new Proxy(RTCPeerConnection, { construct(target, args) {
          const pc = new target(...args); window.connections.push(pc); return pc; } });
        """;

    @Test
    @Interop(client = "Chromium", features = "TCP only")
    void audioAndVideoFlowOverTheHttpPort() throws Exception {
        Chromium.require();
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        try (Relay relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("test", secret), List.of(), List.of(), 16, 16, 15_000, 30_000, 300_000, 16 * 1024 * 1024,
            Tuning.defaults(), Reach.plain()), started -> List.of(new ConsoleRoute()));
            Chromium browser = Chromium.start()) {
            relay.open("tcp").toCompletableFuture().join();
            try (Page practitioner = page(browser, relay, "/practitioner", "doctor", Role.PRACTITIONER);
                Page site = page(browser, relay, "/site", "nurse", Role.COMPANION)) {
                site.click("#allow");
                site.click("#publish");
                site.await("chevetStats.parts['publish:camera'] === 'connected'", SOON);
                final JsonNode first = practitioner.await("chevetStats.media().then(m => m.receive?.framesDecoded > 20 "
                    + "&& m.receive.audioEnergy > 0 && m.receive)", SOON);
                practitioner.await("chevetStats.media().then(m => m.receive.framesDecoded > "
                    + (first.path("framesDecoded").asLong() + 60) + ")", SOON);
                assertEquals("[\"tcp\"]", site.evaluate("pairs()").toString());
                assertEquals("[\"tcp\"]", practitioner.evaluate("pairs()").toString());
                assertTrue(relay.signalStats().counted(SignalCounter.MEDIA_CONNECTIONS) >= 2);
                assertEquals(List.of(), practitioner.errors());
            }
        }
    }

    private static Page page(final Chromium browser, final Relay relay, final String path, final String participant,
        final Role role) throws TokenRefusal {
        final Page page = browser.open();
        page.viewport(1440, 900, 1);
        page.beforeLoad(NO_UDP);
        page.navigate("http://127.0.0.1:" + relay.httpPort() + path + "#t=" + relay.issueToken(new Claims(participant,
            "tcp", role, participant, Grants.defaultsOf(role), System.currentTimeMillis() + 600_000)));
        page.await("window.chevetStats?.state === 'connected'", SOON);
        return page;
    }
}
