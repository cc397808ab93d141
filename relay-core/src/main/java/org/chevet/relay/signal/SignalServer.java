package org.chevet.relay.signal;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.LongSupplier;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenVerifier;

/**
 * The HTTP port: WHIP, WHEP, the REST API, the vitals and session WebSockets, and the routes of others.
 *
 * <p>Construct, {@link #start}, {@link #close}; all three on any thread but its own.
 */
public final class SignalServer implements AutoCloseable {
    private final SignalStats stats = new SignalStats();
    private final SignalConfig config;

    /**
     * A server that does not listen yet.
     *
     * @param door to the lanes
     * @param verifier of participants' tokens
     * @param issuer for {@code POST /v1/tokens}
     * @param clockMs milliseconds since 1970, for tokens
     * @param random for ICE credentials and resource ids
     * @param routes what else the port serves
     */
    public SignalServer(final SignalConfig config, final RelayDoor door, final TokenVerifier verifier,
        final TokenIssuer issuer, final LongSupplier clockMs, final SecureRandom random,
        final List<HttpRoute> routes) {
        this.config = config;
    }

    /**
     * Listens.
     *
     * @return the port it listens on
     * @throws IOException one sentence that names the address and why it cannot be listened on
     */
    public int start() throws IOException {
        if (config.port() >= 0) {
            throw new IOException("HTTP on " + config.host() + ":" + config.port() + " is not built yet");
        }
        return config.port();
    }

    /** Counters; live. */
    public SignalStats stats() {
        return stats;
    }

    /** Stops listening, closes WebSockets with 1001, lets requests finish for a bounded time, frees the threads. */
    @Override
    public void close() {
    }
}
