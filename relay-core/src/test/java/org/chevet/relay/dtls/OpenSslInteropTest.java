package org.chevet.relay.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both roles against another implementation, over loopback UDP: OpenSSL, which is the DTLS of aiortc and GStreamer.
 * Skipped where there is no openssl command.
 */
@Tag("REQ-O7")
class OpenSslInteropTest {
    private static final long TIMEOUT_NS = 20_000_000_000L;
    private static final String OUTPUT = "output.txt";
    private static final Pattern KEYING = Pattern.compile("Keying material: ([0-9A-F]+)");
    private static final Pattern FINGERPRINT = Pattern.compile("=([0-9A-F:]+)");

    @TempDir
    static Path dir;

    private static String fingerprint = "";

    @BeforeAll
    static void makeCertificate() throws IOException, InterruptedException {
        Assumptions.assumeTrue(isThere(), "no openssl command here");
        run(List.of("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=peer", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30"));
        final Matcher matcher =
            FINGERPRINT.matcher(run(List.of("x509", "-in", "cert.pem", "-noout", "-fingerprint", "-sha256")));
        assertTrue(matcher.find());
        fingerprint = "sha-256 " + matcher.group(1).toLowerCase(Locale.ROOT);
    }

    private static boolean isThere() throws InterruptedException {
        try {
            return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
        } catch (final IOException e) {
            return false;
        }
    }

    private static String run(final List<String> arguments) throws IOException, InterruptedException {
        final Process process = start(arguments);
        assertEquals(0, process.waitFor(), output());
        return output();
    }

    private static Process start(final List<String> arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        return new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true)
            .redirectOutput(dir.resolve(OUTPUT).toFile()).start();
    }

    /** What the process started last has printed. */
    private static String output() throws IOException {
        return Files.readString(dir.resolve(OUTPUT));
    }

    @Test
    void opensslClientAgreesOnProfileAndKeys() throws IOException, InterruptedException {
        for (final String[] profile : new String[][] {
            {"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM", "8", "88"},
            {"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", "7", "56"}, {"SRTP_AES128_CM_SHA1_80", "1", "60"}}) {
            try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                Dtls server = DtlsPair.open(DtlsPair.SERVER_CERTIFICATE, DtlsRole.SERVER, fingerprint, 20_000)) {
                final Process client = start(List.of("s_client", "-dtls1_2", "-connect",
                    "127.0.0.1:" + socket.getLocalPort(), "-cert", "cert.pem", "-key", "key.pem", "-use_srtp",
                    profile[0], "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", profile[2]));
                check(socket, null, server, client, Integer.parseInt(profile[1]));
            }
        }
    }

    @Test
    void opensslServerAgreesOnProfileAndKeys() throws IOException, InterruptedException {
        final int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        final Process server = start(List.of("s_server", "-dtls1_2", "-accept", "127.0.0.1:" + port, "-cert",
            "cert.pem", "-key", "key.pem", "-Verify", "1", "-use_srtp",
            "SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80", "-keymatexport", "EXTRACTOR-dtls_srtp",
            "-keymatexportlen", "88"));
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            Dtls client = DtlsPair.open(DtlsPair.SERVER_CERTIFICATE, DtlsRole.CLIENT, fingerprint, 20_000)) {
            check(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), client, server, 8);
        }
    }

    /** Carries datagrams until connected and closed, then compares the keys with those that openssl printed. */
    private static void check(final DatagramSocket socket, final @Nullable SocketAddress remote, final Dtls dtls,
        final Process openssl, final int profile) throws IOException, InterruptedException {
        try {
            SocketAddress peer = remote;
            socket.setSoTimeout(5);
            final byte[] in = new byte[RecordFilter.MAX_DATAGRAM];
            final byte[] out = new byte[Dtls.MAX_DATAGRAM];
            final long startNs = System.nanoTime();
            while (dtls.state() == Dtls.State.HANDSHAKING && System.nanoTime() - startNs < TIMEOUT_NS) {
                peer = step(socket, peer, dtls, in, out);
            }
            assertEquals(Dtls.State.CONNECTED, dtls.state(), dtls.failure());
            assertEquals(profile, dtls.keys().profileCode());
            final String keys = HexFormat.of().withUpperCase().formatHex(dtls.keys().exporter());
            // The last flight may still wait; and openssl prints its keys before it reads its closed input.
            for (int i = 0; i < 20; i++) {
                peer = step(socket, peer, dtls, in, out);
            }
            openssl.getOutputStream().close();
            while (dtls.state() == Dtls.State.CONNECTED && openssl.isAlive()
                && System.nanoTime() - startNs < TIMEOUT_NS) {
                peer = step(socket, peer, dtls, in, out);
            }
            openssl.destroy();
            assertTrue(openssl.waitFor(10, TimeUnit.SECONDS));
            final Matcher matcher = KEYING.matcher(output());
            assertTrue(matcher.find(), output());
            assertEquals(keys, matcher.group(1));
        } finally {
            openssl.destroyForcibly();
        }
    }

    private static @Nullable SocketAddress step(final DatagramSocket socket, final @Nullable SocketAddress peer,
        final Dtls dtls, final byte[] in, final byte[] out) throws IOException {
        SocketAddress to = peer;
        final DatagramPacket packet = new DatagramPacket(in, in.length);
        try {
            socket.receive(packet);
            to = packet.getSocketAddress();
            dtls.offer(new UnsafeBuffer(in), 0, packet.getLength());
        } catch (final SocketTimeoutException e) {
            // Nothing came; there may be something to send all the same.
        }
        for (int length = dtls.pollTransmit(new UnsafeBuffer(out), 0); length > 0;
            length = dtls.pollTransmit(new UnsafeBuffer(out), 0)) {
            assertNotNull(to);
            socket.send(new DatagramPacket(out, length, to));
        }
        return to;
    }
}
