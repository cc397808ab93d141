package org.chevet.ops.demo;

import java.net.URI;

/**
 * Where a relay listens, as a client on the same machine writes it.
 *
 * @param host name, or address (IPv6 without brackets)
 * @param port TCP port of HTTP
 * @param secure by HTTPS
 */
public record RelayAddress(String host, int port, boolean secure) {
    /** An http or https URI. */
    public URI http(final String path) {
        return URI.create((secure ? "https://" : "http://") + authority() + path);
    }

    /** A ws or wss URI. */
    public URI webSocket(final String path) {
        return URI.create((secure ? "wss://" : "ws://") + authority() + path);
    }

    private String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
