package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.signal.SignalHarness.Result;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The table of bad input over HTTP: each row a status, a problem type, a count, no trace, and no effect. */
@Execution(ExecutionMode.CONCURRENT)
class BadInputTest {
    private static final String OFFER = "chromium156-av-sendonly";
    private SignalHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = new SignalHarness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private static String encoded(final String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String signedBy(final String kid, final byte[] secret) throws Exception {
        final long nowMs = System.currentTimeMillis();
        return new TokenIssuer(kid, secret).issue(new Claims("site", "c1", Role.COMPANION, "",
            Grants.defaultsOf(Role.COMPANION), nowMs + 60_000), nowMs);
    }

    private record Row(String what, ProblemType type, String token, String path, String type1, String body) {
    }

    private List<Row> rows() throws Exception {
        final String good = SignalHarness.token("site", Role.COMPANION);
        final String offer = SignalHarness.offer(OFFER);
        final String sdp = "application/sdp";
        final byte[] wrong = "ffffffffffffffffffffffffffffffff".getBytes(StandardCharsets.UTF_8);
        final String none = encoded("{\"alg\":\"none\"}") + "."
            + encoded("{\"sub\":\"site\",\"consultation\":\"c1\",\"role\":\"companion\",\"exp\":9999999999}") + ".";
        final List<Row> rows = new ArrayList<>();
        for (final String door : List.of("/whip/", "/whep/")) {
            rows.add(new Row("no token", ProblemType.TOKEN_MISSING, "", door + "c1", sdp, offer));
            rows.add(new Row("garbage token", ProblemType.TOKEN_MALFORMED, "a.b", door + "c1", sdp, offer));
            rows.add(new Row("wrong secret", ProblemType.TOKEN_BAD_SIGNATURE, signedBy("k1", wrong), door + "c1", sdp,
                offer));
            rows.add(new Row("unknown kid", ProblemType.TOKEN_UNKNOWN_KEY, signedBy("k2", wrong), door + "c1", sdp,
                offer));
            rows.add(new Row("alg none", ProblemType.TOKEN_WRONG_ALGORITHM, none, door + "c1", sdp, offer));
            rows.add(new Row("expired", ProblemType.TOKEN_EXPIRED,
                SignalHarness.token("site", "c1", Role.COMPANION, -31_000), door + "c1", sdp, offer));
            rows.add(new Row("oversized token", ProblemType.TOKEN_OVERSIZED, "a".repeat(5000), door + "c1", sdp,
                offer));
            rows.add(new Row("other consultation", ProblemType.OTHER_CONSULTATION,
                SignalHarness.token("site", "c2", Role.COMPANION, 60_000), door + "c1", sdp, offer));
            rows.add(new Row("unknown consultation", ProblemType.NOT_FOUND,
                SignalHarness.token("site", "c2", Role.COMPANION, 60_000), door + "c2", sdp, offer));
            rows.add(new Row("missing grant", ProblemType.NOT_GRANTED,
                SignalHarness.token("site", Role.DEVICE, "publish:waveform", "subscribe:waveform"), door + "c1", sdp,
                offer));
            rows.add(new Row("wrong type", ProblemType.UNSUPPORTED_MEDIA_TYPE, good, door + "c1", "text/plain", offer));
            rows.add(new Row("not SDP", ProblemType.MALFORMED_SDP, good, door + "c1", sdp, "hello"));
            rows.add(new Row("empty", ProblemType.MALFORMED_SDP, good, door + "c1", sdp, ""));
            rows.add(new Row("no ICE", ProblemType.UNACCEPTABLE_OFFER, good, door + "c1", sdp,
                offer.replaceAll("a=ice-(ufrag|pwd):[^\r\n]*\r?\n", "")));
            rows.add(new Row("body too large", ProblemType.TOO_LARGE, good, door + "c1", sdp, "v".repeat(200_000)));
            rows.add(new Row("national number", ProblemType.INVALID_ID, good, door + "1850578006084", sdp, offer));
            rows.add(new Row("bad id", ProblemType.INVALID_ID, good, door + "c%201", sdp, offer));
            rows.add(new Row("no id", ProblemType.NO_SUCH_PATH, good, door, sdp, offer));
            rows.add(new Row("deep path", ProblemType.NO_SUCH_PATH, good, door + "c1/a/b", sdp, offer));
            rows.add(new Row("dots", ProblemType.MALFORMED_REQUEST, good, door + "c1/%2e%2e/x", sdp, offer));
            rows.add(new Row("slash in disguise", ProblemType.MALFORMED_REQUEST, good, door + "c1%2fx", sdp, offer));
            rows.add(new Row("double slash", ProblemType.MALFORMED_REQUEST, good, door + "/c1", sdp, offer));
            rows.add(new Row("not UTF-8", ProblemType.MALFORMED_REQUEST, good, door + "%ff", sdp, offer));
            rows.add(new Row("zero byte", ProblemType.MALFORMED_REQUEST, good, door + "c1%00", sdp, offer));
            rows.add(new Row("too many parameters", ProblemType.MALFORMED_REQUEST, good,
                door + "c1?" + "a=b&".repeat(40), sdp, offer));
        }
        rows.add(new Row("video not granted", ProblemType.NOT_GRANTED,
            SignalHarness.token("site", Role.GUEST, "publish:audio"), "/whip/c1", sdp, offer));
        rows.add(new Row("device audio not granted", ProblemType.NOT_GRANTED,
            SignalHarness.token("site", Role.GUEST), "/whip/c1?audio=device", sdp, offer));
        rows.add(new Row("bad from", ProblemType.INVALID_ID, good, "/whep/c1?from=a%20b", sdp, offer));
        return rows;
    }

    @TestFactory
    List<DynamicTest> everyRowIsRefusedCountedAndWithoutEffect() throws Exception {
        return rows().stream().map(row -> DynamicTest.dynamicTest(row.path + ": " + row.what, () -> {
            final Result result = harness.refused(row.type, () -> row.token.isEmpty()
                ? harness.call("POST", row.path, row.body, "Content-Type", row.type1)
                : harness.call("POST", row.path, row.body, "Content-Type", row.type1, "Authorization",
                    "Bearer " + row.token));
            if (result.status() == 401) {
                assertTrue(result.header("www-authenticate").startsWith("Bearer realm="));
            }
            if (row.token.length() > 10) {
                assertFalse(result.body().contains(row.token), "a token must not come back");
            }
            assertEquals(List.of(), harness.door.peers.get("c1"));
        })).toList();
    }

    @Test
    void wrongMethodsNameTheRightOnes() throws Exception {
        for (final String path : List.of("/whip/c1", "/whep/c1", "/whip/c1/abc", "/v1/tokens", "/v1/consultations",
            "/v1/consultations/c1", "/v1/openapi.json")) {
            harness.refused(ProblemType.METHOD_NOT_ALLOWED, () -> harness.call("PUT", path, "x"));
        }
        harness.refused(ProblemType.METHOD_NOT_ALLOWED, () -> harness.call("GET", "/whip/c1", null));
        harness.refused(ProblemType.METHOD_NOT_ALLOWED, () -> harness.call("POST", "/whip/c1/abc", "x"));
    }

    @Test
    void anAcceptThatExcludesSdpIs406() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        harness.refused(ProblemType.NOT_ACCEPTABLE, () -> harness.call("POST", "/whip/c1", SignalHarness.offer(OFFER),
            "Authorization", "Bearer " + token, "Content-Type", "application/sdp", "Accept", "application/json"));
        assertEquals(201, harness.call("POST", "/whip/c1", SignalHarness.offer(OFFER), "Authorization",
            "Bearer " + token, "Content-Type", "Application/SDP; charset=utf-8", "Accept", "text/html, */*;q=0.1")
            .status());
    }

