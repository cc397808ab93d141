package org.chevet.relay.dtls;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** A server and a client of this process that shake hands in memory. */
final class DtlsWarmUp {
    private static final long TIMEOUT_MS = 10_000;
    private static final long LOOK_NS = 1_000_000;

    private DtlsWarmUp() {
    }

    static void run(final DtlsCertificate certificate, final SecureRandom random) {
        final Thread here = Thread.currentThread();
        final Runnable wake = () -> LockSupport.unpark(here);
        final DtlsFactory factory = BouncyDtls.factory(certificate, random);
        final String[] fingerprint = certificate.fingerprint().split(" ", 2);
        try (Dtls server = factory.open(DtlsRole.SERVER, fingerprint[0], fingerprint[1], TIMEOUT_MS, wake);
            Dtls client = factory.open(DtlsRole.CLIENT, fingerprint[0], fingerprint[1], TIMEOUT_MS, wake)) {
            final UnsafeBuffer datagram = new UnsafeBuffer(new byte[Dtls.MAX_DATAGRAM]);
            while (server.state() == Dtls.State.HANDSHAKING || client.state() == Dtls.State.HANDSHAKING) {
                carry(server, client, datagram);
                carry(client, server, datagram);
                LockSupport.parkNanos(LOOK_NS);
            }
            if (server.state() != Dtls.State.CONNECTED || client.state() != Dtls.State.CONNECTED
                || !Arrays.equals(server.keys().exporter(), client.keys().exporter())) {
                throw new IllegalStateException("DTLS does not work here: " + server.failure() + client.failure());
            }
        }
    }

    private static void carry(final Dtls from, final Dtls to, final UnsafeBuffer datagram) {
        int length = from.pollTransmit(datagram, 0);
        while (length > 0) {
            to.offer(datagram, 0, length);
            length = from.pollTransmit(datagram, 0);
        }
    }
}
