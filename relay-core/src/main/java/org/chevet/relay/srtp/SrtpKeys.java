package org.chevet.relay.srtp;

import java.util.Arrays;

/**
 * Master keys and salts of both directions, cut out of the DTLS exporter output (RFC 5764 section 4.2).
 *
 * <p>The arrays belong to this object: senders and receivers copy what they need, {@link #close()} overwrites them.
 * Not thread-safe.
 */
public final class SrtpKeys implements AutoCloseable {
    private final SrtpProfile profile;
    private final byte[] clientKey;
    private final byte[] serverKey;
    private final byte[] clientSalt;
    private final byte[] serverSalt;

    /**
     * Cuts the exporter output, which is copied; the caller overwrites its own.
     *
     * @param exporter client key, server key, client salt, server salt, one behind the other
     * @throws IllegalArgumentException when the length is not {@link SrtpProfile#exporterLength()}
     */
    public SrtpKeys(final SrtpProfile profile, final byte[] exporter) {
        if (exporter.length != profile.exporterLength()) {
            throw new IllegalArgumentException(
                profile + " needs " + profile.exporterLength() + " bytes of exporter, not " + exporter.length);
        }
        this.profile = profile;
        final int key = profile.keyLength();
        final int salt = profile.saltLength();
        clientKey = Arrays.copyOfRange(exporter, 0, key);
        serverKey = Arrays.copyOfRange(exporter, key, 2 * key);
        clientSalt = Arrays.copyOfRange(exporter, 2 * key, 2 * key + salt);
        serverSalt = Arrays.copyOfRange(exporter, 2 * key + salt, 2 * key + 2 * salt);
    }

    /** The profile the keys are for. */
    public SrtpProfile profile() {
        return profile;
    }

    /** What the DTLS server sends with: its sender. */
    public SrtpSender serverSender(final AeadEngineProvider engines) {
        return new SrtpSender(profile, serverKey, serverSalt, engines);
    }

    /** What the DTLS server receives with: opens what the client sealed. */
    public SrtpReceiver serverReceiver(final AeadEngineProvider engines) {
        return new SrtpReceiver(profile, clientKey, clientSalt, engines);
    }

    /** What the DTLS client sends with. */
    public SrtpSender clientSender(final AeadEngineProvider engines) {
        return new SrtpSender(profile, clientKey, clientSalt, engines);
    }

    /** What the DTLS client receives with: opens what the server sealed. */
    public SrtpReceiver clientReceiver(final AeadEngineProvider engines) {
        return new SrtpReceiver(profile, serverKey, serverSalt, engines);
    }

    /** Overwrites the keys with zeros; senders and receivers made before go on working. */
    @Override
    public void close() {
        Arrays.fill(clientKey, (byte) 0);
        Arrays.fill(serverKey, (byte) 0);
        Arrays.fill(clientSalt, (byte) 0);
        Arrays.fill(serverSalt, (byte) 0);
    }
}