    @Test
    void aSecondPublisherWithTheSameIdentityIs409AndTheFirstStays() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        assertEquals(201, harness.whip(token, SignalHarness.offer(OFFER), "").status());
        harness.refused(ProblemType.CONFLICT, () -> harness.whip(token, SignalHarness.offer(OFFER), ""));
        assertEquals(1, harness.door.peers.get("c1").size());
    }

    @Test
    void refusalsOfTheLaneKeepTheirKind() throws Exception {
        final String token = SignalHarness.token("site", Role.COMPANION);
        for (final Reason reason : Reason.values()) {
            harness.door.refuseAll = reason;
            final ProblemType type = switch (reason) {
                case NOT_FOUND -> ProblemType.NOT_FOUND;
                case FORBIDDEN -> ProblemType.NOT_GRANTED;
                case EVICTED -> ProblemType.EVICTED;
                case EPOCH_CONFLICT -> ProblemType.EPOCH_CONFLICT;
                case CONFLICT -> ProblemType.CONFLICT;
                case UNACCEPTABLE -> ProblemType.UNACCEPTABLE_OFFER;
                case EXHAUSTED -> ProblemType.EXHAUSTED;
                case UNAVAILABLE -> ProblemType.UNAVAILABLE;
            };
            harness.refused(type, () -> harness.whip(token, SignalHarness.offer(OFFER), ""));
        }
    }

    @Test
    void aLaneThatFailsIs500WithoutItsMessage() throws Exception {
        harness.door.broken = true;
        harness.refused(ProblemType.INTERNAL_ERROR,
            () -> harness.whip(SignalHarness.token("site", Role.COMPANION), SignalHarness.offer(OFFER), ""));
    }

    @Test
    void bytesThatAreNotHttpAreRefused() throws Exception {
        final long before = harness.server.stats().refused(ProblemType.MALFORMED_REQUEST);
        for (final String bytes : List.of("\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n", "GET\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\nhost: a\r\n\r\n",
            "POST /whip/c1 HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            "POST /whip/c1 HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n")) {
            final String answer = harness.raw(bytes);
            assertTrue(answer.startsWith("HTTP/1.1 400 "), bytes + " -> " + answer);
            assertTrue(answer.contains(ProblemType.MALFORMED_REQUEST.urn()), answer);
        }
        assertEquals(before + 8, harness.server.stats().refused(ProblemType.MALFORMED_REQUEST));
    }

    @Test
    void headerBombsAndLongTargetsAreRefused() throws Exception {
        final String many = "GET / HTTP/1.1\r\nhost: a\r\n" + "x: y\r\n".repeat(10_000) + "\r\n";
        assertTrue(harness.raw(many).startsWith("HTTP/1.1 431 "));
        final String big = "GET / HTTP/1.1\r\nhost: a\r\nx: " + "y".repeat(100_000) + "\r\n\r\n";
        assertTrue(harness.raw(big).startsWith("HTTP/1.1 431 "));
        assertEquals(2, harness.server.stats().refused(ProblemType.HEADERS_TOO_LARGE));
        assertTrue(harness.raw("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nhost: a\r\n\r\n")
            .startsWith("HTTP/1.1 414 "));
        assertEquals(1, harness.server.stats().refused(ProblemType.URI_TOO_LONG));
    }

    @Test
    void aChunkedBodyWithoutEndIsCutOff() throws Exception {
        final String chunk = "2000\r\n" + "v".repeat(0x2000) + "\r\n";
        final String answer = harness.raw("POST /whip/c1 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunk.repeat(20));
        assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        final String one = "OPTIONS /whip/c1 HTTP/1.1\r\nhost: a\r\n\r\n";
        final String two = "GET /v1/nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        final String answer = harness.raw(one + one + two);
        assertEquals(2, answer.split("HTTP/1.1 204 ", -1).length - 1, answer);
        assertTrue(answer.lastIndexOf("204") < answer.indexOf("HTTP/1.1 404 "), answer);
    }

    @Test
    void expectContinueIsServed() throws Exception {
        final String answer = harness.raw("POST /whip/c1 HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n"
            + "content-length: 1\r\nconnection: close\r\n\r\nx");
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n"), answer);
        assertTrue(answer.contains("HTTP/1.1 401 "), answer);
    }

    @Test
    void aClientThatLeavesMidRequestHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = harness.connect()) {
                socket.getOutputStream().write("POST /whip/c1 HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc"
                    .getBytes(StandardCharsets.US_ASCII));
                socket.setSoLinger(true, 0);
            }
        }
        assertEquals(204, harness.call("OPTIONS", "/whip/c1", null).status());
    }
}
