package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenVerifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS on the port: versions, WebSockets that change their loop, new files, and what is said of bad ones. */
class TlsTest {
    @TempDir
    private Path folder;
    private final FakeDoor door = new FakeDoor();
    private SignalServer server;
    private int port;

    private void start(final TlsFiles files) throws IOException {
        server = new SignalServer(
            SignalConfig.of("127.0.0.1", 0, List.of(SignalHarness.API_KEY), List.of()).withTls(files), door,
            new TokenVerifier(Map.of("k1", SignalHarness.SECRET)), new TokenIssuer("k1", SignalHarness.SECRET),
            System::currentTimeMillis, new SecureRandom(), List.of());
        port = server.start();
        door.open("c1").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        door.close();
    }

    private static HttpClient client(final TestCertificate trusted) {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trusted.trusting()).build();
    }

    private HttpResponse<String> token(final HttpClient http) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/v1/tokens"))
            .header("authorization", "Bearer " + SignalHarness.API_KEY).header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"consultation\":\"c1\",\"participant\":\"p1\",\"role\":\"patient\",\"name\":\"P\"}")).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    private String sessionOf(final TestCertificate trusted, final String... versions) throws IOException {
        try (SSLSocket socket = (SSLSocket) trusted.trusting().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.setEnabledProtocols(versions);
            socket.startHandshake();
            // TLS 1.3 completes at the client before the server has looked; one byte back shows that it did.
            socket.getOutputStream()
                .write("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals('H', socket.getInputStream().read());
            return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
        }
    }

    @Test
    void linksFollowAndOnlyTls13IsSpoken() throws Exception {
        final TestCertificate certificate = TestCertificate.valid();
        start(certificate.write(folder, false));
        try (HttpClient http = client(certificate)) {
            final HttpResponse<String> reply = token(http);
            assertEquals(201, reply.statusCode(), reply.body());
            assertTrue(reply.body().contains("https://127.0.0.1:" + port + "/"), reply.body());
            assertTrue(!reply.body().contains("http://"), reply.body());
        }
        assertEquals("TLSv1.3 TLS_AES_256_GCM_SHA384", sessionOf(certificate, "TLSv1.3", "TLSv1.2"));
        assertThrows(SSLException.class, () -> sessionOf(certificate, "TLSv1.2"));
        SignalHarness.await("counted",
            () -> server.stats().counted(SignalCounter.TLS_HANDSHAKES_FAILED) == 1);
        assertEquals(2, server.stats().counted(SignalCounter.TLS_HANDSHAKES));
    }

    @Test
    void tls12IsSpokenWhenAllowedAndRsaKeysWork() throws Exception {
        final TestCertificate certificate = TestCertificate.of("RSA", Duration.ofDays(1));
        start(certificate.write(folder, true));
        assertEquals("TLSv1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", sessionOf(certificate, "TLSv1.2"));
        assertEquals("TLSv1.3 TLS_AES_256_GCM_SHA384", sessionOf(certificate, "TLSv1.3"));
    }

    @Test
    void aVitalsWebSocketMovesToTheThreadOfItsLane() throws Exception {
        final TestCertificate certificate = TestCertificate.valid();
        start(certificate.write(folder, false));
        final AtomicInteger received = new AtomicInteger();
        try (HttpClient http = client(certificate)) {
            final WebSocket socket = http.newWebSocketBuilder()
                .header("Authorization", "Bearer " + SignalHarness.token("site", Role.COMPANION))
                .subprotocols(WebSocketUpgrade.VITALS)
                .buildAsync(URI.create("wss://127.0.0.1:" + port + "/v1/vitals"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onBinary(final WebSocket one, final ByteBuffer data,
                        final boolean last) {
                        received.addAndGet(data.remaining());
                        one.request(1);
                        return null;
                    }
                }).join();
            socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
            SignalHarness.await("link", () -> !door.vitals.isEmpty());
            final FakeDoor.FakeVitals link = door.vitals.getFirst();
            SignalHarness.await("message", () -> link.received.size() == 1);
            assertArrayEquals(new byte[] {1, 2, 3}, link.received.getFirst());
            link.send(new byte[] {9, 8}, new byte[125], new byte[126], new byte[65_536]);
            SignalHarness.await("answers", () -> received.get() == 65_789);
            socket.abort();
        }
    }

    @Test
    void plainHttpIsToldSoAndTlsOnAPlainPortIsRefused() throws Exception {
        start(TestCertificate.valid().write(folder, false));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            final InputStream in = socket.getInputStream();
            final String reply = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(reply.startsWith("HTTP/1.1 400 ") && reply.endsWith("This port speaks HTTPS only.\n"), reply);
        }
        server.close();
        start(null);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("\u0016\u0003\u0001\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            final String reply = new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
            assertEquals("HTTP/1.1 400 ", reply);
        }
    }

    @Test
    void newFilesServeNewConnectionsAndBrokenOnesDoNot() throws Exception {
        final TestCertificate first = TestCertificate.valid();
        final TestCertificate second = TestCertificate.valid();
        final SignalStats stats = new SignalStats();
        try (TlsContext context = TlsContext.open(first.write(folder, false), stats, 20)) {
            final var before = context.current();
            second.writeCertificate(folder);
            SignalHarness.await("half a renewal", () -> stats.counted(SignalCounter.TLS_RELOADS_REFUSED) == 1);
            assertEquals(before, context.current());
            second.writeKey(folder);
            SignalHarness.await("the whole", () -> stats.counted(SignalCounter.TLS_RELOADS) == 1);
            final var after = context.current();
            assertTrue(!before.equals(after));
            TestCertificate.of("EC", Duration.ofDays(-1)).write(folder, false);
            SignalHarness.await("expired", () -> stats.counted(SignalCounter.TLS_RELOADS_REFUSED) >= 2);
            Files.delete(folder.resolve("key.pem"));
            SignalHarness.await("gone", () -> stats.counted(SignalCounter.TLS_RELOADS_REFUSED) >= 3);
            assertEquals(after, context.current());
        }
    }

    @Test
    void aFaultThatWasMendedIsToldAgainWhenItComesBack() throws Exception {
        final TestCertificate pair = TestCertificate.valid();
        final SignalStats stats = new SignalStats();
        try (TlsContext context = TlsContext.open(pair.write(folder, false), stats, 5)) {
            final AtomicInteger looks = new AtomicInteger();
            // Nobody is told of a look that finds all well, so each state stays for some of them.
            SignalHarness.await("told twice", () -> {
                try {
                    switch (looks.getAndIncrement() % 100) {
                        case 0 -> Files.deleteIfExists(folder.resolve("key.pem"));
                        case 50 -> pair.writeKey(folder);
                        default -> { }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return stats.counted(SignalCounter.TLS_RELOADS_REFUSED) >= 2;
            });
            assertTrue(context.current() != null);
        }
    }

    @Test
    void aPairThatCannotBeUsedIsOneSentenceAtStart() throws Exception {
        final TestCertificate certificate = TestCertificate.valid();
        final TlsFiles files = certificate.write(folder, false);
        assertFault("there is no such file", new TlsFiles(folder.resolve("none.pem"), files.key(), false));
        TestCertificate.valid().writeKey(folder);
        assertFault("does not belong to the certificate", files);
        TestCertificate.of("RSA", Duration.ofDays(1)).writeKey(folder);
        assertFault("is not a key of the certificate's kind, EC", files);
        Files.writeString(files.key(), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        assertFault("is not a PKCS#8 key", files);
        TestCertificate.of("EC", Duration.ofDays(-1)).write(folder, false);
        assertFault("expired at ", files);
        Files.writeString(files.certificate(), "");
        assertFault("no certificate", files);
        Files.writeString(files.certificate(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertFault("is not a PEM file of certificates", files);
    }

    private void assertFault(final String words, final TlsFiles files) {
        final IOException fault = assertThrows(IOException.class, () -> start(files));
        final String sentence = String.valueOf(fault.getMessage());
        assertTrue(sentence.contains(words) && sentence.startsWith("http.tls.") && sentence.endsWith("."), sentence);
    }
}
