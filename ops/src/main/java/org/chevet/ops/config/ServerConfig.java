package org.chevet.ops.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chevet.relay.api.RelayConfig;

/**
 * Everything a server is started with. Immutable.
 *
 * @param relay what the embedded relay needs
 * @param consoleEnabled serve the pages at {@code /}
 * @param metricsEnabled serve {@code /metrics}
 * @param drainSeconds how long a stop waits for consultations to finish, in seconds
 * @param logLevel "error", "warn", "info", "debug" or "trace"
 * @param dev started with {@code --dev} or as demo: loopback and throw-away keys
 * @param warnings sentences to log at start: environment variables that look like a mistake
 */
public record ServerConfig(RelayConfig relay, boolean consoleEnabled, boolean metricsEnabled, int drainSeconds,
    String logLevel, boolean dev, List<String> warnings) {
    /** Copies the list. */
    public ServerConfig {
        warnings = List.copyOf(warnings);
    }

    /**
     * The same with more keys.
     *
     * @param tokenKeys key id to secret as text
     * @param apiKeys keys of the API
     */
    public ServerConfig withKeys(final Map<String, String> tokenKeys, final List<String> apiKeys) {
        final Map<String, byte[]> tokens = new HashMap<>(relay.tokenKeys());
        tokenKeys.forEach((id, secret) -> tokens.put(id, secret.getBytes(StandardCharsets.UTF_8)));
        final List<String> keys = new ArrayList<>(relay.apiKeys());
        keys.addAll(apiKeys);
        return withRelay(new RelayConfig(relay.httpHost(), relay.httpPort(), relay.mediaHosts(), relay.mediaPort(),
            relay.lanes(), relay.announced(), tokens, keys, relay.corsOrigins(), relay.maxConsultations(),
            relay.maxParticipants(), relay.handshakeTimeoutMs(), relay.idleTimeoutMs(), relay.vitalsRingMs(),
            relay.vitalsRingBytes()));
    }

    /** The same on other ports; 0 for any free ones. */
    public ServerConfig withPorts(final int httpPort, final int mediaPort) {
        return withRelay(new RelayConfig(relay.httpHost(), httpPort, relay.mediaHosts(), mediaPort,
            relay.lanes(), relay.announced(), relay.tokenKeys(), relay.apiKeys(), relay.corsOrigins(),
            relay.maxConsultations(), relay.maxParticipants(), relay.handshakeTimeoutMs(), relay.idleTimeoutMs(),
            relay.vitalsRingMs(), relay.vitalsRingBytes()));
    }

    private ServerConfig withRelay(final RelayConfig changed) {
        return new ServerConfig(changed, consoleEnabled, metricsEnabled, drainSeconds, logLevel, dev, warnings);
    }
}
