package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenVerifier;
import org.junit.jupiter.api.Test;

/** Credentials of the REST convention, and the header that carries them. */
class TurnServersTest {
    private static final byte[] SECRET = "a secret of coturn".getBytes(StandardCharsets.US_ASCII);
    private static final String UDP = "turn:turn.example:3478?transport=udp";
    private static final String TLS = "turns:[2001:db8::1]:443?transport=tcp";

    private final TurnServers servers = new TurnServers(List.of(UDP, TLS), SECRET, 600);

    /** printf 1700000000:p1 | openssl dgst -sha1 -hmac 'a secret of coturn' -binary | base64 */
    @Test
    void thePasswordIsWhatOpensslComputes() {
        assertEquals("8cS9KkRu2vA98ANPSJEpA8uMhso=", servers.password("1700000000:p1"));
    }

    @Test
    void eachServerIsALinkWithTheTimeItEnds() {
        final String link = servers.link("c1", "p1", 1_699_999_400_999L, Long.MAX_VALUE);
        final String[] links = link.split(", ", -1);
        assertEquals(2, links.length);
        assertTrue(links[0].matches("<" + Pattern.quote(UDP) + ">; rel=\"ice-server\"; "
            + "username=\"1700000000:[0-9a-f]{16}\"; credential=\"[A-Za-z0-9+/=]{28}\"; credential-type=\"password\""),
            links[0]);
        assertTrue(links[1].startsWith("<" + TLS + ">; "), links[1]);
    }

    @Test
    void credentialsEndWithTheTokenAtTheLatest() {
        final long nowMs = 1_699_999_400_999L;
        assertTrue(servers.link("c1", "p1", nowMs, 1_699_999_460_500L).contains("username=\"1699999460:"));
        assertTrue(servers.link("c1", "p1", nowMs, 1_800_000_000_000L).contains("username=\"1700000000:"));
    }

    @Test
    void aParticipantHasOneNameThatDoesNotTellWhoItIs() {
        final String first = servers.link("c1", "nurse", 0, Long.MAX_VALUE);
        assertEquals(first, servers.link("c1", "nurse", 999, Long.MAX_VALUE));
        assertNotEquals(first, servers.link("c1", "doctor", 0, Long.MAX_VALUE));
        assertNotEquals(first, servers.link("c2", "nurse", 0, Long.MAX_VALUE));
        assertFalse(first.contains("nurse"));
    }

    @Test
    void participantsAreToldByPostAndOptionsAndNobodyElseIs() throws Exception {
        try (FakeDoor door = new FakeDoor();
            SignalServer server = new SignalServer(SignalConfig.of("127.0.0.1", 0, List.of(), List.of())
                .withTurn(servers), door, new TokenVerifier(Map.of("k1", SignalHarness.SECRET)),
                new TokenIssuer("k1", SignalHarness.SECRET), System::currentTimeMillis, new SecureRandom(), List.of());
            HttpClient http = HttpClient.newHttpClient()) {
            final URI whip = URI.create("http://127.0.0.1:" + server.start() + "/whip/c1");
            door.open("c1").toCompletableFuture().join();
            final String token = SignalHarness.token("site", Role.COMPANION);
            final HttpRequest.BodyPublisher offer =
                HttpRequest.BodyPublishers.ofString(SignalHarness.offer("chromium156-av-sendonly"));
            final HttpResponse<String> created = http.send(HttpRequest.newBuilder(whip).POST(offer)
                .header("authorization", "Bearer " + token).header("content-type", "application/sdp").build(),
                HttpResponse.BodyHandlers.ofString());
            assertEquals(201, created.statusCode(), created.body());
            assertTrue(created.headers().firstValue("link").orElse("").startsWith("<" + UDP + ">; rel=\"ice-server\""));
            assertTrue(options(http, whip, token).startsWith("<" + UDP + ">; rel=\"ice-server\"; username="));
            assertEquals("", options(http, whip, ""));
            assertEquals("", options(http, whip, token + "x"));
            assertEquals("", options(http, whip, SignalHarness.token("site", "c2", Role.COMPANION, 60_000)));
        }
    }

    private static String options(final HttpClient http, final URI whip, final String token)
        throws IOException, InterruptedException {
        final HttpRequest.Builder request =
            HttpRequest.newBuilder(whip).method("OPTIONS", HttpRequest.BodyPublishers.noBody());
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        final HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(204, response.statusCode());
        return response.headers().firstValue("link").orElse("");
    }

    @Test
    void noServerIsNoHeaderAndNothingShowsTheSecret() {
        assertEquals("", TurnServers.none().link("c1", "p1", 0, Long.MAX_VALUE));
        assertFalse(servers.toString().contains("secret"));
        for (final String url : List.of("stun:a", "turn:", "turn:a>; rel=x", "https://a", "turn:a?transport=sctp")) {
            assertThrows(IllegalArgumentException.class, () -> new TurnServers(List.of(url), SECRET, 600), url);
        }
        assertThrows(IllegalArgumentException.class, () -> new TurnServers(List.of(UDP), new byte[0], 600));
    }
}
