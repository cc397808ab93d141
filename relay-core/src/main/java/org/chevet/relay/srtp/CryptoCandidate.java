package org.chevet.relay.srtp;

import java.util.Optional;

/**
 * One provider and whether it can serve in this process.
 *
 * @param name as {@link AeadEngineProvider#name()}
 * @param engines the provider, when it can
 * @param reason why it cannot, or why that was not looked into; "" when it can; no full stop
 */
public record CryptoCandidate(String name, Optional<AeadEngineProvider> engines, String reason) {
    /** One that was checked and serves. */
    static CryptoCandidate usable(final AeadEngineProvider engines) {
        return new CryptoCandidate(engines.name(), Optional.of(engines), "");
    }

    /** One that does not serve, or was not checked. */
    static CryptoCandidate unusable(final String name, final String reason) {
        return new CryptoCandidate(name, Optional.empty(), reason);
    }

    /** Version of its library, "" when it does not serve. */
    public String version() {
        return engines.map(AeadEngineProvider::version).orElse("");
    }
}
