package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.chevet.relay.srtp.CryptoSelection;
import org.junit.jupiter.api.Test;

/** A relay says what seals its media, and does not start with what cannot be had. */
class RelayCryptoTest {
    @Test
    void takesWhatIsForced() throws IOException {
        try (Relay relay = Relay.start(TestConfigs.loopback().withTuning(Tuning.defaults().withCrypto("jce")))) {
            assertEquals("jce", relay.crypto().name());
            assertEquals("set by configuration", relay.crypto().reason());
        }
    }

    @Test
    void takesTheFastestByDefault() throws IOException {
        try (Relay relay = Relay.start(TestConfigs.loopback())) {
            assertEquals(CryptoSelection.select("auto").name(), relay.crypto().name());
        }
    }

    @Test
    void doesNotStartWithWhatIsNone() {
        final IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class,
            () -> Relay.start(TestConfigs.loopback().withTuning(Tuning.defaults().withCrypto("abacus"))).close());
        assertEquals("crypto is 'abacus': accepted is one of auto, ipsec-mb, libcrypto, jce", refusal.getMessage());
    }
}
