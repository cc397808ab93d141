package org.chevet.relay.dtls;

import java.util.Arrays;

/**
 * What the handshake yields for SRTP: the agreed profile and the exporter output of RFC 5764 section 4.2 (client key,
 * server key, client salt, server salt). {@link #close()} overwrites the bytes.
 */
public final class DtlsKeys implements AutoCloseable {
    private final int profileCode;
    private final byte[] exporter;

    /** Takes ownership of {@code exporter}. */
    public DtlsKeys(final int profileCode, final byte[] exporter) {
        this.profileCode = profileCode;
        this.exporter = exporter;
    }

    /** Number of the protection profile in use_srtp: 8, 7 or 1. */
    public int profileCode() {
        return profileCode;
    }

    /** A copy of the exporter output, which the caller overwrites after use. */
    public byte[] exporter() {
        return exporter.clone();
    }

    /** Overwrites the keys with zeros. */
    @Override
    public void close() {
        Arrays.fill(exporter, (byte) 0);
    }
}
