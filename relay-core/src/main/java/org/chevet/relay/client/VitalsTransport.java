package org.chevet.relay.client;

/**
 * What carries messages between a vitals client and the relay: a WebSocket, or a fake in tests. Connects again and
 * again; at most one connection at a time.
 */
public interface VitalsTransport {
    /**
     * Begins to connect. Exactly one of {@link Listener#onOpen} and {@link Listener#onClosed} follows, on any thread.
     */
    void connect(Listener listener);

    /**
     * Sends one binary message; the next may be sent after {@code done} has run (on any thread). When the connection
     * fails {@code done} need not run: {@link Listener#onClosed} does.
     */
    void send(byte[] message, Runnable done);

    /** Closes the connection now; {@link Listener#onClosed} follows unless it was closed before. */
    void close();

    /** Gives up what the transport holds; it is not used after. */
    void shutdown();

    /** What a transport tells its client, on any thread but in order. */
    interface Listener {
        /** The connection is there. */
        void onOpen();

        /** One binary message; the array is handed over. */
        void onMessage(byte[] message);

        /**
         * The connection is gone or was never made.
         *
         * @param code WebSocket close code, or 1006 when there was none
         * @param reason for people
         */
        void onClosed(int code, String reason);
    }
}
