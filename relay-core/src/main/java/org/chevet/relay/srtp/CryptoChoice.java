package org.chevet.relay.srtp;

import java.util.ArrayList;
import java.util.List;

/**
 * The provider a process seals and opens with, and why it is that one.
 *
 * @param engines the provider
 * @param wanted what was asked for: "auto" or its name
 * @param candidates all there are, best first
 */
public record CryptoChoice(AeadEngineProvider engines, String wanted, List<CryptoCandidate> candidates) {
    /** Copies the list. */
    public CryptoChoice {
        candidates = List.copyOf(candidates);
    }

    /** {@link AeadEngineProvider#name()} of the choice. */
    public String name() {
        return engines.name();
    }

    /** {@link AeadEngineProvider#version()} of the choice. */
    public String version() {
        return engines.version();
    }

    /** Why, as the end of a log line: "the fastest that is usable here; ipsec-mb: ...". */
    public String reason() {
        if (!wanted.equals(CryptoSelection.AUTO)) {
            return "set by configuration";
        }
        final List<String> reasons = new ArrayList<>();
        reasons.add("the fastest that is usable here");
        for (final CryptoCandidate candidate : candidates) {
            if (candidate.name().equals(name())) {
                break;
            }
            reasons.add(candidate.name() + ": " + candidate.reason());
        }
        return String.join("; ", reasons);
    }
}
