package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chevet.relay.net.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Debian's coturn takes the credentials that clients get, and no others. Loopback only. */
@Execution(ExecutionMode.CONCURRENT)
class CoturnTest {
    private static final Path SERVER = Path.of("/usr/bin/turnserver");
    private static final Path CLIENT = Path.of("/usr/bin/turnutils_uclient");
    private static final String SECRET = "a secret of coturn";
    private static final int PATIENCE_S = 60;

    @TempDir
    private Path folder;
    private Process server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(SERVER) && Files.isExecutable(CLIENT),
            "skipped: Debian's coturn is not installed");
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = new ProcessBuilder(SERVER.toString(), "-n", "--no-cli", "--listening-ip", "127.0.0.1", "--relay-ip",
            "127.0.0.1", "--listening-port", String.valueOf(port), "--no-tls", "--no-dtls", "--use-auth-secret",
            "--static-auth-secret", SECRET, "--realm", "chevet.test", "--allow-loopback-peers", "--pidfile",
            folder.resolve("pid").toString(), "--userdb", folder.resolve("users").toString(), "--log-file", "stdout")
            .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        assertTrue(Await.until(this::isListening), () -> log("log"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            if (!server.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    @Test
    void whatClientsGetOpensARelayByUdpAndByTcp() throws Exception {
        final TurnServers servers = new TurnServers(List.of("turn:127.0.0.1:" + port),
            SECRET.getBytes(StandardCharsets.US_ASCII), 600);
        final String link = servers.link("c1", "nurse", System.currentTimeMillis(), Long.MAX_VALUE);
        final String username = given(link, "username");
        final String credential = given(link, "credential");
        assertEquals(0, allocate(username, credential), () -> log("client"));
        assertEquals(0, allocate(username, credential, "-t"), () -> log("client"));
        assertNotEquals(0, allocate(username, "x" + credential), () -> log("client"));
        final String ended = given(servers.link("c1", "nurse", System.currentTimeMillis() - 700_000,
            Long.MAX_VALUE), "username");
        assertNotEquals(0, allocate(ended, servers.password(ended)), () -> log("client"));
    }

    private static String given(final String link, final String name) {
        final int from = link.indexOf(name + "=\"") + name.length() + 2;
        return link.substring(from, link.indexOf('"', from));
    }

    /** Sends two messages through a relay of its own; the exit code of coturn's client. */
    private int allocate(final String username, final String credential, final String... options) throws Exception {
        final List<String> command = new ArrayList<>(List.of(CLIENT.toString(), "-y", "-c", "-n", "2", "-m", "1", "-p",
            String.valueOf(port), "-u", username, "-w", credential));
        command.addAll(List.of(options));
        command.add("127.0.0.1");
        final Process client = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(folder.resolve("client").toFile()).start();
        if (!client.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            client.destroyForcibly();
            throw new AssertionError("coturn's client does not end: " + log("client"));
        }
        return client.exitValue();
    }

    private boolean isListening() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private String log(final String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return "no log";
        }
    }
}
