package org.chevet.relay.dtls;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** A server and a client with a seeded bad network between them. Real time: the library has its own clock. */
final class DtlsPair implements AutoCloseable {
    static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
    static final DtlsCertificate SERVER_CERTIFICATE = DtlsCertificate.generate(RANDOM, NOW, 30);
    static final DtlsCertificate CLIENT_CERTIFICATE = DtlsCertificate.generate(RANDOM, NOW, 30);
    private static final long NS_PER_MS = 1_000_000;

    final Dtls server;
    final Dtls client;
    private final Random random;
    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[Dtls.MAX_DATAGRAM]);
    private final List<byte[]> toServer = new ArrayList<>();
    private final List<byte[]> toClient = new ArrayList<>();
    int lossPercent;
    int duplicatePercent;
    int mutatePercent;
    boolean reorders;
    int carried;

    DtlsPair(final long seed, final long handshakeTimeoutMs) {
        this(seed, handshakeTimeoutMs, CLIENT_CERTIFICATE.fingerprint(), SERVER_CERTIFICATE.fingerprint());
    }

    DtlsPair(final long seed, final long handshakeTimeoutMs, final String clientFingerprint,
        final String serverFingerprint) {
        random = new Random(seed);
        server = open(SERVER_CERTIFICATE, DtlsRole.SERVER, clientFingerprint, handshakeTimeoutMs);
        client = open(CLIENT_CERTIFICATE, DtlsRole.CLIENT, serverFingerprint, handshakeTimeoutMs);
    }

    static Dtls open(final DtlsCertificate certificate, final DtlsRole role, final String fingerprint,
        final long handshakeTimeoutMs) {
        final Thread here = Thread.currentThread();
        final String[] parts = fingerprint.split(" ", 2);
        return BouncyDtls.factory(certificate, RANDOM).open(role, parts[0], parts[1], handshakeTimeoutMs,
            () -> LockSupport.unpark(here));
    }

    boolean isSettled() {
        return server.state() != Dtls.State.HANDSHAKING && client.state() != Dtls.State.HANDSHAKING;
    }

    boolean isConnected() {
        return server.state() == Dtls.State.CONNECTED && client.state() == Dtls.State.CONNECTED
            && Arrays.equals(server.keys().exporter(), client.keys().exporter())
            && server.keys().profileCode() == client.keys().profileCode();
    }

    /** Carries datagrams until both sides are done, or the time is over. */
    boolean handshake(final long timeoutMs) {
        return runUntil(this::isSettled, timeoutMs);
    }

    boolean runUntil(final java.util.function.BooleanSupplier done, final long timeoutMs) {
        final long deadlineNs = System.nanoTime() + timeoutMs * NS_PER_MS;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            step();
            LockSupport.parkNanos(NS_PER_MS);
        }
        return true;
    }

    void step() {
        collect(client, toServer);
        collect(server, toClient);
        deliver(toServer, server);
        deliver(toClient, client);
    }

    private void collect(final Dtls from, final List<byte[]> way) {
        for (int length = from.pollTransmit(datagram, 0); length > 0; length = from.pollTransmit(datagram, 0)) {
            final byte[] bytes = new byte[length];
            datagram.getBytes(0, bytes);
            carried++;
            if (random.nextInt(100) >= lossPercent) {
                way.add(bytes);
            }
            if (random.nextInt(100) < duplicatePercent) {
                way.add(bytes);
            }
        }
    }

    private void deliver(final List<byte[]> way, final Dtls to) {
        while (!way.isEmpty()) {
            final byte[] bytes = way.remove(reorders ? random.nextInt(way.size()) : 0).clone();
            if (random.nextInt(100) < mutatePercent) {
                mutate(bytes);
            }
            to.offer(new UnsafeBuffer(bytes), 0, bytes.length);
        }
    }

    private void mutate(final byte[] bytes) {
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
    }
}
