package org.chevet.relay.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Configurations for tests: loopback, free ports, one lane. */
final class TestConfigs {
    static final String API_KEY = "test-api-key";

    private TestConfigs() {
    }

    static RelayConfig loopback() {
        final RelayConfig defaults = RelayConfig.defaults();
        return new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("test", "a secret of at least thirty-two bytes".getBytes(StandardCharsets.US_ASCII)),
            List.of(API_KEY), List.of(), defaults.maxConsultations(), defaults.maxParticipants(),
            defaults.handshakeTimeoutMs(), defaults.idleTimeoutMs(), defaults.vitalsRingMs(),
            defaults.vitalsRingBytes(), Tuning.defaults(), Reach.plain());
    }
}
