package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.stun.StunIntegrity;
import org.chevet.codec.stun.StunMessage;
import org.chevet.codec.stun.StunWriter;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.signal.SignalCounter;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ICE over TCP on the HTTP port of a whole relay, byte by byte. */
class MediaTcpTest {
    private static final Path OFFER = Path.of("../codec/src/test/resources/sdp/chromium156-av-sendonly.sdp");
    private static final int TIMEOUT_MS = 5_000;
    private static final int SILENT = 80;
    private static final int MAX_OF_PEER = 16;

    private Relay relay;

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
    }

    private void start(final RelayConfig config) throws IOException {
        relay = Relay.start(config);
        relay.open("c1").toCompletableFuture().join();
    }

    /** Publishes with a browser's offer and returns the relay's answer. */
    private String answer() throws IOException, InterruptedException, TokenRefusal {
        final String token = relay.issueToken(new Claims("site", "c1", Role.DEVICE, "Site",
            Grants.defaultsOf(Role.DEVICE), System.currentTimeMillis() + 60_000));
        try (HttpClient http = HttpClient.newHttpClient()) {
            final HttpResponse<String> reply = http.send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relay.httpPort() + "/whip/c1")).header("authorization",
                    "Bearer " + token).header("content-type", "application/sdp")
                .POST(HttpRequest.BodyPublishers.ofString(Files.readString(OFFER))).build(),
                HttpResponse.BodyHandlers.ofString());
            assertEquals(201, reply.statusCode(), reply.body());
            return reply.body();
        }
    }

    private static String find(final String pattern, final String in) {
        final Matcher matcher = Pattern.compile(pattern).matcher(in);
        assertTrue(matcher.find(), pattern + " in\n" + in);
        return matcher.group(1);
    }

    private static byte[] check(final String ufrag, final String password) {
        return check(ufrag, password, 0);
    }

    private static byte[] check(final String ufrag, final String password, final int number) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[512]);
        final UnsafeBuffer transaction = new UnsafeBuffer(new byte[12]);
        transaction.putInt(0, number);
        final StunIntegrity key = new StunIntegrity(password.getBytes(StandardCharsets.US_ASCII));
        final int length = new StunWriter()
            .begin(bytes, 2, 500, StunMessage.BINDING_REQUEST, transaction, 0)
            .username((ufrag + ":client").getBytes(StandardCharsets.US_ASCII)).iceControlling(1).priority(1)
            .useCandidate().integrity(key).fingerprint().length();
        bytes.putShort(0, (short) length, ByteOrder.BIG_ENDIAN);
        final byte[] frame = new byte[2 + length];
        bytes.getBytes(0, frame);
        return frame;
    }

    private Socket connect() throws IOException {
        final Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.httpPort());
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void assertAnswered(final DataInputStream in) throws IOException {
        final byte[] reply = new byte[in.readUnsignedShort()];
        in.readFully(reply);
        final StunMessage message = new StunMessage();
        assertTrue(message.wrap(new UnsafeBuffer(reply), 0, reply.length) && message.checkFingerprint());
        assertEquals(StunMessage.BINDING_SUCCESS, message.type());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("REQ-E6")
    void checksAreAnsweredOnThePortThatServesHttp(final boolean everyByteAlone) throws Exception {
        start(TestConfigs.loopback());
        final String answer = answer();
        final String udp = find("a=candidate:1 1 udp (\\d+) 127.0.0.1 \\d+ typ host", answer);
        final String tcp = find("a=candidate:2 1 tcp (\\d+) 127.0.0.1 " + relay.httpPort()
            + " typ host tcptype passive", answer);
        assertTrue(Long.parseLong(tcp) < Long.parseLong(udp), "UDP is preferred");
        final byte[] frame = check(find("a=ice-ufrag:(\\S+)", answer), find("a=ice-pwd:(\\S+)", answer));
        try (Socket socket = connect()) {
            final DataInputStream in = new DataInputStream(socket.getInputStream());
            if (everyByteAlone) {
                for (final byte one : frame) {
                    socket.getOutputStream().write(one);
                }
            } else {
                socket.getOutputStream().write(frame);
            }
            assertAnswered(in);
            for (int i = 0; i < 20; i++) {
                socket.getOutputStream().write(frame);
                assertAnswered(in);
            }
        }
        assertEquals(1, relay.signalStats().counted(SignalCounter.MEDIA_CONNECTIONS));
        assertTrue(Await.until(() -> relay.laneStats().getFirst().counted(Counter.MEDIA_STREAMS_CLOSED) == 1),
            "the lane lets go of a connection that closed");
    }

    @Test
    void whatIsNoCheckOfAClientIsClosed() throws Exception {
        start(TestConfigs.loopback());
        final byte[] stranger = check("nobody", "0123456789012345678901");
        final byte[] noStun = stranger.clone();
        noStun[6] ^= 1;
        for (final byte[] junk : new byte[][] {stranger, noStun, {0, 3, 1, 2, 3}, {7, -1}, new byte[3000]}) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(junk);
                if (junk.length > 2) {
                    assertEquals(-1, read(socket));
                }
            }
        }
        assertTrue(relay.signalStats().counted(SignalCounter.MEDIA_CONNECTIONS_REFUSED) >= 4);
        assertEquals(0, relay.signalStats().counted(SignalCounter.MEDIA_CONNECTIONS));
        assertTrue(answer().startsWith("v=0"), "HTTP goes on");
    }

    @Test
    void silentConnectionsOfOneAddressDoNotKeepAClientOut() throws Exception {
        start(TestConfigs.loopback());
        final String answer = answer();
        final String ufrag = find("a=ice-ufrag:(\\S+)", answer);
        final String password = find("a=ice-pwd:(\\S+)", answer);
        final List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < SILENT; i++) {
                silent.add(connect());
                silent.getLast().getOutputStream().write(0);
            }
            for (final boolean inOnePiece : new boolean[] {true, false}) {
                final byte[] frame = check(ufrag, password, inOnePiece ? 1 : 2);
                try (Socket socket = connect()) {
                    socket.getOutputStream().write(frame, 0, inOnePiece ? frame.length : 1);
                    socket.getOutputStream().write(frame, 1, inOnePiece ? 0 : frame.length - 1);
                    assertAnswered(new DataInputStream(socket.getInputStream()));
                }
            }
            assertEquals(-1, read(silent.getFirst()), "who waits longest made room");
            assertTrue(Await.until(() -> relay.signalStats().counted(SignalCounter.MEDIA_CONNECTIONS_REFUSED)
                >= SILENT - 64), "each that made room is counted");
        } finally {
            for (final Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void aClientThatConnectsAgainAndAgainIsServedOnItsNewestConnection() throws Exception {
        start(TestConfigs.loopback());
        final String answer = answer();
        final String ufrag = find("a=ice-ufrag:(\\S+)", answer);
        final String password = find("a=ice-pwd:(\\S+)", answer);
        final List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_OF_PEER + 2; i++) {
                sockets.add(connect());
                sockets.getLast().getOutputStream().write(check(ufrag, password, i));
                assertAnswered(new DataInputStream(sockets.getLast().getInputStream()));
            }
            assertEquals(-1, read(sockets.getFirst()), "the oldest is closed at once");
            assertEquals(2, relay.laneStats().getFirst().counted(Counter.MEDIA_STREAMS_EVICTED));
            sockets.get(2).getOutputStream().write(check(ufrag, password, 100));
            assertAnswered(new DataInputStream(sockets.get(2).getInputStream()));
        } finally {
            for (final Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void theAnswerOffersTcpOnlyWhereItIsTaken() throws Exception {
        start(TestConfigs.loopback().withReach(Reach.plain().withMediaTcp(false, 0)));
        assertTrue(!answer().contains(" tcp "));
        relay.close();
        start(TestConfigs.loopback().withReach(Reach.plain().withMediaTcp(true, 443)));
        find("(a=candidate:2 1 tcp \\d+ 127.0.0.1 443 typ host tcptype passive)", answer());
    }

    private static int read(final Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException reset) {
            return -1;
        }
    }
}
