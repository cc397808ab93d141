package org.chevet.relay.signal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP port is set up. Immutable.
 *
 * @param host address to listen on
 * @param port port to listen on, 0 for any free one
 * @param publicUrl how browsers reach it ("https://relay.example"), without a slash at the end; "" to take the Host
 *     header of each request
 * @param apiKeys keys that open the API for vendors' back-ends; none: that API refuses all
 * @param corsOrigins origins that may call from a browser ("https://app.example"); "*" for any
 * @param limits bounds
 * @param tls certificate of the port, null for plain HTTP
 * @param mediaTcp the port takes media over TCP too
 * @param turn servers whose credentials clients get
 */
public record SignalConfig(String host, int port, String publicUrl, List<String> apiKeys, List<String> corsOrigins,
    SignalLimits limits, @Nullable TlsFiles tls, boolean mediaTcp, TurnServers turn) {

    /** Copies the lists. */
    public SignalConfig {
        apiKeys = List.copyOf(apiKeys);
        corsOrigins = List.copyOf(corsOrigins);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("HTTP port " + port + " is not 0 to 65535");
        }
        if (apiKeys.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("an API key is blank");
        }
    }

    /** A configuration with default limits and links after the Host header. */
    public static SignalConfig of(final String host, final int port, final List<String> apiKeys,
        final List<String> corsOrigins) {
        return new SignalConfig(host, port, "", apiKeys, corsOrigins, SignalLimits.defaults(), null, false,
            TurnServers.none());
    }

    /** The same with other limits. */
    public SignalConfig withLimits(final SignalLimits newLimits) {
        return new SignalConfig(host, port, publicUrl, apiKeys, corsOrigins, newLimits, tls, mediaTcp, turn);
    }

    /** The same with another public URL. */
    public SignalConfig withPublicUrl(final String newPublicUrl) {
        return new SignalConfig(host, port, newPublicUrl, apiKeys, corsOrigins, limits, tls, mediaTcp, turn);
    }

    /** The same with a certificate: the port speaks HTTPS; null for plain HTTP. */
    public SignalConfig withTls(final @Nullable TlsFiles newTls) {
        return new SignalConfig(host, port, publicUrl, apiKeys, corsOrigins, limits, newTls, mediaTcp, turn);
    }

    /** The same with or without media over TCP on the port. */
    public SignalConfig withMediaTcp(final boolean newMediaTcp) {
        return new SignalConfig(host, port, publicUrl, apiKeys, corsOrigins, limits, tls, newMediaTcp, turn);
    }

    /** The same with other TURN servers. */
    public SignalConfig withTurn(final TurnServers newTurn) {
        return new SignalConfig(host, port, publicUrl, apiKeys, corsOrigins, limits, tls, mediaTcp, newTurn);
    }
}
