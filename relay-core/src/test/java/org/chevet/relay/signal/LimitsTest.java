package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.consultation.Role;
import org.junit.jupiter.api.Test;

/** Bounds of connections, times and rates. */
class LimitsTest {
    private static void send(final Socket socket, final String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Sends a little more unless there is an answer already. */
    private static void drip(final Socket socket, final String text, final AtomicInteger drops) {
        try {
            if (socket.getInputStream().available() == 0) {
                send(socket, text);
                drops.incrementAndGet();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSlowLorisIsAnsweredWith408AndClosed() throws Exception {
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(300, 5_000, 9_000), List.of());
            Socket headers = harness.connect();
            Socket body = harness.connect()) {
            headers.setSoTimeout(3_000);
            body.setSoTimeout(3_000);
            send(headers, "GET / HTTP/1.1\r\nhost: a\r\n");
            send(body, "POST /whip/c1 HTTP/1.1\r\nhost: a\r\ncontent-length: 50000\r\n\r\n");
            final AtomicInteger drops = new AtomicInteger();
            SignalHarness.await("both refused", () -> {
                drip(headers, "x: y\r\n", drops);
                drip(body, "v", drops);
                return harness.server.stats().refused(ProblemType.REQUEST_TIMEOUT) == 2;
            });
            assertTrue(drops.get() > 2, "both went on until they were refused");
            assertTrue(SignalHarness.read(headers).startsWith("HTTP/1.1 408 "));
            assertTrue(SignalHarness.read(body).contains(ProblemType.REQUEST_TIMEOUT.urn()));
            assertEquals(2, harness.server.stats().refused(ProblemType.REQUEST_TIMEOUT));
            SignalHarness.await("both closed", () -> harness.server.openConnections() == 0);
        }
    }

    @Test
    void aSilentConnectionIsClosedWithoutAWord() throws Exception {
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(200, 5_000, 9_000), List.of());
            Socket socket = harness.connect()) {
            socket.setSoTimeout(3_000);
            assertEquals("", SignalHarness.read(socket));
            assertEquals(0, harness.server.stats().refused(ProblemType.REQUEST_TIMEOUT));
        }
    }

    @Test
    void connectionsBeyondTheBoundAreTurnedAway() throws Exception {
        final List<Socket> sockets = new ArrayList<>();
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of())) {
            for (int i = 0; i < 4; i++) {
                sockets.add(harness.connect());
            }
            SignalHarness.await("four are open", () -> harness.server.openConnections() == 4);
            assertTrue(harness.raw("GET / HTTP/1.1\r\nhost: a\r\n\r\n").startsWith("HTTP/1.1 503 "));
            assertEquals(1, harness.server.stats().refused(ProblemType.EXHAUSTED));
            sockets.getFirst().close();
            SignalHarness.await("one is free", () -> harness.server.openConnections() == 3);
            assertEquals(204, harness.call("OPTIONS", "/whip/c1", null).status());
        } finally {
            for (final Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void requestsBeyondTheRateAre429() throws Exception {
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of())) {
            final String answer = harness.raw("OPTIONS /whip/c1 HTTP/1.1\r\nhost: a\r\n\r\n".repeat(300)
                + "OPTIONS /whip/c1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            assertTrue(answer.contains("HTTP/1.1 429 "), answer);
            assertTrue(answer.contains("retry-after: 1"), answer);
            assertTrue(harness.server.stats().refused(ProblemType.TOO_MANY_REQUESTS) >= 1);
        }
    }

    @Test
    void aLaneThatDoesNotAnswerIs503() throws Exception {
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of())) {
            harness.door.silent = true;
            harness.refused(ProblemType.UNAVAILABLE, () -> harness.api("GET", "/v1/consultations/c1", null));
        }
    }

    @Test
    void aPeerAdmittedAfterItsClientWasRefusedIsTakenOutAgain() throws Exception {
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of())) {
            final String token = SignalHarness.token("site", Role.COMPANION);
            final String offer = SignalHarness.offer("chromium156-av-sendonly");
            final CompletableFuture<Boolean> admission = new CompletableFuture<>();
            harness.door.admission = admission;
            harness.refused(ProblemType.UNAVAILABLE, () -> harness.whip(token, offer, ""));
            assertTrue(admission.complete(true), "the lane comes round after the answer");
            SignalHarness.await("taken out", () -> harness.door.removed.size() == 1);
            assertEquals(List.of(), harness.door.peers.get("c1"));
            assertEquals(201, harness.whip(token, offer, "").status(), "the identity is free again");
        }
    }

    @Test
    void routeCallsAreBounded() throws Exception {
        final CountDownLatch release = new CountDownLatch(1);
        final HttpRoute slow = new HttpRoute() {
            @Override
            public String path() {
                return "/";
            }

            @Override
            public Reply handle(final Request request) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Reply.of(200, "text/plain", new byte[0]);
            }
        };
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of(slow));
            Socket one = harness.connect();
            Socket two = harness.connect()) {
            send(one, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            send(two, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            SignalHarness.await("two under way",
                () -> harness.server.stats().counted(SignalCounter.HTTP_REQUESTS) == 2);
            harness.refused(ProblemType.UNAVAILABLE, () -> harness.call("GET", "/x", null));
            assertEquals(204, harness.call("OPTIONS", "/whip/c1", null).status(), "signalling goes on");
            final Thread closing = Thread.ofPlatform().start(harness.server::close);
            release.countDown();
            one.setSoTimeout(5_000);
            assertTrue(SignalHarness.read(one).startsWith("HTTP/1.1 200 "), "what is under way is answered on close");
            closing.join();
        }
    }

    @Test
    void bigResponsesArriveWhole() throws Exception {
        final byte[] page = new byte[3_000_000];
        final HttpRoute big = new HttpRoute() {
            @Override
            public String path() {
                return "/";
            }

            @Override
            public Reply handle(final Request request) {
                return Reply.of(200, "application/octet-stream", page);
            }
        };
        try (SignalHarness harness = new SignalHarness(SignalHarness.quick(5_000, 5_000, 9_000), List.of(big))) {
            assertEquals(page.length, harness.call("GET", "/page", null).body().length());
            assertEquals(page.length, harness.call("GET", "/page", null).body().length());
        }
    }

    @Test
    void closingTheServerFreesItsPort() throws Exception {
        final int port;
        try (SignalHarness harness = new SignalHarness()) {
            port = harness.port;
            harness.whip(SignalHarness.token("site", Role.COMPANION), SignalHarness.offer("chromium156-av-sendonly"),
                "");
        }
        try (java.net.ServerSocket again = new java.net.ServerSocket()) {
            again.setReuseAddress(true);
            again.bind(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), port));
            assertEquals(port, again.getLocalPort());
        }
    }
}
