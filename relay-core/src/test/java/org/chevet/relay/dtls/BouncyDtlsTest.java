package org.chevet.relay.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("REQ-O7")
class BouncyDtlsTest {
    private static final long TIMEOUT_MS = 20_000;

    @BeforeAll
    static void warmUp() {
        BouncyDtls.warmUp(DtlsPair.SERVER_CERTIFICATE, DtlsPair.RANDOM);
    }

    @Test
    void bothSidesComeToTheSameKeysAndTheBestProfile() {
        try (DtlsPair pair = new DtlsPair(1, TIMEOUT_MS)) {
            assertThrows(IllegalStateException.class, () -> pair.server.keys());
            assertTrue(pair.handshake(TIMEOUT_MS));
            assertTrue(pair.isConnected(), pair.server.failure() + pair.client.failure());
            assertEquals(8, pair.server.keys().profileCode());
            assertEquals(88, pair.server.keys().exporter().length);
            assertEquals("", pair.server.failure());
        }
    }

    @Test
    void handshakesSurviveLossReorderingAndDuplicates() {
        final List<DtlsPair> pairs = new ArrayList<>();
        for (int seed = 1; seed <= 24; seed++) {
            final DtlsPair pair = new DtlsPair(seed, TIMEOUT_MS);
            pair.lossPercent = seed % 4 * 10;
            pair.duplicatePercent = seed % 3 * 20;
            pair.reorders = true;
            pairs.add(pair);
        }
        runAll(pairs);
        int carried = 0;
        for (int i = 0; i < pairs.size(); i++) {
            final DtlsPair pair = pairs.get(i);
            assertTrue(pair.isConnected(), "seed " + (i + 1) + ": " + pair.server.failure() + pair.client.failure());
            carried += pair.carried;
            pair.close();
        }
        assertTrue(carried >= 24 * 4, "datagrams carried: " + carried);
    }

    private static void runAll(final List<DtlsPair> pairs) {
        final long deadlineNs = System.nanoTime() + 2 * TIMEOUT_MS * 1_000_000;
        while (!pairs.stream().allMatch(DtlsPair::isSettled)) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "a handshake hangs");
            pairs.forEach(DtlsPair::step);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void fingerprintsOfAllHashesAndCasesAreTaken() throws NoSuchAlgorithmException {
        for (final String hash : new String[] {"SHA-256", "SHA-384", "SHA-512"}) {
            final String value = hash.toLowerCase(Locale.ROOT) + " " + HexFormat.ofDelimiter(":")
                .formatHex(MessageDigest.getInstance(hash).digest(DtlsPair.CLIENT_CERTIFICATE.der()));
            for (final String written : new String[] {value, value.toUpperCase(Locale.ROOT)}) {
                try (DtlsPair pair =
                    new DtlsPair(2, TIMEOUT_MS, written, DtlsPair.SERVER_CERTIFICATE.fingerprint())) {
                    assertTrue(pair.handshake(TIMEOUT_MS));
                    assertTrue(pair.isConnected(), written + pair.server.failure());
                }
            }
        }
    }

    @Test
    void fingerprintThatIsNoneIsRefusedAtOnce() {
        for (final String bad : new String[] {"sha-1 " + "AA:".repeat(19) + "AA", "sha-256 AA:BB", "sha-256 zz",
            "md5 AA", "sha-256 " + "AA".repeat(32)}) {
            assertThrows(IllegalArgumentException.class,
                () -> DtlsPair.open(DtlsPair.SERVER_CERTIFICATE, DtlsRole.SERVER, bad, 100), bad);
        }
    }

