package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenIssuer;

/** {@code chevet serve} in a process of its own, with one consultation open. */
final class RelayProcess implements AutoCloseable {
    private static final long PATIENCE_NS = 300_000_000_000L;
    private static final String API_KEY = "api-key-for-this-test-only";
    private static final String SECRET = "secret-for-this-test-only-0123456789abcdef";

    private final Process process;
    private final Path log;
    private final String consultation;
    private final int port;

    private RelayProcess(final Process process, final Path log, final String consultation, final int port) {
        this.process = process;
        this.log = log;
        this.consultation = consultation;
        this.port = port;
    }

    /**
     * Starts it; returns when the consultation is open.
     *
     * @param folder for configuration and log
     * @param port for HTTP and media
     * @param policy of end-to-end encryption
     * @param options of its JVM
     */
    static RelayProcess start(final Path folder, final int port, final String consultation,
        final EndToEndPolicy policy, final String... options)
        throws IOException, InterruptedException {
        final Path config = folder.resolve("chevet.yaml");
        Files.writeString(config, """
            http: {host: 127.0.0.1, port: %d}
            media: {hosts: [127.0.0.1], port: %d, lanes: 1}
            tokens: {keys: {main: "%s"}}
            api: {keys: ["%s"]}
            e2ee: {default: %s}
            """.formatted(port, port, SECRET, API_KEY, policy.label()));
        final String modules = System.getProperty("jdk.module.path", "");
        final String classes = System.getProperty("java.class.path")
            + (modules.isEmpty() ? "" : File.pathSeparator + modules);
        final Path log = Files.createTempFile(folder, "relay", ".log");
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classes, "org.chevet.ops.start.Start", "serve", "--config", config.toString()));
        final Process process =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        final RelayProcess relay = new RelayProcess(process, log, consultation, port);
        try (HttpClient http = HttpClient.newHttpClient()) {
            final HttpRequest open = HttpRequest.newBuilder(relay.http("/v1/consultations"))
                .header("Authorization", "Bearer " + API_KEY).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"" + consultation + "\"}")).build();
            await(() -> process.isAlive() && opened(http, open), "a relay: " + Files.readString(log));
        }
        return relay;
    }

    private static boolean opened(final HttpClient http, final HttpRequest open) {
        try {
            return http.send(open, HttpResponse.BodyHandlers.discarding()).statusCode() == 201;
        } catch (final IOException notYet) {
            return false;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A port that was free a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** All it has said. */
    byte[] log() throws IOException {
        return Files.readAllBytes(log);
    }

    URI http(final String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** A token for the consultation. */
    String token(final String participant, final Role role) throws Exception {
        return new TokenIssuer("main", SECRET.getBytes(StandardCharsets.UTF_8)).issue(
            new Claims(participant, consultation, role, participant, Grants.defaultsOf(role),
                System.currentTimeMillis() + 3_600_000), System.currentTimeMillis());
    }

    int port() {
        return port;
    }

    /** The vitals WebSocket of a participant. */
    WebSocketTransport vitals(final String participant, final Role role) throws Exception {
        return vitals(participant, role, port);
    }

    /** The same by another port that leads to the relay's. */
    WebSocketTransport vitals(final String participant, final Role role, final int through) throws Exception {
        final String token = token(participant, role);
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + through + "/v1/vitals"), () -> token);
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Waits until something in another process has come about; fails with the words when it does not. */
    static void await(final BooleanSupplier condition, final String what) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
