package org.chevet.relay.dtls;

/** Opens associations; what a lane is given, so that tests can give it another. Safe on any thread. */
@FunctionalInterface
public interface DtlsFactory {
    /**
     * Starts one association; a CLIENT sends its first flight at once.
     *
     * @param role which side to play
     * @param fingerprintAlgorithm hash name of the peer's {@code a=fingerprint}: sha-256, sha-384 or sha-512
     * @param fingerprint hex pairs joined by colons, any case: the certificate the peer must show
     * @param handshakeTimeoutMs hard deadline of the handshake in milliseconds from now
     * @param wake run from another thread whenever there is something to poll or the state changed; must not block
     * @throws IllegalArgumentException when algorithm or fingerprint are not of this form
     */
    Dtls open(DtlsRole role, String fingerprintAlgorithm, String fingerprint, long handshakeTimeoutMs, Runnable wake);
}
