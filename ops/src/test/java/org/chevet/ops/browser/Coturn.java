package org.chevet.ops.browser;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's coturn on loopback, by TCP and, with a certificate made for it, by TLS; UDP to clients is off. One test
 * thread.
 */
final class Coturn implements AutoCloseable {
    /** What coturn and the relay share. */
    static final String SECRET = "a secret of coturn";
    private static final Path SERVER = Path.of("/usr/bin/turnserver");
    private static final String LISTENING = "listener opened on";
    private static final int PATIENCE_S = 30;

    private final Process process;
    private final int port;
    private final int tlsPort;

    private Coturn(final Process process, final int port, final int tlsPort) {
        this.process = process;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /**
     * Starts it; skips the calling test, with the reason, where it is not installed.
     *
     * @param folder for its files
     */
    static Coturn start(final Path folder) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(SERVER), "skipped: no " + SERVER + " (apt install coturn)");
        certify(folder);
        final int port;
        final int tlsPort;
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = one.getLocalPort();
            tlsPort = other.getLocalPort();
        }
        final Process process = new ProcessBuilder(SERVER.toString(), "-n", "--no-cli", "--listening-ip", "127.0.0.1",
            "--relay-ip", "127.0.0.1", "--listening-port", String.valueOf(port), "--tls-listening-port",
            String.valueOf(tlsPort), "--cert", folder.resolve("chain.pem").toString(), "--pkey",
            folder.resolve("key.pem").toString(), "--no-udp", "--no-dtls", "--use-auth-secret", "--static-auth-secret",
            SECRET, "--realm", "chevet.test", "--allow-loopback-peers", "--pidfile", folder.resolve("pid").toString(),
            "--userdb", folder.resolve("users").toString(), "--log-file", "stdout", "--verbose")
            .redirectErrorStream(true).start();
        final Coturn started = new Coturn(process, port, tlsPort);
        try {
            listening(process, tlsPort).get(PATIENCE_S, TimeUnit.SECONDS);
            return started;
        } catch (Exception e) {
            started.close();
            throw e;
        }
    }

    /** Its URI by TCP. */
    String tcp() {
        return "turn:127.0.0.1:" + port + "?transport=tcp";
    }

    /** Its URI by TLS. */
    String tls() {
        return "turns:127.0.0.1:" + tlsPort + "?transport=tcp";
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(PATIENCE_S, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly())
            .join();
    }

    /** Done when it says that it listens; what it says is read on, so that it never waits for us. */
    private static CompletableFuture<String> listening(final Process process, final int port) {
        final CompletableFuture<String> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("coturn-output").start(() -> {
            final StringBuilder said = new StringBuilder();
            process.inputReader().lines().forEach(line -> {
                if (line.contains(LISTENING) && line.endsWith(":" + port)) {
                    found.complete(line);
                } else if (!found.isDone()) {
                    said.append(line).append('\n');
                }
            });
            found.completeExceptionally(new IOException("coturn ended: " + said));
        });
        return found;
    }

    private static void certify(final Path folder)
        throws GeneralSecurityException, OperatorCreationException, IOException {
        final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        final KeyPair keys = generator.generateKeyPair();
        final X500Name name = new X500Name("CN=chevet test");
        final Instant now = Instant.now();
        write(folder.resolve("chain.pem"), "CERTIFICATE", new JcaX509v3CertificateBuilder(name, BigInteger.ONE,
            Date.from(now.minus(Duration.ofDays(1))), Date.from(now.plus(Duration.ofDays(1))), name, keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded());
        write(folder.resolve("key.pem"), "PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static void write(final Path file, final String what, final byte[] der) throws IOException {
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END " + what + "-----\n");
    }
}
