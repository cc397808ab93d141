package org.chevet.codec.sframe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The vectors of RFC 9605, what is refused, and bytes at random. */
@Tag("REQ-O7")
class SframeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NONE = new byte[0];

    private static JsonNode vectors() throws IOException {
        try (InputStream in = SframeTest.class.getResourceAsStream("/sframe/test-vectors.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static byte[] hex(final JsonNode of, final String name) {
        return HEX.parseHex(of.get(name).asText());
    }

    @Test
    void headersAreThoseOfTheRfc() throws IOException {
        final SframeHeader header = new SframeHeader();
        final byte[] out = new byte[SframeHeader.MAX_LENGTH];
        int count = 0;
        for (final JsonNode vector : vectors().get("header")) {
            final long kid = vector.get("kid").bigIntegerValue().longValue();
            final long ctr = vector.get("ctr").bigIntegerValue().longValue();
            final byte[] encoded = hex(vector, "encoded");
            assertEquals(encoded.length, SframeHeader.length(kid, ctr));
            assertEquals(encoded.length, SframeHeader.encode(out, 0, kid, ctr));
            assertArrayEquals(encoded, Arrays.copyOf(out, encoded.length));
            assertEquals(encoded.length, header.decode(encoded, 0, encoded.length));
            assertEquals(kid, header.kid());
            assertEquals(ctr, header.ctr());
            assertEquals(SframeHeader.TOO_SHORT, header.decode(encoded, 0, encoded.length - 1));
            count++;
        }
        assertEquals(289, count);
    }

    @Test
    void messagesAreThoseOfTheRfc() throws IOException {
        int count = 0;
        for (final JsonNode vector : vectors().get("sframe")) {
            final SframeSuite suite = vector.get("cipher_suite").asInt() == SframeSuite.AES_128_GCM_SHA256_128.code()
                ? SframeSuite.AES_128_GCM_SHA256_128 : SframeSuite.AES_256_GCM_SHA512_128;
            assertEquals(suite.code(), vector.get("cipher_suite").asInt());
            final byte[] secret = Hkdf.extract(suite, NONE, hex(vector, "base_key"));
            assertArrayEquals(hex(vector, "sframe_secret"), secret);
            assertArrayEquals(hex(vector, "sframe_key"),
                Hkdf.expand(suite, secret, hex(vector, "sframe_key_label"), suite.keyBytes()));
            final SframeKey key = SframeKey.of(suite, hex(vector, "base_key"), vector.get("kid").asLong());
            final byte[] plain = hex(vector, "pt");
            final byte[] metadata = hex(vector, "metadata");
            final long ctr = vector.get("ctr").asLong();
            final byte[] sealed = new byte[key.sealedLength(ctr, plain.length)];
            assertEquals(sealed.length,
                key.seal(ctr, metadata, metadata.length, plain, 0, plain.length, sealed, 0));
            assertArrayEquals(hex(vector, "ct"), sealed);
            final byte[] opened = new byte[plain.length];
            assertEquals(plain.length, key.open(metadata, metadata.length, sealed, 0, sealed.length, opened, 0));
            assertArrayEquals(plain, opened);
            count++;
        }
        assertEquals(2, count);
    }

    @Test
    void aLongerFormThanNeededIsRefused() {
        final SframeHeader header = new SframeHeader();
        assertEquals(SframeHeader.NOT_CANONICAL, header.decode(HEX.parseHex("8007"), 0, 2));
        assertEquals(SframeHeader.NOT_CANONICAL, header.decode(HEX.parseHex("0807"), 0, 2));
        assertEquals(SframeHeader.NOT_CANONICAL, header.decode(HEX.parseHex("0900ff"), 0, 3));
        assertEquals(2, header.decode(HEX.parseHex("0808"), 0, 2));
        assertEquals(SframeHeader.TOO_SHORT, header.decode(NONE, 0, 0));
    }

    @Test
    void everyChangedBitIsNoticedAndNothingIsWritten() {
        final SframeKey key = SframeKey.of(SframeSuite.AES_256_GCM_SHA512_128, new byte[32], 0x1234);
        final byte[] plain = {1, 2, 3, 4, 5};
        final byte[] metadata = {9, 8};
        final byte[] sealed = new byte[key.sealedLength(70_000, plain.length)];
        key.seal(70_000, metadata, 2, plain, 0, plain.length, sealed, 0);
        final byte[] out = new byte[plain.length];
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            sealed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertTrue(key.open(metadata, 2, sealed, 0, sealed.length, out, 0) < 0, "bit " + bit);
            sealed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        }
        assertEquals(SframeKey.NOT_AUTHENTIC, key.open(metadata, 1, sealed, 0, sealed.length, out, 0));
        assertArrayEquals(new byte[plain.length], out);
        assertEquals(SframeKey.NO_ROOM, key.open(metadata, 2, sealed, 0, sealed.length, out, 1));
        assertEquals(SframeKey.OTHER_KEY, SframeKey.of(SframeSuite.AES_256_GCM_SHA512_128, new byte[32], 0x1235)
            .open(metadata, 2, sealed, 0, sealed.length, out, 0));
        assertEquals(plain.length, key.open(metadata, 2, sealed, 0, sealed.length, out, 0));
    }

    @Test
    void inPlaceAndTheSameCounterTwice() {
        final SframeKey key = SframeKey.of(SframeSuite.AES_256_GCM_SHA512_128, new byte[32], 5);
        final byte[] buffer = new byte[3000];
        new Random(1).nextBytes(buffer);
        final byte[] before = Arrays.copyOf(buffer, 2000);
        final int length = key.seal(3, NONE, 0, buffer, 0, 2000, buffer, 0);
        assertFalse(Arrays.equals(before, 0, 2000, buffer, 1, 2001));
        assertEquals(2000, key.open(NONE, 0, buffer, 0, length, buffer, 0));
        assertArrayEquals(before, Arrays.copyOf(buffer, 2000));
        assertThrows(IllegalStateException.class, () -> key.seal(3, NONE, 0, buffer, 0, 2000, buffer, 0));
    }

    @Test
    void bytesAtRandomAreRefusedOrEncodeToThemselves() {
        final SframeHeader header = new SframeHeader();
        final SframeKey key = SframeKey.of(SframeSuite.AES_256_GCM_SHA512_128, new byte[32], 5);
        final Random random = new Random(9605);
        final byte[] out = new byte[SframeHeader.MAX_LENGTH];
        int good = 0;
        for (int round = 0; round < 200_000; round++) {
            final byte[] in = new byte[random.nextInt(24)];
            random.nextBytes(in);
            final int length = header.decode(in, 0, in.length);
            if (length > 0) {
                assertEquals(length, SframeHeader.encode(out, 0, header.kid(), header.ctr()));
                assertArrayEquals(Arrays.copyOf(in, length), Arrays.copyOf(out, length));
                good++;
            }
            if (round % 100 == 0) {
                assertTrue(key.open(NONE, 0, in, 0, in.length, new byte[24], 0) < 0);
            }
        }
        assertTrue(good > 10_000);
    }
}
