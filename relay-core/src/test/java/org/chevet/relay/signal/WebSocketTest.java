package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.Refusal.Reason;
import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.SessionRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebSocketTest {
    private SignalHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = new SignalHarness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    /** What a client hears. */
    private static final class Ear implements WebSocket.Listener {
        final CompletableFuture<String> closed = new CompletableFuture<>();
        final List<byte[]> binary = new CopyOnWriteArrayList<>();
        final List<String> text = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<?> onBinary(final WebSocket socket, final ByteBuffer data, final boolean last) {
            final byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.add(bytes);
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(final WebSocket socket, final CharSequence data, final boolean last) {
            text.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(final WebSocket socket, final int code, final String reason) {
            SignalHarness.checkNoTrace(reason);
            closed.complete(code + " " + reason);
            return null;
        }

        @Override
        public void onError(final WebSocket socket, final Throwable error) {
            closed.completeExceptionally(error);
        }

        int code() throws Exception {
            final String close = closed.get(10, TimeUnit.SECONDS);
            assertTrue(close.length() > 5, "a close has a sentence: " + close);
            return Integer.parseInt(close.substring(0, 4));
        }
    }

    private WebSocket open(final Ear ear, final String path, final String token, final String... protocols) {
        final WebSocket.Builder builder = harness.http.newWebSocketBuilder();
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        if (protocols.length > 0) {
            builder.subprotocols(protocols[0], java.util.Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        return builder.buildAsync(URI.create("ws://127.0.0.1:" + harness.port + path), ear).join();
    }

    private static String site() {
        return SignalHarness.token("site", Role.COMPANION);
    }

    private FakeDoor.FakeLink link() throws InterruptedException {
        SignalHarness.await("link", () -> !harness.door.links.isEmpty());
        return harness.door.links.getFirst();
    }

    private FakeDoor.FakeVitals vitals() throws InterruptedException {
        SignalHarness.await("link", () -> !harness.door.vitals.isEmpty());
        return harness.door.vitals.getFirst();
    }

    @Test
    void vitalsGoBothWaysWithATokenInTheHeader() throws Exception {
        final Ear ear = new Ear();
        final WebSocket socket = open(ear, "/v1/vitals", site(), WebSocketUpgrade.VITALS);
        assertEquals(WebSocketUpgrade.VITALS, socket.getSubprotocol());
        socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
        socket.sendBinary(ByteBuffer.wrap(new byte[] {4}), false).join();
        socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
        socket.sendBinary(ByteBuffer.wrap(new byte[] {5}), true).join();
        final FakeDoor.FakeVitals link = vitals();
        SignalHarness.await("two messages", () -> link.received.size() == 2);
        assertArrayEquals(new byte[] {1, 2, 3}, link.received.get(0));
        assertArrayEquals(new byte[] {4, 5}, link.received.get(1), "fragments are one message");
        SignalHarness.await("the end of a batch", () -> link.batches.get() >= 1);
        assertEquals(2, harness.server.stats().counted(SignalCounter.WEBSOCKET_MESSAGES_RECEIVED));
        link.send(new byte[] {9, 8}, new byte[125], new byte[126], new byte[65_536]);
        SignalHarness.await("answers", () -> ear.binary.stream().mapToInt(part -> part.length).sum() == 65_789);
        assertArrayEquals(new byte[] {9, 8}, ear.binary.getFirst());
        assertEquals(125, ear.binary.get(1).length);
        assertEquals(126, ear.binary.get(2).length);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
        SignalHarness.await("lane told", () -> link.closed);
        SignalHarness.await("counted", () -> harness.server.stats().counted(SignalCounter.WEBSOCKETS_CLOSED) == 1);
        assertEquals(0, harness.server.openWebSockets());
        assertEquals(4, harness.server.stats().counted(SignalCounter.WEBSOCKET_MESSAGES_SENT));
    }

    @Test
    void browsersGiveTheTokenAsASubprotocolWhichIsNotEchoed() throws Exception {
        final Ear ear = new Ear();
        final WebSocket socket = open(ear, "/v1/session", null, WebSocketUpgrade.SESSION, "bearer." + site());
        assertEquals(WebSocketUpgrade.SESSION, socket.getSubprotocol());
        socket.sendText("{\"type\":\"ping\",\"t\":1}", true).join();
        final FakeDoor.FakeLink link = link();
        SignalHarness.await("message", () -> link.received.size() == 1);
        link.client.sendText("{\"type\":\"pong\",\"t\":1}");
        link.client.flush();
        SignalHarness.await("pong", () -> ear.text.size() == 1);
        socket.abort();
        SignalHarness.await("lane told of the abort", () -> link.closed);
        assertEquals(Ending.LOST, link.ending);
    }

    private void closes(final ProblemType type, final int code, final String path, final String token,
        final String... protocols) throws Exception {
        final long before = harness.server.stats().refused(type);
        final Ear ear = new Ear();
        open(ear, path, token, protocols);
        assertEquals(code, ear.code(), path);
        assertEquals(before + 1, harness.server.stats().refused(type), type.label());
        assertEquals(List.of(), harness.door.links);
        assertEquals(List.of(), harness.door.vitals);
    }

    @Test
    void refusalsAreCloseCodesABrowserCanRead() throws Exception {
        for (final String path : List.of("/v1/vitals", "/v1/session")) {
            final String protocol = path.equals("/v1/vitals") ? WebSocketUpgrade.VITALS : WebSocketUpgrade.SESSION;
            closes(ProblemType.TOKEN_MISSING, 4401, path, null, protocol);
            closes(ProblemType.TOKEN_MALFORMED, 4401, path, "x", protocol);
            closes(ProblemType.TOKEN_MALFORMED, 4401, path, null, protocol, "bearer.x");
            closes(ProblemType.TOKEN_EXPIRED, 4401, path,
                SignalHarness.token("site", "c1", Role.COMPANION, -31_000), protocol);
            closes(ProblemType.NOT_FOUND, 4404, path, SignalHarness.token("site", "c9", Role.COMPANION, 60_000),
                protocol);
            closes(ProblemType.INVALID_FIELD, 4400, path, site());
            harness.door.refuseAll = Reason.FORBIDDEN;
            closes(ProblemType.NOT_GRANTED, 4403, path, site(), protocol);
            harness.door.refuseAll = Reason.CONFLICT;
            closes(ProblemType.CONFLICT, 4409, path, site(), protocol);
            harness.door.refuseAll = Reason.EXHAUSTED;
            closes(ProblemType.EXHAUSTED, 1013, path, site(), protocol);
            harness.door.refuseAll = null;
            harness.door.broken = true;
            closes(ProblemType.INTERNAL_ERROR, 1011, path, site(), protocol);
            harness.door.broken = false;
        }
    }

    @Test
    void requestsThatAreNoHandshakeAreProblems() throws Exception {
        final var plain = harness.refused(ProblemType.UPGRADE_REQUIRED, () -> harness.call("GET", "/v1/vitals", null));
        assertEquals("websocket", plain.header("upgrade"));
        final CompletionException failure = assertThrows(CompletionException.class,
            () -> open(new Ear(), "/v1/vitals", site(), "chevet.vitals.v9"));
        assertEquals(400, ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode());
    }

    @Test
    void theWrongKindOfMessageCloses4400() throws Exception {
        final Ear vitals = new Ear();
        open(vitals, "/v1/vitals", site(), WebSocketUpgrade.VITALS).sendText("hello", true).join();
        assertEquals(4400, vitals.code());
        final Ear session = new Ear();
        open(session, "/v1/session", site(), WebSocketUpgrade.SESSION).sendBinary(ByteBuffer.allocate(1), true).join();
        assertEquals(4400, session.code());
        SignalHarness.await("lanes told", () -> harness.door.links.stream().allMatch(link -> link.closed)
            && harness.door.vitals.stream().allMatch(link -> link.closed));
    }

    @Test
    void messagesThatAreTooLargeClose4413() throws Exception {
        final Ear one = new Ear();
        open(one, "/v1/session", site(), WebSocketUpgrade.SESSION).sendText("x".repeat(70_000), true).join();
        assertEquals(4413, one.code());
        final Ear parts = new Ear();
        final WebSocket socket = open(parts, "/v1/session", site(), WebSocketUpgrade.SESSION);
        socket.sendText("x".repeat(40_000), false).join();
        socket.sendText("x".repeat(40_000), true).join();
        assertEquals(4413, parts.code());
        assertEquals(2, harness.server.stats().refused(ProblemType.TOO_LARGE));
    }

    @Test
    void theLaneClosesWithItsOwnCode() throws Exception {
        final Ear ear = new Ear();
        open(ear, "/v1/vitals", site(), WebSocketUpgrade.VITALS);
        final FakeDoor.FakeVitals link = vitals();
        link.send(new byte[] {7});
        link.onLane(client -> {
            client.close(4409, "replaced by a newer connection");
            return null;
        });
        assertEquals("4409 replaced by a newer connection", ear.closed.get(10, TimeUnit.SECONDS));
        assertEquals(1, ear.binary.size(), "what was sent before the close arrives");
    }

    @Test
    void aTokenThatRunsOutCloses4401() throws Exception {
        final Ear ear = new Ear();
        open(ear, "/v1/vitals", SignalHarness.token("site", "c1", Role.COMPANION, -28_000), WebSocketUpgrade.VITALS);
        assertEquals(4401, ear.code());
        assertEquals(1, harness.server.stats().refused(ProblemType.TOKEN_EXPIRED));
        final Ear session = new Ear();
        open(session, "/v1/session", SignalHarness.token("site", "c1", Role.COMPANION, -28_000),
            WebSocketUpgrade.SESSION);
        assertEquals(4401, session.code());
        assertEquals(Ending.EXPIRED, link().ending);
    }

    @Test
    void aFullLaneHoldsTheClientBackAndLosesNothing() throws Exception {
        final Ear ear = new Ear();
        final WebSocket socket = open(ear, "/v1/session", site(), WebSocketUpgrade.SESSION);
        final FakeDoor.FakeLink link = link();
        link.full = true;
        for (int i = 0; i < 40; i++) {
            socket.sendText("{\"type\":\"ping\",\"t\":" + i + "}", true).join();
        }
        SignalHarness.await("reading paused",
            () -> harness.server.stats().counted(SignalCounter.WEBSOCKET_READS_PAUSED) >= 1);
        assertEquals(0, link.received.size());
        link.full = false;
        SignalHarness.await("all arrive", () -> link.received.size() == 40);
        for (int i = 0; i < 40; i++) {
            assertEquals(new SessionRequest.Ping(SessionRequest.NO_ID, i), link.received.get(i));
        }
    }

    @Test
    void vitalsBeyondTheRateAreHeldBackAndNoneIsLost() throws Exception {
        final SignalLimits slow = SignalHarness.slowVitals(100);
        try (SignalHarness limited = new SignalHarness(slow, List.of()); Socket socket = limited.connect()) {
            handshake(socket, "/v1/vitals", WebSocketUpgrade.VITALS);
            final int count = 260;
            final ByteBuffer frames = ByteBuffer.allocate(count * 8);
            for (int i = 0; i < count; i++) {
                frames.put((byte) 0x82).put((byte) 0x82).putInt(0x01020304).put((byte) (1 ^ (i >> 8)))
                    .put((byte) (2 ^ i));
            }
            // Cut in the middle of frames.
            for (int at = 0; at < frames.position(); at += 777) {
                socket.getOutputStream().write(frames.array(), at, Math.min(777, frames.position() - at));
                socket.getOutputStream().flush();
            }
            SignalHarness.await("link", () -> !limited.door.vitals.isEmpty());
            final FakeDoor.FakeVitals link = limited.door.vitals.getFirst();
            SignalHarness.await("reading paused",
                () -> limited.server.stats().counted(SignalCounter.WEBSOCKET_READS_PAUSED) >= 1);
            assertTrue(link.received.size() < count, "the burst is 200");
            SignalHarness.await("all arrive", () -> link.received.size() == count);
            for (int i = 0; i < count; i++) {
                assertArrayEquals(new byte[] {(byte) (i >> 8), (byte) i}, link.received.get(i));
            }
        }
    }

    @Test
    void theLaneIsToldWhenAClientReadsAgain() throws Exception {
        try (Socket socket = harness.connect()) {
            handshake(socket, "/v1/vitals", WebSocketUpgrade.VITALS);
            final FakeDoor.FakeVitals link = vitals();
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (link.onLane(org.chevet.relay.lane.RelayDoor.VitalsClient::isWritable)) {
                assertTrue(System.nanoTime() < deadlineNs, "never full");
                link.send(new byte[65_536]);
            }
            final int before = link.writableCalls.get();
            final byte[] buffer = new byte[65_536];
            while (link.writableCalls.get() == before) {
                assertTrue(System.nanoTime() < deadlineNs, "never writable again");
                assertTrue(socket.getInputStream().read(buffer) > 0);
            }
        }
    }

    @Test
    void sessionMessagesBeyondTheRateClose4429() throws Exception {
        final Ear ear = new Ear();
        final WebSocket socket = open(ear, "/v1/session", site(), WebSocketUpgrade.SESSION);
        for (int i = 0; i < 150 && !ear.closed.isDone(); i++) {
            try {
                socket.sendText("{\"type\":\"ping\",\"t\":1}", true).join();
            } catch (CompletionException closedMeanwhile) {
                break;
            }
        }
        assertEquals(4429, ear.code());
    }

    @Test
    void aSilentClientIsPingedAndThenClosed() throws Exception {
        try (SignalHarness quick = new SignalHarness(SignalHarness.quick(5_000, 100, 350), List.of());
            Socket socket = quick.connect()) {
            socket.setSoTimeout(5_000);
            handshake(socket, "/v1/vitals", WebSocketUpgrade.VITALS);
            final String heard = SignalHarness.read(socket);
            assertTrue(heard.contains("\u0089\u0000"), "a ping");
            assertTrue(heard.contains("nothing was heard for 350 ms"), "a close with its sentence");
            assertEquals(1, quick.server.stats().refused(ProblemType.SILENT));
        }
    }

    @Test
    void framesThatBreakTheProtocolClose4400() throws Exception {
        try (Socket socket = harness.connect()) {
            socket.setSoTimeout(5_000);
            handshake(socket, "/v1/vitals", WebSocketUpgrade.VITALS);
            final OutputStream out = socket.getOutputStream();
            out.write(new byte[] {(byte) 0x82, 1, 7});
            out.flush();
            assertTrue(SignalHarness.read(socket).contains("the frame breaks RFC 6455"), "unmasked");
        }
    }

    @Test
    void aShutdownCloses1001() throws Exception {
        final Ear ear = new Ear();
        open(ear, "/v1/session", site(), WebSocketUpgrade.SESSION);
        final FakeDoor.FakeLink link = link();
        harness.server.close();
        assertEquals(1001, ear.code());
        assertTrue(link.closed);
    }

    private static void handshake(final Socket socket, final String path, final String protocol) throws IOException {
        final String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: " + protocol + "\r\nAuthorization: Bearer " + site() + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        final StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) socket.getInputStream().read());
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head.toString());
        assertTrue(head.toString().contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "RFC 6455 section 1.3");
    }
}
