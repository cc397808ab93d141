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
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[512]);
        final StunIntegrity key = new StunIntegrity(password.getBytes(StandardCharsets.US_ASCII));
        final int length = new StunWriter()
            .begin(bytes, 2, 500, StunMessage.BINDING_REQUEST, new UnsafeBuffer(new byte[12]), 0)
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
