package org.chevet.relay.signal;

/**
 * Bounds of the HTTP port.
 *
 * @param threads event loop threads, 1 to 64
 * @param maxConnections open TCP connections; more are closed at once
 * @param maxBodyBytes largest request body
 * @param maxHeaderBytes largest header block; the request line has the same bound of its own
 * @param requestTimeoutMs a request must be complete within this time after its first byte (or the connect)
 * @param idleTimeoutMs a connection without a request is closed after this time
 * @param requestsPerSecond sustained requests per connection and second; twice that in a burst
 * @param doorTimeoutMs how long a lane may take to answer
 * @param maxRouteCalls calls of {@link HttpRoute}s under way at once
 * @param maxVitalsMessageBytes largest binary message of {@code chevet.vitals.v1}
 * @param maxSessionMessageBytes largest text message of {@code chevet.session.v1}
 * @param vitalsMessagesPerSecond reading pauses above this rate
 * @param sessionMessagesPerSecond a session connection is closed above this rate (twice that in a burst)
 * @param pingIntervalMs a WebSocket that was silent this long is pinged
 * @param silenceTimeoutMs a WebSocket that was silent this long is closed
 */
public record SignalLimits(int threads, int maxConnections, int maxBodyBytes, int maxHeaderBytes,
    long requestTimeoutMs, long idleTimeoutMs, int requestsPerSecond, long doorTimeoutMs, int maxRouteCalls,
    int maxVitalsMessageBytes, int maxSessionMessageBytes, int vitalsMessagesPerSecond, int sessionMessagesPerSecond,
    long pingIntervalMs, long silenceTimeoutMs) {

    /** Refuses what cannot work, with a sentence. */
    public SignalLimits {
        require(threads >= 1 && threads <= 64, "threads must be 1 to 64");
        require(maxConnections >= 1, "maxConnections must be at least 1");
        require(maxBodyBytes >= 1024, "maxBodyBytes must be at least 1024");
        require(maxHeaderBytes >= 1024, "maxHeaderBytes must be at least 1024");
        require(requestTimeoutMs >= 1 && idleTimeoutMs >= 1 && doorTimeoutMs >= 1, "timeouts must be positive");
        require(requestsPerSecond >= 1, "requestsPerSecond must be at least 1");
        require(maxRouteCalls >= 1, "maxRouteCalls must be at least 1");
        require(maxVitalsMessageBytes >= 1024 && maxSessionMessageBytes >= 1024,
            "WebSocket messages must be allowed at least 1024 bytes");
        require(vitalsMessagesPerSecond >= 1 && sessionMessagesPerSecond >= 1, "message rates must be at least 1");
        require(pingIntervalMs >= 1 && silenceTimeoutMs > pingIntervalMs,
            "silenceTimeoutMs must be more than pingIntervalMs");
    }

    /** Bounds that fit one node of some hundred consultations. */
    public static SignalLimits defaults() {
        return new SignalLimits(2, 8192, 128 * 1024, 16 * 1024, 10_000, 60_000, 50, 5_000, 64, 128 * 1024,
            64 * 1024, 4_000, 50, 15_000, 45_000);
    }

    private static void require(final boolean holds, final String sentence) {
        if (!holds) {
            throw new IllegalArgumentException(sentence);
        }
    }
}
