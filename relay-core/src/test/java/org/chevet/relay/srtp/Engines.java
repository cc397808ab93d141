package org.chevet.relay.srtp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Every provider there is, by name; a test that needs one that is not on this machine says so and is skipped. */
final class Engines {
    private static final Map<String, Object> KNOWN = new ConcurrentHashMap<>();

    private Engines() {
    }

    /** Names of all providers; a further one appears here by itself. */
    static Stream<String> names() {
        return CryptoSelection.choices().stream().filter(name -> !name.equals(CryptoSelection.AUTO));
    }

    /** Names of the providers by native code. */
    static Stream<String> nativeNames() {
        return names().filter(name -> !name.equals(JceAeadEngineProvider.NAME));
    }

    /** The provider, or the end of the test with a sentence when it cannot be used here. */
    static AeadEngineProvider require(final String name) {
        final Object found = KNOWN.computeIfAbsent(name, Engines::select);
        if (found instanceof AeadEngineProvider provider) {
            return provider;
        }
        return Assumptions.abort("Skipped: " + found + ".");
    }

    private static Object select(final String name) {
        try {
            return CryptoSelection.select(name).engines();
        } catch (final IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
