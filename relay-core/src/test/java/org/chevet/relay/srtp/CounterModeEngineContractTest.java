package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CounterModeEngine} must do, whatever library is behind it. */
@Tag("REQ-O7")
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class CounterModeEngineContractTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long SEED = 3711;

    private final AeadEngineProvider provider;

    CounterModeEngineContractTest(final String name) {
        provider = Engines.require(name);
    }

    /** RFC 3711 appendix B.2: blocks 0, 1, 2 and 0xFEFF to 0xFF01, where the counter carries. */
    @Test
    void keystreamOfRfc3711() {
        try (CounterModeEngine engine =
            provider.createCounterMode(HEX.parseHex("2b7e151628aed2a6abf7158809cf4f3c"), new byte[20])) {
            assertEquals("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca8"
                + "94c0", keystream(engine, "f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"));
            assertEquals("ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba"
                + "6c44", keystream(engine, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
        }
    }

    private static String keystream(final CounterModeEngine engine, final String iv) {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[48]);
        assertTrue(engine.crypt(HEX.parseHex(iv), new UnsafeBuffer(new byte[48]), 0, 48, out, 0));
        return HEX.formatHex(out.byteArray());
    }

    /** RFC 2202 section 3, cases 1 to 5; the last four bytes of each message come as the word. */
    @Test
    void digestsOfRfc2202() {
        digest("0b".repeat(20), text("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
        digest(text("Jefe"), text("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        digest("aa".repeat(20), "dd".repeat(50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
        digest("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd".repeat(50),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da");
        digest("0c".repeat(20), text("Test With Truncation"), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04");
    }

    private void digest(final String key, final String message, final String expected) {
        final byte[] bytes = HEX.parseHex(message);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final int length = bytes.length - Integer.BYTES;
        final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
        try (CounterModeEngine engine = provider.createCounterMode(new byte[16], HEX.parseHex(key))) {
            for (int i = 0; i < 2; i++) {
                assertTrue(engine.authenticate(buffer, 0, length, BigEndian.i32(buffer, length), digest));
                assertEquals(expected, HEX.formatHex(digest), "time " + i);
            }
        }
    }

    private static String text(final String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void thousandsOfPacketsAreTheJdks() {
        final Random random = new Random(SEED);
        final byte[] key = bytes(random, 16);
        final byte[] authenticationKey = bytes(random, 20);
        final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
        final byte[] expectedDigest = new byte[CounterModeEngine.DIGEST_LENGTH];
        try (CounterModeEngine engine = provider.createCounterMode(key, authenticationKey);
            CounterModeEngine jdk = new JceCounterModeEngine(key, authenticationKey)) {
            for (int i = 0; i < 4000; i++) {
                final int length = random.nextInt(1501);
                final int from = random.nextInt(40);
                final int to = random.nextInt(40);
                final byte[] iv = bytes(random, 16);
                final MutableDirectBuffer in = buffer(random.nextBoolean());
                final MutableDirectBuffer out = buffer(random.nextBoolean());
                final MutableDirectBuffer expected = buffer(random.nextBoolean());
                in.putBytes(from, bytes(random, length));
                out.setMemory(0, 2048, (byte) 0x77);
                expected.setMemory(0, 2048, (byte) 0x77);
                final String what = "packet " + i + " of " + length + " bytes";
                assertTrue(engine.crypt(iv, in, from, length, out, to), what);
                assertTrue(jdk.crypt(iv, in, from, length, expected, to), what);
                assertArrayEquals(take(expected), take(out), what);
                assertTrue(engine.authenticate(out, to, length, i, digest), what);
                assertTrue(jdk.authenticate(out, to, length, i, expectedDigest), what);
                assertArrayEquals(expectedDigest, digest, what);
                assertTrue(engine.crypt(iv, out, to, length, out, to), what + " in place");
                in.getBytes(from, expected, to, length);
                assertArrayEquals(take(expected), take(out), what + " in place");
            }
        }
    }

    @Test
    void keysAreCopied() {
        final byte[] key = new byte[16];
        final byte[] authenticationKey = new byte[20];
        final UnsafeBuffer out = new UnsafeBuffer(new byte[16]);
        final byte[] digest = new byte[20];
        try (CounterModeEngine engine = provider.createCounterMode(key, authenticationKey)) {
            Arrays.fill(key, (byte) 1);
            Arrays.fill(authenticationKey, (byte) 1);
            assertTrue(engine.crypt(new byte[16], new UnsafeBuffer(new byte[16]), 0, 16, out, 0));
            assertEquals("66e94bd4ef8a2c3b884cfa59ca342b2e", HEX.formatHex(out.byteArray()));
            assertTrue(engine.authenticate(out, 0, 0, 0, digest));
            assertEquals(KEYLESS, HEX.formatHex(digest));
        }
    }

    /** HMAC-SHA1 with a key of zeros over four zeros, by another implementation (OpenSSL's command). */
    private static final String KEYLESS = "3d213d88e415c1bc865536b9e1084682d3b18274";

    @Test
    void mistakesAndALongPacketAreRefused() {
        final MutableDirectBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(8192));
        final MutableDirectBuffer heap = new UnsafeBuffer(new byte[8192]);
        final byte[] iv = new byte[16];
        final byte[] digest = new byte[20];
        final int max = AeadEngine.MAX_LENGTH;
        final CounterModeEngine engine = provider.createCounterMode(new byte[16], new byte[20]);
        for (final MutableDirectBuffer each : new MutableDirectBuffer[] {buffer, heap}) {
            assertTrue(engine.crypt(iv, each, 0, max, each, 0));
            assertTrue(engine.authenticate(each, 0, max, 1, digest));
            assertFalse(engine.crypt(iv, each, 0, max + 1, each, 0));
            assertFalse(engine.authenticate(each, 0, max + 1, 1, digest));
            assertThrows(IndexOutOfBoundsException.class, () -> engine.crypt(iv, each, 8100, 93, each, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> engine.crypt(iv, each, 0, 93, each, 8100));
            assertThrows(IndexOutOfBoundsException.class, () -> engine.authenticate(each, 8100, 93, 1, digest));
        }
        engine.close();
        engine.close();
        assertFalse(engine.crypt(iv, buffer, 0, 16, buffer, 0));
        assertFalse(engine.authenticate(buffer, 0, 16, 1, digest));
    }

    private static MutableDirectBuffer buffer(final boolean direct) {
        return direct ? new UnsafeBuffer(ByteBuffer.allocateDirect(2048)) : new UnsafeBuffer(new byte[2048]);
    }

    private static byte[] take(final MutableDirectBuffer buffer) {
        final byte[] bytes = new byte[2048];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static byte[] bytes(final Random random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
