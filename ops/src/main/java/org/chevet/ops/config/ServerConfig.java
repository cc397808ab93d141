package org.chevet.ops.config;

import java.util.List;
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
}
