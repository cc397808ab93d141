package org.chevet.relay.consultation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("REQ-O4")
class OpaqueIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"1850578006084", "185057800608436", "1.85.05.78.006.084.36", "1-85-05-78-006-084",
        "284052A00608436", "284052b006084", "2-84-05-2B-006-084-36", "patient-1850578006084",
        "nir185057800608436", "185057800608436x", "p_1.85.05.78.006.084_x", "284052A006084"})
    void idsThatLookLikeANationalNumberAreRefused(final String id) {
        final Optional<String> fault = OpaqueId.faultOfId("participant", id);
        assertTrue(fault.isPresent(), id);
        assertFalse(fault.get().contains(id), "the sentence must not repeat it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Jean 1 85 05 78 006 084 36", "1 85 05 78 006 084", "2 84 05 2A 006 084",
        "2 84 05 2 A 006 084",
        "Mme X (185057800608436)", "１８５０５７８００６０８４", "1/85/05/78/006/084", "1\u00a085\u00a005 78 006 084"})
    void namesThatHoldANationalNumberAreRefused(final String name) {
        assertTrue(OpaqueId.faultOfName("name", name).orElse("").contains("national identity number"), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"p", "site-1", "practitioner~7", "a.b_c-d", "12345678", "12345678901234",
        "1234567890123456",
        "550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000"})
    void opaqueIdsPass(final String id) {
        assertEquals(Optional.empty(), OpaqueId.faultOfId("participant", id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "é", "a/b", "a%2fb", "a\nb", "<script>",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void idsOutsideTheAlphabetAreRefused(final String id) {
        assertTrue(OpaqueId.faultOfId("participant", id).isPresent(), id);
    }

    @Test
    void namesMayBeWhatPeopleAreCalled() {
        assertEquals(Optional.empty(), OpaqueId.faultOfName("name", "Dr Zoé O'Neill-Lefèvre, cabinet 12"));
        assertEquals(Optional.empty(), OpaqueId.faultOfName("name", "06 12 34 56 78"));
        assertTrue(OpaqueId.faultOfName("name", "a\u202eb").isPresent(), "direction override");
        assertTrue(OpaqueId.faultOfName("name", "a\nb").isPresent());
        assertTrue(OpaqueId.faultOfName("name", "x".repeat(OpaqueId.MAX_NAME_LENGTH + 1)).isPresent());
    }

    @Test
    void randomIdsAreNotTakenForNumbers() {
        final long seed = 20261122;
        final Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            final String uuid = new UUID(random.nextLong(), random.nextLong()).toString();
            assertFalse(OpaqueId.looksLikeNationalNumber(uuid), "seed " + seed + ": " + uuid);
            final String hex = HexFormat.of().formatHex(bytes);
            assertFalse(OpaqueId.looksLikeNationalNumber(hex), "seed " + seed + ": " + hex);
        }
    }
}
