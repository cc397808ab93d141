package org.chevet.ops.demo;

import java.net.URI;

/**
 * Where a relay listens, as a client on the same machine writes it.
 *
 * @param host name, or address (IPv6 without brackets)
 * @param port TCP port of HTTP
 */
public record RelayAddress(String host, int port) {
    /** An http URI. */
    public URI http(final String path) {
        return URI.create("http://" + authority() + path);
    }

    /** A ws URI. */
    public URI webSocket(final String path) {
        return URI.create("ws://" + authority() + path);
    }

    private String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
