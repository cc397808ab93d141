package org.chevet.relay.api;

import java.nio.file.Path;
import java.util.List;
import org.chevet.relay.signal.TlsFiles;
import org.chevet.relay.signal.TurnServers;
import org.jspecify.annotations.Nullable;

/**
 * How clients reach a relay beside its addresses. Made with {@link #plain()} and the {@code with} methods. Immutable.
 *
 * @param tls certificate of the HTTP port, null for plain HTTP
 * @param mediaTcp media may come by TCP to the HTTP port, and answers offer it (RFC 6544)
 * @param mediaTcpPort TCP port that answers offer, 0 for the one HTTP listens on
 * @param turn servers whose credentials clients get
 */
public record Reach(@Nullable TlsFiles tls, boolean mediaTcp, int mediaTcpPort, TurnServers turn) {
    /** Plain HTTP, media by UDP and by TCP on the HTTP port. */
    public static Reach plain() {
        return new Reach(null, true, 0, TurnServers.none());
    }

    /**
     * The same by HTTPS; both files are read again when they change.
     *
     * @param certificate PEM file: the certificate, then those that sign it
     * @param key PEM file: its private key, PKCS#8, not encrypted
     * @param allowTls12 TLS 1.2 is spoken beside 1.3
     */
    public Reach withTls(final Path certificate, final Path key, final boolean allowTls12) {
        return new Reach(new TlsFiles(certificate, key, allowTls12), mediaTcp, mediaTcpPort, turn);
    }

    /**
     * The same with or without media over TCP.
     *
     * @param port what answers offer: where a proxy in front listens; 0 for the one HTTP listens on
     */
    public Reach withMediaTcp(final boolean newMediaTcp, final int port) {
        return new Reach(tls, newMediaTcp, port, turn);
    }

    /**
     * The same with TURN servers, whose credentials participants get from WHIP and WHEP for a limited time.
     *
     * @param urls {@code turn:host:port?transport=udp} and the like; empty for none
     * @param secret the servers' {@code static-auth-secret}
     * @param ttlSeconds how long credentials are good for
     */
    public Reach withTurn(final List<String> urls, final byte[] secret, final int ttlSeconds) {
        return new Reach(tls, mediaTcp, mediaTcpPort, new TurnServers(urls, secret, ttlSeconds));
    }

    /** True when the HTTP port speaks HTTPS. */
    public boolean isSecure() {
        return tls != null;
    }
}
