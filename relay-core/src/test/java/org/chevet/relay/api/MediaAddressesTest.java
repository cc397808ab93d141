package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.OutgoingTrack;
import org.chevet.relay.client.WhepPlayer;
import org.chevet.relay.client.WhipPublisher;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which addresses media is offered on and flows by: both families, several of them, and NAT 1:1. */
@Tag("REQ-E6")
@Timeout(60)
class MediaAddressesTest {
    private static final Path OFFER = Path.of("../codec/src/test/resources/sdp/chromium156-av-sendonly.sdp");
    private Relay relay;

    @BeforeEach
    void needsIpv6() throws IOException {
        Assumptions.assumeTrue(NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null,
            "this machine has no IPv6 loopback");
    }

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
    }

    private void start(final String httpHost, final List<String> hosts, final Map<String, String> announced)
        throws IOException {
        final RelayConfig config = TestConfigs.loopback();
        relay = Relay.start(new RelayConfig(httpHost, 0, hosts, 0, 1, announced, config.tokenKeys(), config.apiKeys(),
            List.of(), 10, 10, config.handshakeTimeoutMs(), config.idleTimeoutMs(), config.vitalsRingMs(),
            config.vitalsRingBytes(), config.tuning(), config.reach()));
        relay.open("c1").toCompletableFuture().join();
    }

    private String token(final String who, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(who, "c1", role, who, Grants.defaultsOf(role),
            System.currentTimeMillis() + 60_000));
    }

    private List<String> candidates() throws IOException, InterruptedException, TokenRefusal {
        try (HttpClient http = HttpClient.newHttpClient()) {
            final HttpResponse<String> reply = http.send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relay.httpPort() + "/whip/c1"))
                .header("authorization", "Bearer " + token("site", Role.DEVICE))
                .header("content-type", "application/sdp")
                .POST(HttpRequest.BodyPublishers.ofString(Files.readString(OFFER))).build(),
                HttpResponse.BodyHandlers.ofString());
            assertEquals(201, reply.statusCode(), reply.body());
            return reply.body().lines().filter(line -> line.startsWith("a=candidate:") && line.contains(" udp "))
                .map(line -> line.split(" ", -1)[4]).distinct().toList();
        }
    }

    @Test
    void everyAddressOfMediaIsOffered() throws Exception {
        start("127.0.0.1", List.of("127.0.0.1", "::1", "127.0.0.2"), Map.of());
        final List<String> offered = candidates();
        assertEquals(3, offered.size(), offered.toString());
        assertEquals("127.0.0.1", offered.get(0));
        assertEquals(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral(offered.get(1)));
        assertEquals("127.0.0.2", offered.get(2));
    }

    @Test
    void thePublicAddressOfNatTakesThePlaceOfTheLocalOneInBothFamilies() throws Exception {
        start("127.0.0.1", List.of("127.0.0.1", "::1"), Map.of("127.0.0.1", "203.0.113.7", "::1", "2001:db8::7"));
        final List<String> offered = candidates();
        assertEquals(2, offered.size(), offered.toString());
        assertEquals("203.0.113.7", offered.get(0));
        assertEquals(InetAddress.ofLiteral("2001:db8::7"), InetAddress.ofLiteral(offered.get(1)));
    }

    @Test
    void mediaFlowsByIpv6() throws Exception {
        start("::1", List.of("::1"), Map.of());
        final MediaClientConfig config =
            MediaClientConfig.create().withTimeout(Duration.ofSeconds(10)).withoutFeedback();
        final URI base = URI.create("http://[::1]:" + relay.httpPort());
        try (WhepPlayer player = WhepPlayer.connect(config, base.resolve("/whep/c1"),
                token("doctor", Role.PRACTITIONER), 1, 0, (track, packet, offset, length, sequence) -> { });
            WhipPublisher publisher = WhipPublisher.connect(config, base.resolve("/whip/c1"),
                token("site", Role.DEVICE), List.of(OutgoingTrack.audio("voice")), track -> { })) {
            final byte[] sound = new byte[80];
            final AtomicInteger sent = new AtomicInteger();
            assertTrue(Await.until(() -> {
                publisher.send(0, sound, 0, sound.length, sent.getAndIncrement() * 20_000_000L);
                return player.reports().getFirst().packets() > 0;
            }));
        }
    }
}
