package org.chevet.relay.signal;

import java.util.Locale;

/** What the HTTP port counts besides refusals. Names are the metric names ({@code chevet_} before, {@code _total}). */
public enum SignalCounter {
    HTTP_CONNECTIONS_OPENED, HTTP_CONNECTIONS_CLOSED, HTTP_REQUESTS, HTTP_RESPONSES,
    TLS_HANDSHAKES, TLS_HANDSHAKES_FAILED, TLS_RELOADS, TLS_RELOADS_REFUSED,
    MEDIA_CONNECTIONS, MEDIA_CONNECTIONS_REFUSED,
    WHIP_CREATED, WHEP_CREATED, SESSION_MEDIA_CREATED, TOKENS_ISSUED, ROUTE_ERRORS,
    WEBSOCKETS_OPENED, WEBSOCKETS_CLOSED, WEBSOCKET_MESSAGES_RECEIVED, WEBSOCKET_MESSAGES_SENT,
    WEBSOCKET_BYTES_RECEIVED, WEBSOCKET_BYTES_SENT, WEBSOCKET_READS_PAUSED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Lower-case name, words joined by underscores. */
    public String label() {
        return label;
    }
}
