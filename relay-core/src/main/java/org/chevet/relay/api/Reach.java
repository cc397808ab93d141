package org.chevet.relay.api;

import java.nio.file.Path;
import org.chevet.relay.signal.TlsFiles;
import org.jspecify.annotations.Nullable;

/**
 * How clients reach a relay beside its addresses. Made with {@link #plain()} and the {@code with} methods. Immutable.
 *
 * @param tls certificate of the HTTP port, null for plain HTTP
 */
public record Reach(@Nullable TlsFiles tls) {
    /** Plain HTTP. */
    public static Reach plain() {
        return new Reach(null);
    }

    /**
     * The same by HTTPS; both files are read again when they change.
     *
     * @param certificate PEM file: the certificate, then those that sign it
     * @param key PEM file: its private key, PKCS#8, not encrypted
     * @param allowTls12 TLS 1.2 is spoken beside 1.3
     */
    public Reach withTls(final Path certificate, final Path key, final boolean allowTls12) {
        return new Reach(new TlsFiles(certificate, key, allowTls12));
    }

    /** True when the HTTP port speaks HTTPS. */
    public boolean isSecure() {
        return tls != null;
    }
}
