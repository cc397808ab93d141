package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenRefusal;
import org.chevet.relay.token.TokenVerifier;

/** A server on a free loopback port, a client, and the checks every exchange has to pass. */
final class SignalHarness implements AutoCloseable {
    static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    static final String API_KEY = "an-api-key-of-a-vendor";
    static final String ORIGIN = "https://app.example";
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final FakeDoor door = new FakeDoor();
    final SignalServer server;
    final int port;
    final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE)
        .build();
    private final JsonNode openApi;

    SignalHarness() throws IOException {
        this(SignalLimits.defaults(), List.of());
    }

    SignalHarness(final SignalLimits limits, final List<HttpRoute> routes) throws IOException {
        server = new SignalServer(
            SignalConfig.of("127.0.0.1", 0, List.of("another-key", API_KEY), List.of(ORIGIN)).withLimits(limits), door,
            new TokenVerifier(Map.of("k1", SECRET)), new TokenIssuer("k1", SECRET), System::currentTimeMillis,
            new SecureRandom(), routes);
        port = server.start();
        door.open("c1").toCompletableFuture().join();
        try (InputStream in = SignalServer.class.getResourceAsStream("openapi.json")) {
            openApi = JSON.readTree(in);
        }
    }

    @Override
    public void close() {
        server.close();
        http.shutdownNow();
        door.close();
    }

    /** Limits with short times, for tests that wait for them. */
    static SignalLimits quick(final long requestTimeoutMs, final long pingIntervalMs, final long silenceTimeoutMs) {
        final SignalLimits all = SignalLimits.defaults();
        return new SignalLimits(1, 4, all.maxBodyBytes(), all.maxHeaderBytes(), requestTimeoutMs, 2_000, 20, 500, 2,
            4096, 1024, 1_000_000, 5, pingIntervalMs, silenceTimeoutMs);
    }

    /** The defaults with another rate of vitals messages. */
    static SignalLimits slowVitals(final int messagesPerSecond) {
        final SignalLimits all = SignalLimits.defaults();
        return new SignalLimits(1, 4, all.maxBodyBytes(), all.maxHeaderBytes(), all.requestTimeoutMs(),
            all.idleTimeoutMs(), all.requestsPerSecond(), all.doorTimeoutMs(), 2, all.maxVitalsMessageBytes(),
            all.maxSessionMessageBytes(), messagesPerSecond, all.sessionMessagesPerSecond(), all.pingIntervalMs(),
            all.silenceTimeoutMs());
    }

    /** What came back. */
    record Result(int status, Map<String, List<String>> headers, String body) {
        String header(final String name) {
            final List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            return values == null ? "" : values.getFirst();
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }
    }

    static String token(final String sub, final Role role, final String... grants) {
        return token(sub, "c1", role, 60_000, grants);
    }

    static String token(final String sub, final String consultation, final Role role, final long ttlMs,
        final String... grants) {
        final long nowMs = System.currentTimeMillis();
        // Issued in the past when the token shall be about to expire.
        final long issuedMs = Math.min(nowMs, nowMs + ttlMs - 1);
        try {
            return new TokenIssuer("k1", SECRET).issue(new Claims(sub, consultation, role, "Name",
                grants.length == 0 ? Grants.defaultsOf(role) : Grants.parse(List.of(grants)), nowMs + ttlMs),
                issuedMs);
        } catch (TokenRefusal e) {
            throw new AssertionError(e);
        }
    }

    static String offer(final String name) {
        try {
            return AnswerFixtures.text(name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Result call(final String method, final String path, final String body, final String... headers)
        throws IOException, InterruptedException {
        final HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE).method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        final HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        final Result result = new Result(response.statusCode(), response.headers().map(), response.body());
        check(method, path, result);
        return result;
    }

    Result whip(final String token, final String offer, final String query) throws IOException, InterruptedException {
        return call("POST", "/whip/c1" + query, offer, "Authorization", "Bearer " + token, "Content-Type",
            "application/sdp");
    }

    Result whep(final String token, final String offer, final String query) throws IOException, InterruptedException {
        return call("POST", "/whep/c1" + query, offer, "Authorization", "Bearer " + token, "Content-Type",
            "application/sdp");
    }

    Result api(final String method, final String path, final String body) throws IOException, InterruptedException {
        return call(method, path, body, "Authorization", "Bearer " + API_KEY, "Content-Type", "application/json");
    }

    /** A bare TCP connection. */
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Sends raw bytes and reads until the server closes or goes quiet. */
    String raw(final String text) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(3_000);
            final OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return read(socket);
        }
    }

    static String read(final Socket socket) throws IOException {
        final StringBuilder text = new StringBuilder();
        final InputStream in = socket.getInputStream();
        final byte[] buffer = new byte[8192];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (java.net.SocketTimeoutException quiet) {
            text.append("");
        }
        checkNoTrace(text.toString());
        return text.toString();
    }

    /** Asserts that a call is refused as a problem of the type and counted once. */
    Result refused(final ProblemType type, final Exchange exchange) throws IOException, InterruptedException {
        final long before = server.stats().refused(type);
        final Result result = exchange.run();
        assertEquals(type.status(), result.status(), result.body());
        assertEquals("application/problem+json", result.header("content-type"));
        final JsonNode problem = result.json();
        assertEquals(type.urn(), problem.path("type").asText());
        assertEquals(type.status(), problem.path("status").asInt());
        assertFalse(problem.path("title").asText().isBlank());
        assertFalse(problem.path("detail").asText().isBlank());
        assertEquals(before + 1, server.stats().refused(type), "counted under " + type.label());
        return result;
    }

    interface Exchange {
        Result run() throws IOException, InterruptedException;
    }

    static void await(final String what, final BooleanSupplier condition) throws InterruptedException {
        assertTrue(Await.until(condition), "waited too long for: " + what);
    }

    static void checkNoTrace(final String text) {
        for (final String sign : List.of("\tat ", "Exception", "java.", "io.netty", "org.chevet",
            "secret-in-message")) {
            assertFalse(text.contains(sign), "a peer must not see '" + sign + "': " + text);
        }
    }

    /** Every status and type the server sends must be in the OpenAPI file. */
    private void check(final String method, final String path, final Result result) {
        if (result.status() >= 400) {
            checkNoTrace(result.body());
            assertEquals("nosniff", result.header("x-content-type-options"));
        }
        final String bare = path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
        final String template = template(bare);
        if (template.isEmpty()) {
            return;
        }
        if (result.status() == 405) {
            assertTrue(openApi.path("paths").path(template).path(method.toLowerCase(Locale.ROOT)).isMissingNode());
            assertFalse(result.header("allow").isBlank());
            return;
        }
        final JsonNode operation = openApi.path("paths").path(template).path(method.toLowerCase(Locale.ROOT));
        assertFalse(operation.isMissingNode(), method + " " + template + " is not in the OpenAPI file");
        final JsonNode documented = operation.path("responses").path(String.valueOf(result.status()));
        assertFalse(documented.isMissingNode(),
            result.status() + " of " + method + " " + template + " is not in the OpenAPI file: " + result.body());
        final JsonNode resolved = documented.has("$ref")
            ? openApi.at(documented.path("$ref").asText().substring(1)) : documented;
        assertFalse(resolved.isMissingNode(), documented.toString());
        if (!result.body().isEmpty()) {
            assertNotNull(resolved.path("content").get(result.header("content-type")),
                result.header("content-type") + " of " + method + " " + template);
        }
    }

    private static String template(final String path) {
        final String[] parts = path.substring(1).split("/", -1);
        if (List.of(parts).contains("")) {
            return "";
        }
        if (path.equals("/v1/consultations") || path.equals("/v1/tokens") || path.equals("/v1/openapi.json")
            || path.equals("/v1/session.schema.json")
            || path.equals("/v1/vitals") || path.equals("/v1/session")) {
            return path;
        }
        if (path.startsWith("/v1/consultations/") && parts.length == 3) {
            return "/v1/consultations/{consultation}";
        }
        if ((parts[0].equals("whip") || parts[0].equals("whep")) && parts.length > 1 && parts.length < 4) {
            return "/" + parts[0] + "/{consultation}" + (parts.length == 3 ? "/{resource}" : "");
        }
        return "";
    }
}
