package org.chevet.relay.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ClientHello of every client we have a capture of, against the server. */
@Tag("REQ-O21")
class CapturedClientHelloTest {
    private static final int SUITE_AES_256 = 0xC02C;
    private static final int SUITE_AES_128 = 0xC02B;
    /** Client to {profile, suite}: AES-256-GCM wherever it is offered. */
    private static final Map<String, int[]> EXPECTED = new HashMap<>(Map.of(
        "aiortc14", new int[] {1, SUITE_AES_256}, "chromium156", new int[] {8, SUITE_AES_128},
        "chromium156-nopqc", new int[] {8, SUITE_AES_128}, "firefox153", new int[] {8, SUITE_AES_128},
        "gstreamer122", new int[] {1, SUITE_AES_256}, "pion31", new int[] {7, SUITE_AES_256},
        "webrtcjava014", new int[] {8, SUITE_AES_128}, "werift025", new int[] {7, SUITE_AES_128},
        "wrtc010", new int[] {1, SUITE_AES_128}));

    @Test
    void everyClientGetsAServerHelloWithTheRightProfileAndSuite() throws IOException {
        for (final String client : Captures.CLIENT_HELLOS) {
            check(client, Captures.fromClient(client + "-clienthello"));
        }
    }

    @Test
    void lostAndSwappedHelloDatagramsAreMadeUpByRetransmissions() throws IOException {
        for (final String client : Captures.CLIENT_HELLOS) {
            final List<byte[]> series = Captures.fromClient(client + "-clienthello");
            check(client + " without its first", series.subList(1, series.size()), client);
            final List<byte[]> shuffled = new ArrayList<>(series);
            Collections.shuffle(shuffled, new Random(5));
            check(client + " shuffled", shuffled, client);
        }
    }

    private static void check(final String client, final List<byte[]> series) {
        check(client, series, client);
    }

    private static void check(final String what, final List<byte[]> series, final String client) {
        final List<byte[]> flight = new ArrayList<>();
        final byte[] hello;
        try (Dtls server = DtlsPair.open(DtlsPair.SERVER_CERTIFICATE, DtlsRole.SERVER,
            DtlsPair.CLIENT_CERTIFICATE.fingerprint(), 10_000)) {
            for (final byte[] datagram : series) {
                assertNull(server.offer(new UnsafeBuffer(datagram), 0, datagram.length), what);
            }
            final UnsafeBuffer out = new UnsafeBuffer(new byte[Dtls.MAX_DATAGRAM]);
            final long startNs = System.nanoTime();
            while (records(flight) < 5 && server.state() == Dtls.State.HANDSHAKING
                && System.nanoTime() - startNs < 5_000_000_000L) {
                final int length = server.pollTransmit(out, 0);
                if (length > 0) {
                    final byte[] datagram = new byte[length];
                    out.getBytes(0, datagram);
                    flight.add(datagram);
                } else {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            assertEquals(Dtls.State.HANDSHAKING, server.state(), what + ": " + server.failure());
            // ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone
            assertTrue(records(flight) >= 5, what + " got " + records(flight) + " records");
            hello = flight.getFirst();
        }
        assertEquals(2, hello[13], what + ": a ServerHello first");
        final int[] expected = EXPECTED.get(client);
        assertNotNull(expected, client);
        final UnsafeBuffer view = new UnsafeBuffer(hello);
        final int suiteAt = 13 + 12 + 2 + 32 + 1 + hello[13 + 12 + 34];
        assertEquals(Integer.toHexString(expected[1]), Integer.toHexString(BigEndian.u16(view, suiteAt)), what);
        final byte[] useSrtp = extension(view, suiteAt + 3, 0x000E);
        assertNotNull(useSrtp, what);
        assertEquals(5, useSrtp.length, what + ": one profile, no MKI");
        assertEquals(expected[0], useSrtp[3], what);
        assertNotNull(extension(view, suiteAt + 3, 0x0017), what + ": extended master secret");
    }

    private static int records(final List<byte[]> flight) {
        int records = 0;
        for (final byte[] datagram : flight) {
            final UnsafeBuffer view = new UnsafeBuffer(datagram);
            for (int at = 0; at < datagram.length; at += 13 + BigEndian.u16(view, at + 11)) {
                records++;
            }
        }
        return records;
    }

    private static byte @Nullable [] extension(final UnsafeBuffer hello, final int from, final int type) {
        final int end = from + 2 + BigEndian.u16(hello, from);
        for (int at = from + 2; at < end; at += 4 + BigEndian.u16(hello, at + 2)) {
            if (BigEndian.u16(hello, at) == type) {
                final byte[] value = new byte[BigEndian.u16(hello, at + 2)];
                hello.getBytes(at + 4, value);
                return value;
            }
        }
        return null;
    }
}