    @Test
    void applicationDataGoesBothWaysInDatagramsThatFit() {
        try (DtlsPair pair = new DtlsPair(11, TIMEOUT_MS)) {
            final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Dtls.MAX_RECEIVED_APPLICATION_DATA]);
            assertFalse(pair.client.send(bytes, 0, 1), "not connected yet");
            pair.server.acceptApplicationData();
            pair.client.acceptApplicationData();
            assertTrue(pair.handshake(TIMEOUT_MS));
            assertFalse(pair.client.send(bytes, 0, Dtls.MAX_APPLICATION_DATA + 1));
            for (final Dtls from : new Dtls[] {pair.client, pair.server}) {
                final Dtls to = from == pair.client ? pair.server : pair.client;
                for (final int length : new int[] {1, 28, Dtls.MAX_APPLICATION_DATA}) {
                    final byte[] sent = new byte[length];
                    new Random(length).nextBytes(sent);
                    assertTrue(from.send(new UnsafeBuffer(sent), 0, length));
                    final int[] got = new int[1];
                    assertTrue(pair.runUntil(() -> (got[0] = to.pollApplicationData(bytes, 0)) > 0, TIMEOUT_MS));
                    assertEquals(length, got[0]);
                    assertEquals(new UnsafeBuffer(sent), new UnsafeBuffer(bytes, 0, length));
                }
            }
        }
    }

    @Test
    void fullDatagramsOfApplicationDataHaveTheSizeThatIsAllowed() {
        try (DtlsPair pair = new DtlsPair(12, TIMEOUT_MS)) {
            assertTrue(pair.handshake(TIMEOUT_MS));
            final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Dtls.MAX_DATAGRAM + 1]);
            int left;
            do {
                left = pair.server.pollTransmit(bytes, 0);
            } while (left > 0);
            assertTrue(pair.server.send(bytes, 0, Dtls.MAX_APPLICATION_DATA));
            assertEquals(Dtls.MAX_DATAGRAM, pair.server.pollTransmit(bytes, 0));
            assertTrue(pair.server.send(bytes, 0, 10));
            assertTrue(pair.server.send(bytes, 0, 10));
            assertEquals(10 + 37, pair.server.pollTransmit(bytes, 0), "one record, one datagram");
            assertEquals(10 + 37, pair.server.pollTransmit(bytes, 0));
        }
    }

    @Test
    void receivedApplicationDataIsBoundedAndTheRestCounted() {
        try (DtlsPair pair = new DtlsPair(13, TIMEOUT_MS)) {
            pair.server.acceptApplicationData();
            assertTrue(pair.handshake(TIMEOUT_MS));
            final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Dtls.MAX_RECEIVED_APPLICATION_DATA]);
            final int more = 20;
            final int[] dropped = new int[1];
            assertTrue(pair.runUntil(() -> {
                pair.client.send(bytes, 0, 100);
                dropped[0] += pair.server.takeDroppedApplicationData();
                return dropped[0] >= more;
            }, TIMEOUT_MS), "dropped " + dropped[0]);
            int waiting = 0;
            while (pair.server.pollApplicationData(bytes, 0) > 0) {
                waiting++;
            }
            assertEquals(Dtls.MAX_WAITING_APPLICATION_DATA, waiting);
        }
    }

    @Test
    void wrongCertificateFailsOnTheServerWithTheReason() {
        final String other = DtlsPair.SERVER_CERTIFICATE.fingerprint();
        try (DtlsPair pair = new DtlsPair(3, TIMEOUT_MS, other, DtlsPair.SERVER_CERTIFICATE.fingerprint())) {
            assertTrue(pair.handshake(TIMEOUT_MS));
            assertEquals(Dtls.State.FAILED, pair.server.state());
            assertTrue(pair.server.failure().contains("does not match the fingerprint"), pair.server.failure());
            assertEquals(Dtls.State.FAILED, pair.client.state());
            assertTrue(pair.client.failure().contains("bad_certificate"), pair.client.failure());
            assertThrows(IllegalStateException.class, () -> pair.server.keys());
        }
    }

    @Test
    void wrongCertificateFailsOnTheClientWithTheReason() {
        final String other = DtlsPair.CLIENT_CERTIFICATE.fingerprint();
        try (DtlsPair pair = new DtlsPair(4, TIMEOUT_MS, other, other)) {
            assertTrue(pair.handshake(TIMEOUT_MS));
            assertEquals(Dtls.State.FAILED, pair.client.state());
            assertTrue(pair.client.failure().contains("does not match the fingerprint"), pair.client.failure());
            assertEquals(Dtls.State.FAILED, pair.server.state());
        }
    }

    @Test
    void closeIsHeardOnTheOtherSideInBothDirections() {
        for (final boolean serverCloses : new boolean[] {true, false}) {
            try (DtlsPair pair = new DtlsPair(5, TIMEOUT_MS)) {
                assertTrue(pair.handshake(TIMEOUT_MS) && pair.isConnected());
                final Dtls first = serverCloses ? pair.server : pair.client;
                final Dtls second = serverCloses ? pair.client : pair.server;
                final DtlsKeys keys = first.keys();
                first.close();
                assertEquals(Dtls.State.CLOSED, first.state());
                final UnsafeBuffer goodbye = new UnsafeBuffer(new byte[Dtls.MAX_DATAGRAM]);
                final int length = first.pollTransmit(goodbye, 0);
                assertEquals(13 + 24 + 2, length, "close_notify is there at once");
                assertNull(second.offer(goodbye, 0, length));
                assertTrue(Arrays.equals(new byte[88], keys.exporter()), "keys are overwritten");
                assertTrue(pair.runUntil(() -> second.state() == Dtls.State.CLOSED, TIMEOUT_MS));
                assertEquals("", first.failure());
                assertTrue(second.failure().contains("close_notify"), second.failure());
                assertEquals(DropReason.DTLS_CLOSED, second.offer(new UnsafeBuffer(new byte[20]), 0, 20));
            }
        }
    }

    @Test
    void silenceEndsAtTheDeadline() {
        final long startNs = System.nanoTime();
        try (Dtls server = DtlsPair.open(DtlsPair.SERVER_CERTIFICATE, DtlsRole.SERVER,
            DtlsPair.CLIENT_CERTIFICATE.fingerprint(), 300)) {
            while (server.state() == Dtls.State.HANDSHAKING) {
                assertTrue(System.nanoTime() - startNs < 10_000_000_000L, "hangs");
                LockSupport.parkNanos(1_000_000);
            }
            assertEquals(Dtls.State.FAILED, server.state());
            assertTrue(server.failure().contains("in time"), server.failure());
            assertTrue(System.nanoTime() - startNs >= 300_000_000L);
        }
    }

    @Test
    void closeDuringTheHandshakeEndsIt() {
        try (DtlsPair pair = new DtlsPair(6, TIMEOUT_MS)) {
            pair.server.close();
            assertEquals(Dtls.State.CLOSED, pair.server.state());
            pair.client.close();
            assertEquals(Dtls.State.CLOSED, pair.client.state());
        }
    }

    /** The datagrams that kill the bare library, and noise: the association must still hear close_notify after. */
    @Test
    void connectedAssociationSurvivesHostileDatagrams() {
        try (DtlsPair pair = new DtlsPair(7, TIMEOUT_MS)) {
            assertTrue(pair.handshake(TIMEOUT_MS) && pair.isConnected());
            final String epoch1 = "fefd0001000000000099";
            refused(pair.server, "17" + epoch1 + "0008" + "aa".repeat(8));
            refused(pair.server, "14" + epoch1 + "0001" + "01");
            refused(pair.server, RecordFilterTest.fragment(0xFFFFFF, 0, 36, 36));
            final byte[] alert = HexFormat.of().parseHex("15fefd000000000000009900020228");
            assertNull(pair.server.offer(new UnsafeBuffer(alert), 0, alert.length), "a clear alert, to be ignored");
            final Random random = new Random(7);
            for (int i = 0; i < 3000; i++) {
                final byte[] noise = new byte[14 + 24 + random.nextInt(60)];
                random.nextBytes(noise);
                noise[0] = (byte) (20 + random.nextInt(4));
                noise[1] = (byte) 0xFE;
                noise[2] = (byte) 0xFD;
                noise[3] = 0;
                noise[4] = (byte) random.nextInt(2);
                noise[11] = 0;
                noise[12] = (byte) (noise.length - 13);
                pair.server.offer(new UnsafeBuffer(noise), 0, noise.length);
                if (i % 32 == 0) {
                    LockSupport.parkNanos(500_000);
                }
            }
            LockSupport.parkNanos(50_000_000);
            assertTrue(pair.isConnected(), pair.server.failure());
            assertEquals("", pair.server.failure());
            pair.client.close();
            assertTrue(pair.runUntil(() -> pair.server.state() == Dtls.State.CLOSED, TIMEOUT_MS), "close_notify");
        }
    }

    /** Past the filter, straight to the library, which gives up (bctls 1.84): media and the peer must not notice. */
    @Test
    void failureOfTheLibraryAfterTheHandshakeEndsNothing() {
        try (DtlsPair pair = new DtlsPair(9, TIMEOUT_MS)) {
            assertTrue(pair.handshake(TIMEOUT_MS) && pair.isConnected());
            final BouncyDtls server = (BouncyDtls) pair.server;
            server.exchange.deliver(HexFormat.of().parseHex("17fefd00010000000000990008" + "aa".repeat(8)));
            assertTrue(pair.runUntil(() -> !server.failure().isEmpty(), TIMEOUT_MS));
            for (int i = 0; i < 50; i++) {
                pair.step();
                LockSupport.parkNanos(1_000_000);
            }
            assertTrue(pair.isConnected(), server.failure() + pair.client.failure());
            assertEquals(DropReason.DTLS_CLOSED, server.offer(new UnsafeBuffer(new byte[20]), 0, 20));
        }
    }

    @Test
    void wakeUpThatThrowsHarmsNoHandshake() {
        final String[] fingerprint = DtlsPair.SERVER_CERTIFICATE.fingerprint().split(" ", 2);
        final DtlsFactory factory = BouncyDtls.factory(DtlsPair.SERVER_CERTIFICATE, DtlsPair.RANDOM);
        final Runnable broken = () -> {
            throw new IllegalStateException("full");
        };
        try (Dtls server = factory.open(DtlsRole.SERVER, fingerprint[0], fingerprint[1], TIMEOUT_MS, broken);
            Dtls client = factory.open(DtlsRole.CLIENT, fingerprint[0], fingerprint[1], TIMEOUT_MS, broken)) {
            final long startNs = System.nanoTime();
            while (server.state() == Dtls.State.HANDSHAKING || client.state() == Dtls.State.HANDSHAKING) {
                assertTrue(System.nanoTime() - startNs < TIMEOUT_MS * 1_000_000, "hangs");
                FakeDtls.carry(server, client);
                FakeDtls.carry(client, server);
                LockSupport.parkNanos(1_000_000);
            }
            assertEquals(Dtls.State.CONNECTED, server.state());
            assertEquals(Dtls.State.CONNECTED, client.state());
        }
    }

    private static void refused(final Dtls dtls, final String hex) {
        final byte[] datagram = HexFormat.of().parseHex(hex);
        assertEquals(DropReason.DTLS_MALFORMED, dtls.offer(new UnsafeBuffer(datagram), 0, datagram.length), hex);
    }

    @Test
    void floodsAreBounded() {
        try (DtlsPair pair = new DtlsPair(8, 2000)) {
            final byte[] hello = HexFormat.of().parseHex(RecordFilterTest.fragment(1400, 0, 700, 700));
            int taken = 0;
            int refused = 0;
            for (int i = 0; i < 20_000; i++) {
                if (pair.server.offer(new UnsafeBuffer(hello), 0, hello.length) == null) {
                    taken++;
                } else {
                    refused++;
                }
            }
            assertTrue(taken <= RecordFilter.MAX_CLEAR_RECORDS, "taken " + taken);
            assertEquals(20_000, taken + refused);
            final byte[] large = new byte[RecordFilter.MAX_DATAGRAM + 1];
            assertEquals(DropReason.DTLS_MALFORMED, pair.server.offer(new UnsafeBuffer(large), 0, large.length));
        }
    }

    /** Mutated datagrams both ways: each handshake ends, connected with equal keys or failed with a reason. */
    @Test
    void mutatedHandshakesEndOneWayOrTheOther() {
        final List<DtlsPair> pairs = new ArrayList<>();
        for (int seed = 1; seed <= 60; seed++) {
            final DtlsPair pair = new DtlsPair(seed, 4000);
            pair.mutatePercent = 5 + seed % 40;
            pair.duplicatePercent = 30;
            pair.reorders = true;
            pairs.add(pair);
        }
        runAll(pairs);
        int connected = 0;
        int failed = 0;
        for (int i = 0; i < pairs.size(); i++) {
            final DtlsPair pair = pairs.get(i);
            final String what = "seed " + (i + 1);
            if (pair.isConnected()) {
                connected++;
            } else {
                failed++;
                assertNotEquals("", pair.server.failure() + pair.client.failure(), what);
                // One side may have finished when the other gave up, but never with other keys.
                assertTrue(pair.server.state() != Dtls.State.CONNECTED
                    || pair.client.state() != Dtls.State.CONNECTED, what);
            }
            pair.close();
        }
        assertTrue(connected > 0 && failed > 0, "connected " + connected + " failed " + failed);
    }

    @Test
    void certificateFingerprintIsThatOfTheCertificate() throws NoSuchAlgorithmException {
        final DtlsCertificate certificate = DtlsPair.SERVER_CERTIFICATE;
        assertEquals("sha-256 " + HexFormat.ofDelimiter(":").withUpperCase().formatHex(
            MessageDigest.getInstance("SHA-256").digest(certificate.der())), certificate.fingerprint());
        assertNotEquals(certificate.fingerprint(), DtlsPair.CLIENT_CERTIFICATE.fingerprint());
    }
}
