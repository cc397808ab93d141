package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.signal.SignalHarness.Result;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenVerifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("REQ-O22")
class ApiTest {
    private SignalHarness harness;

    private static HttpRoute route(final String path, final HttpRoute.Reply reply) {
        return new HttpRoute() {
            @Override
            public String path() {
                return path;
            }

            @Override
            public Reply handle(final Request request) {
                if (request.path().endsWith("/boom")) {
                    throw new IllegalStateException("secret-in-message");
                }
                return reply;
            }
        };
    }

    private static HttpRoute.Reply text(final String text) {
        return HttpRoute.Reply.of(200, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void start() throws IOException {
        harness = new SignalHarness(SignalLimits.defaults(), List.of(route("/", text("root")),
            route("/console/", text("console")), route("/metrics", text("metrics")),
            route("/none/", HttpRoute.Reply.notFound())));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void consultationsAreOpenedShownAndEnded() throws Exception {
        final Result opened = harness.api("POST", "/v1/consultations", "{\"id\":\"visit-7\"}");
        assertEquals(201, opened.status(), opened.body());
        assertEquals("/v1/consultations/visit-7", opened.header("location"));
        assertEquals("visit-7", opened.json().path("id").asText());
        harness.refused(ProblemType.CONFLICT, () -> harness.api("POST", "/v1/consultations", "{\"id\":\"visit-7\"}"));
        assertEquals(200, harness.api("GET", "/v1/consultations/visit-7", null).status());
        assertEquals(204, harness.api("DELETE", "/v1/consultations/visit-7", null).status());
        harness.refused(ProblemType.NOT_FOUND, () -> harness.api("GET", "/v1/consultations/visit-7", null));
        harness.refused(ProblemType.NOT_FOUND, () -> harness.api("DELETE", "/v1/consultations/visit-7", null));
    }

    @Test
    @Tag("REQ-O21")
    void whatAConsultationAsksOfEncryptionIsTold() throws Exception {
        for (final String policy : List.of("required", "allowed", "off")) {
            final String path = "/v1/consultations/visit-" + policy;
            assertEquals(policy, harness.api("POST", "/v1/consultations", "{\"id\":\"visit-" + policy
                + "\",\"e2ee\":\"" + policy + "\"}").json().path("e2ee").asText());
            assertEquals(policy, harness.api("GET", path, null).json().path("e2ee").asText());
        }
        harness.refused(ProblemType.INVALID_FIELD,
            () -> harness.api("POST", "/v1/consultations", "{\"e2ee\":\"perhaps\"}"));
    }

    @Test
    @Tag("REQ-O7")
    void aParticipantIsPutOutByTheOneWhoHoldsTheApiKey() throws Exception {
        assertEquals(204, harness.api("DELETE", "/v1/consultations/c1/participants/guest-2", null).status());
        assertEquals(List.of("guest-2"), harness.door.removed);
        harness.refused(ProblemType.NOT_FOUND,
            () -> harness.api("DELETE", "/v1/consultations/c9/participants/guest-2", null));
        harness.refused(ProblemType.INVALID_ID,
            () -> harness.api("DELETE", "/v1/consultations/c1/participants/a%20b", null));
        harness.refused(ProblemType.METHOD_NOT_ALLOWED,
            () -> harness.api("GET", "/v1/consultations/c1/participants/guest-2", null));
        harness.refused(ProblemType.API_KEY_WRONG, () -> harness.call("DELETE",
            "/v1/consultations/c1/participants/guest-2", null, "Authorization",
            "Bearer " + SignalHarness.token("dr", Role.PRACTITIONER)));
        assertEquals(1, harness.door.removed.size());
    }

    @Test
    void anIdIsMadeWhenNoneIsGiven() throws Exception {
        final String id = harness.api("POST", "/v1/consultations", null).json().path("id").asText();
        assertTrue(id.matches("[0-9a-f]{32}"), id);
        assertEquals(200, harness.api("GET", "/v1/consultations/" + id, null).status());
    }

    @Test
    void theRosterShowsWhoIsThere() throws Exception {
        harness.whip(SignalHarness.token("site", Role.COMPANION), SignalHarness.offer("chromium156-av-sendonly"), "");
        final JsonNode roster = harness.api("GET", "/v1/consultations/c1", null).json().path("roster");
        assertEquals("[{\"participant\":\"site\",\"role\":\"companion\",\"name\":\"Name\",\"ready\":false,"
            + "\"connections\":[\"whip\"],\"publications\":[]}]", roster.toString());
    }

    @Test
    void tokensOpenTheDoorsTheyNameAndLinksHoldThemInTheFragmentOnly() throws Exception {
        final Result made = harness.api("POST", "/v1/tokens", "{\"consultation\":\"c1\",\"participant\":\"dr\","
            + "\"role\":\"practitioner\",\"name\":\"Dr Zoé\",\"ttlSeconds\":60}");
        assertEquals(201, made.status(), made.body());
        final String token = made.json().path("token").asText();
        final JsonNode links = made.json().path("links");
        final String base = "127.0.0.1:" + harness.port;
        assertEquals("http://" + base + "/practitioner#t=" + token, links.path("page").asText());
        assertEquals("http://" + base + "/whep/c1", links.path("whep").asText());
        assertEquals("ws://" + base + "/v1/vitals", links.path("vitals").asText());
        assertTrue(made.json().path("expiresAt").asText().endsWith("Z"));
        assertEquals(201, harness.whep(token, SignalHarness.offer("chromium156-recvonly"), "").status());
        final String site = harness.api("POST", "/v1/tokens",
            "{\"consultation\":\"c1\",\"participant\":\"s\",\"role\":\"companion\"}").json().path("links").path("page")
            .asText();
        assertTrue(site.startsWith("http://" + base + "/site#t="), site);
        assertEquals(2, harness.server.stats().counted(SignalCounter.TOKENS_ISSUED));
    }

    @Test
    void tokenRequestsAreChecked() throws Exception {
        final String start = "{\"consultation\":\"c1\",\"participant\":\"p\",\"role\":\"guest\"";
        invalid(ProblemType.INVALID_FIELD, "{\"consultation\":\"c1\",\"participant\":\"p\"}");
        invalid(ProblemType.INVALID_FIELD, "{\"consultation\":\"c1\",\"participant\":\"p\",\"role\":\"king\"}");
        invalid(ProblemType.INVALID_FIELD, "{\"consultation\":\"c1\",\"participant\":7,\"role\":\"guest\"}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"ttl\":5}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"ttlSeconds\":0}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"ttlSeconds\":86401}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"ttlSeconds\":1.5}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"grants\":[\"fly\"]}");
        invalid(ProblemType.INVALID_FIELD, start + ",\"grants\":\"publish:audio\"}");
        invalid(ProblemType.INVALID_ID, "{\"consultation\":\"c1\",\"participant\":\"a b\",\"role\":\"guest\"}");
        invalid(ProblemType.NOT_FOUND, "{\"consultation\":\"c9\",\"participant\":\"p\",\"role\":\"guest\"}");
    }

    @Test
    @Tag("REQ-O4")
    void nationalNumbersAreRefusedWhereverIdsAndNamesEnter() throws Exception {
        invalid(ProblemType.INVALID_ID,
            "{\"consultation\":\"c1\",\"participant\":\"185057800608436\",\"role\":\"patient\"}");
        invalid(ProblemType.INVALID_ID, "{\"consultation\":\"c1\",\"participant\":\"p\",\"role\":\"patient\","
            + "\"name\":\"Jean 1 85 05 2A 006 084\"}");
        harness.refused(ProblemType.INVALID_ID,
            () -> harness.api("POST", "/v1/consultations", "{\"id\":\"1850578006084\"}"));
        harness.refused(ProblemType.INVALID_ID, () -> harness.api("GET", "/v1/consultations/1850578006084", null));
        final String token = SignalHarness.token("site", Role.COMPANION);
        harness.refused(ProblemType.INVALID_ID, () -> harness.whip(token,
            SignalHarness.offer("chromium156-av-sendonly"), "?label=1850578006084"));
        harness.refused(ProblemType.INVALID_ID, () -> harness.whep(token,
            SignalHarness.offer("chromium156-recvonly"), "?from=1850578006084"));
    }

    private void invalid(final ProblemType type, final String body) throws IOException, InterruptedException {
        harness.refused(type, () -> harness.api("POST", "/v1/tokens", body));
    }

    @Test
    void malformedJsonIsRefusedWithItsPlace() throws Exception {
        for (final String body : List.of("{", "[]", "7", "{\"id\":\"a\"}x", "{\"id\":\"a\",\"id\":\"b\"}", "\u0000",
            "{\"id\":" + "[".repeat(5000))) {
            harness.refused(ProblemType.MALFORMED_JSON, () -> harness.api("POST", "/v1/consultations", body));
        }
        harness.refused(ProblemType.UNSUPPORTED_MEDIA_TYPE, () -> harness.call("POST", "/v1/consultations", "{}",
            "Authorization", "Bearer " + SignalHarness.API_KEY, "Content-Type", "text/plain"));
    }

    @Test
    void onlyApiKeysOpenTheApi() throws Exception {
        for (final String[] headers : List.of(new String[0], new String[] {"Authorization", "Bearer wrong"},
            new String[] {"Authorization", "Basic " + SignalHarness.API_KEY},
            new String[] {"Authorization", "Bearer " + SignalHarness.token("dr", Role.PRACTITIONER)})) {
            for (final String path : List.of("/v1/consultations", "/v1/tokens")) {
                final Result result = harness.refused(ProblemType.API_KEY_WRONG,
                    () -> harness.call("POST", path, "{}", headers));
                assertTrue(result.header("www-authenticate").startsWith("Bearer"));
            }
            harness.refused(ProblemType.API_KEY_WRONG,
                () -> harness.call("DELETE", "/v1/consultations/c1", null, headers));
        }
    }

    @Test
    void theOpenApiFileIsServedAndNamesEveryProblem() throws Exception {
        final Result result = harness.call("GET", "/v1/openapi.json", null);
        assertEquals(200, result.status());
        assertEquals("3.1.0", result.json().path("openapi").asText());
        final Set<String> named = new HashSet<>();
        result.json().at("/components/schemas/Problem/properties/type/enum").forEach(type -> named.add(type.asText()));
        final Set<String> used = new HashSet<>();
        for (final ProblemType type : ProblemType.values()) {
            used.add(type.urn());
        }
        assertEquals(used, named);
    }

    @Test
    void routesOfOthersAreServedByTheLongestMatch() throws Exception {
        assertEquals("root", harness.call("GET", "/", null).body());
        assertEquals("root", harness.call("GET", "/practitioner", null).body());
        assertEquals("console", harness.call("GET", "/console/chevet.js", null).body());
        assertEquals("metrics", harness.call("GET", "/metrics", null).body());
        final Result head = harness.call("HEAD", "/metrics", null);
        assertEquals("7", head.header("content-length"));
        harness.refused(ProblemType.NO_SUCH_PATH, () -> harness.call("GET", "/none/x", null));
        harness.refused(ProblemType.NO_SUCH_PATH, () -> harness.call("GET", "/v1/other", null));
    }

    @Test
    void aRouteThatFailsTellsThePeerNothing() throws Exception {
        harness.refused(ProblemType.INTERNAL_ERROR, () -> harness.call("GET", "/boom", null));
        assertEquals(1, harness.server.stats().counted(SignalCounter.ROUTE_ERRORS));
        assertEquals("root", harness.call("GET", "/", null).body());
    }

    @Test
    void aPortInUseIsOneSentence() {
        final SignalServer second = new SignalServer(
            SignalConfig.of("127.0.0.1", harness.port, List.of("k"), List.of()), harness.door,
            new TokenVerifier(Map.of("k1", SignalHarness.SECRET)), new TokenIssuer("k1", SignalHarness.SECRET),
            System::currentTimeMillis, new SecureRandom(), List.of());
        final String message = assertThrows(IOException.class, second::start).getMessage();
        assertEquals("HTTP cannot listen on 127.0.0.1 port " + harness.port + ": the port is in use", message);
        second.close();
    }
}
