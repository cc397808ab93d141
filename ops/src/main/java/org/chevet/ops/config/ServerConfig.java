package org.chevet.ops.config;

import java.nio.charset.StandardCharsets;
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
        RelayConfig changed = relay;
        for (final Map.Entry<String, String> key : tokenKeys.entrySet()) {
            changed = changed.withTokenKey(key.getKey(), key.getValue().getBytes(StandardCharsets.UTF_8));
        }
        for (final String key : apiKeys) {
            changed = changed.withApiKey(key);
        }
        return withRelay(changed);
    }

    /** The same on other ports; 0 for any free ones. */
    public ServerConfig withPorts(final int httpPort, final int mediaPort) {
        return withRelay(relay.withPorts(httpPort, mediaPort));
    }

    /** The same with one address for HTTP and media. */
    public ServerConfig withHost(final String host) {
        return withRelay(relay.withHost(host));
    }

    private ServerConfig withRelay(final RelayConfig changed) {
        return new ServerConfig(changed, consoleEnabled, metricsEnabled, drainSeconds, logLevel, dev, warnings);
    }
}
