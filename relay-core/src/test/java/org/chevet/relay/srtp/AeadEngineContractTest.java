package org.chevet.relay.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link AeadEngine} must do, whatever library is behind it. */
@Tag("REQ-O7")
@ParameterizedClass
@MethodSource("org.chevet.relay.srtp.Engines#names")
class AeadEngineContractTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int TAG = AeadEngine.TAG_LENGTH;
    private static final int MAX_PAYLOAD = 1500;
    private static final long SEED = 7714;

    private final AeadEngineProvider provider;

    AeadEngineContractTest(final String name) {
        provider = Engines.require(name);
    }

    @Test
    void vectorsOfRfc7714() {
        final String key128 = "000102030405060708090a0b0c0d0e0f";
        final String key256 = key128 + "101112131415161718191a1b1c1d1e1f";
        final String rtpNonce = "51753c6580c2726f20718414";
        final String header = "8040f17b8041f8d35501a0b2";
        final String gallia = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
        // 16.1.1 to 16.1.4
        vector(key128, rtpNonce, header, gallia, "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f"
            + "42a5f47a51c7d19b36de3adf8833" + "899d7f27beb16a9152cf765ee4390cce");
        vector(key128, rtpNonce, header + gallia, "", "22493f82d2bce397e9d79e3b19aa4216");
        // 16.2.1 to 16.2.4
        vector(key256, rtpNonce, header, gallia, "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3"
            + "b50b2a0276ffae0f1ba63799b87b" + "7aa3db36dfffd6b0f9bb7878d7a76c13");
        vector(key256, rtpNonce, header + gallia, "", "a866d5910f887463067ceefec45215d4");
        final String rtcpNonce = "517524055203726f207170bb";
        final String clear = "81c8000d4d617273";
        final String body = "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
        // 17.1 to 17.4
        vector(key128, rtcpNonce, clear + "800005d4", body, "63e94885dcdab67ca727d7662f6b7e997ff5c0f7"
            + "6c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b" + "c84aa45896cf4d2fc5abf87245d9eade");
        vector(key256, rtcpNonce, clear + "800005d4", body, "d50ae4d1f5ce5d304ba297e47d470c282c3ece5d"
            + "bffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad" + "1d1eb30c4446839f57ff6f6cb26ac3be");
        vector(key128, rtcpNonce, clear + body + "000005d4", "", "841dd9683dd78ec92ae58790125f62b3");
        vector(key256, rtcpNonce, clear + body + "000005d4", "", "91db4afbfeee5a978fab4393ed2615fe");
    }

    private void vector(final String key, final String nonce,
        final String aad, final String plain, final String sealed) {
        try (AeadEngine engine = provider.create(HEX.parseHex(key))) {
            final UnsafeBuffer aadBuffer = new UnsafeBuffer(HEX.parseHex(aad));
            final int length = plain.length() / 2;
            final byte[] out = new byte[length + TAG];
            assertTrue(engine.seal(HEX.parseHex(nonce), aadBuffer, 0, aadBuffer.capacity(),
                new UnsafeBuffer(HEX.parseHex(plain)), 0, length, new UnsafeBuffer(out), 0));
            assertEquals(sealed, HEX.formatHex(out));
            final byte[] back = new byte[length];
            assertTrue(engine.open(HEX.parseHex(nonce), aadBuffer, 0, aadBuffer.capacity(), new UnsafeBuffer(out), 0,
                length, new UnsafeBuffer(back), 0));
            assertEquals(plain, HEX.formatHex(back));
        }
    }

    @Test
    void everyLengthEqualsAnotherImplementation()
        throws InvalidCipherTextException {
        final Random random = new Random(SEED);
        for (final int keyLength : new int[] {16, 32}) {
            final byte[] key = bytes(random, keyLength);
            try (AeadEngine engine = provider.create(key)) {
                for (int length = 0; length <= MAX_PAYLOAD; length++) {
                    final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
                    final byte[] aad = bytes(random, length % 45);
                    final byte[] plain = bytes(random, length);
                    final byte[] expected = reference(key, nonce, aad, plain);
                    checkBothWays(engine, nonce, aad, plain, expected, length % 2 == 0);
                }
            }
        }
    }

    /** One length at odd offsets: out of place, then in place. */
    private static void checkBothWays(final AeadEngine engine, final byte[] nonce, final byte[] aad,
        final byte[] plain, final byte[] expected, final boolean direct) {
        final int length = plain.length;
        final String what = "length " + length + " direct " + direct;
        final MutableDirectBuffer in = buffer(direct);
        final MutableDirectBuffer out = buffer(!direct);
        out.putBytes(3, aad);
        in.putBytes(7, plain);
        final int at = 3 + aad.length;
        assertTrue(engine.seal(nonce, out, 3, aad.length, in, 7, length, out, at), what);
        assertArrayEquals(expected, take(out, at, length + TAG), what);
        assertTrue(engine.open(nonce, out, 3, aad.length, out, at, length, in, 11), what);
        assertArrayEquals(plain, take(in, 11, length), what);
        assertTrue(engine.open(nonce, out, 3, aad.length, out, at, length, out, at), what + " in place");
        assertArrayEquals(plain, take(out, at, length), what + " in place");
        nonce[0] ^= 1;
        assertTrue(engine.seal(nonce, out, 3, aad.length, out, at, length, out, at), what + " in place");
        assertTrue(engine.open(nonce, out, 3, aad.length, out, at, length, out, at), what + " in place");
        assertArrayEquals(plain, take(out, at, length), what + " in place");
    }

    @Test
    void everyFlippedBitIsRefusedAndNothingIsWritten() {
        final Random random = new Random(SEED);
        final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
        final int aadLength = 12;
        final int length = 33;
        try (AeadEngine engine = provider.create(bytes(random, 32))) {
            final UnsafeBuffer packet = new UnsafeBuffer(bytes(random, aadLength + length + TAG));
            assertTrue(engine.seal(nonce, packet, 0, aadLength, packet, aadLength, length, packet, aadLength));
            for (int bit = 0; bit < packet.capacity() * Byte.SIZE; bit++) {
                final int at = bit / Byte.SIZE;
                final byte mask = (byte) (1 << (bit % Byte.SIZE));
                packet.putByte(at, (byte) (packet.getByte(at) ^ mask));
                final byte[] out = new byte[length];
                assertFalse(engine.open(nonce, packet, 0, aadLength, packet, aadLength, length,
                    new UnsafeBuffer(out), 0), "bit " + bit);
                assertArrayEquals(new byte[length], out, "bit " + bit);
                packet.putByte(at, (byte) (packet.getByte(at) ^ mask));
            }
            for (int i = 0; i < nonce.length; i++) {
                nonce[i] ^= 1;
                assertFalse(engine.open(nonce, packet, 0, aadLength, packet, aadLength, length,
                    new UnsafeBuffer(new byte[length]), 0), "nonce byte " + i);
                nonce[i] ^= 1;
            }
            assertTrue(engine.open(nonce, packet, 0, aadLength, packet, aadLength, length,
                new UnsafeBuffer(new byte[length]), 0));
        }
    }

    @Test
    void everyChangedByteIsRefusedAtManyLengthsAndNoPlaintextIsLeft() {
        final Random random = new Random(SEED);
        final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
        final byte[] key = bytes(random, 32);
        try (AeadEngine engine = provider.create(key)) {
            for (final int length : new int[] {0, 1, 15, 16, 17, 160, 1200}) {
                for (final boolean direct : new boolean[] {true, false}) {
                    refusesChanges(engine, nonce, 1 + random.nextInt(40), length, direct);
                }
            }
        }
    }

    private static void refusesChanges(final AeadEngine engine, final byte[] nonce, final int aadLength,
        final int length, final boolean direct) {
        final MutableDirectBuffer packet = buffer(direct);
        final byte[] plain = new byte[length];
        Arrays.fill(plain, (byte) 0x5A);
        packet.putBytes(aadLength, plain);
        nonce[0]++;
        assertTrue(engine.seal(nonce, packet, 0, aadLength, packet, aadLength, length, packet, aadLength));
        final MutableDirectBuffer out = buffer(direct);
        final byte[] sealed = take(packet, 0, aadLength + length + TAG);
        for (int at = 0; at < sealed.length; at++) {
            final String what = "length " + length + " direct " + direct + " byte " + at;
            packet.putByte(at, (byte) (sealed[at] ^ (1 << at % Byte.SIZE)));
            out.setMemory(0, 2048, (byte) 0);
            assertFalse(engine.open(nonce, packet, 0, aadLength, packet, aadLength, length, out, 3), what);
            assertArrayEquals(new byte[length + 6], take(out, 0, length + 6), what);
            packet.putByte(at, sealed[at]);
        }
        // In place: the ciphertext may be gone, the plaintext must not have taken its place.
        packet.putByte(aadLength + length, (byte) (sealed[aadLength + length] ^ 1));
        assertFalse(engine.open(nonce, packet, 0, aadLength, packet, aadLength, length, packet, aadLength));
        final byte[] left = take(packet, aadLength, length);
        assertTrue(length == 0 || Arrays.equals(left, new byte[length])
            || Arrays.equals(left, Arrays.copyOfRange(sealed, aadLength, aadLength + length)), "length " + length);
    }

    @Test
    void anotherKeyOrOneOfAnotherLengthDoesNotOpen() {
        final Random random = new Random(SEED);
        final byte[] key = bytes(random, 32);
        final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
        final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(128));
        try (AeadEngine engine = provider.create(key)) {
            assertTrue(engine.seal(nonce, packet, 0, 12, packet, 12, 50, packet, 12));
        }
        key[31] ^= 1;
        for (final byte[] other : new byte[][] {key, Arrays.copyOf(key, 16), new byte[32]}) {
            try (AeadEngine engine = provider.create(other)) {
                assertFalse(engine.open(nonce, packet, 0, 12, packet, 12, 50, new UnsafeBuffer(new byte[50]), 0));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> provider.create(new byte[24]));
    }

    @Test
    void theKeyIsCopied() {
        final byte[] key = new byte[16];
        final UnsafeBuffer packet = new UnsafeBuffer(new byte[64]);
        try (AeadEngine engine = provider.create(key); AeadEngine same = provider.create(new byte[16])) {
            Arrays.fill(key, (byte) 1);
            assertTrue(engine.seal(new byte[12], packet, 0, 4, packet, 4, 8, packet, 4));
            assertTrue(same.open(new byte[12], packet, 0, 4, packet, 4, 8, packet, 4));
        }
    }

    /** Nothing but the output is written, at any alignment, on the heap and off it. */
    @Test
    void bytesAroundTheOutputAreLeftAlone() {
        final Random random = new Random(SEED);
        try (AeadEngine engine = provider.create(bytes(random, 16))) {
            for (int i = 0; i < 600; i++) {
                final int length = i % 90;
                final int at = 1 + random.nextInt(64);
                final MutableDirectBuffer in = buffer(i % 2 == 0);
                final MutableDirectBuffer out = buffer(i % 3 == 0);
                final byte[] nonce = bytes(random, AeadEngine.NONCE_LENGTH);
                in.putBytes(at, bytes(random, length));
                out.setMemory(0, 512, (byte) 0x77);
                assertTrue(engine.seal(nonce, in, 200, 12, in, at, length, out, at));
                around(out, at, length + TAG, (byte) 0x77);
                final MutableDirectBuffer back = buffer(i % 5 == 0);
                back.setMemory(0, 512, (byte) 0x33);
                assertTrue(engine.open(nonce, in, 200, 12, out, at, length, back, at + 1));
                around(back, at + 1, length, (byte) 0x33);
                assertArrayEquals(take(in, at, length), take(back, at + 1, length));
            }
        }
    }

    private static void around(final MutableDirectBuffer buffer, final int offset, final int length,
        final byte expected) {
        for (int i = 0; i < 512; i++) {
            if (i < offset || i >= offset + length) {
                assertEquals(expected, buffer.getByte(i), "byte " + (i - offset) + " of " + length);
            }
        }
    }

    /** A mistake of the caller is an exception, never a write elsewhere. */
    @Test
    void whatIsNotWithinTheBufferThrows() {
        for (final boolean direct : new boolean[] {true, false}) {
            final MutableDirectBuffer buffer = buffer(direct);
            final MutableDirectBuffer other = buffer(direct);
            final int end = buffer.capacity();
            final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
            try (AeadEngine engine = provider.create(new byte[16])) {
                assertThrows(IndexOutOfBoundsException.class,
                    () -> engine.seal(nonce, other, 0, 12, other, 0, 100, buffer, end - 100));
                assertThrows(IndexOutOfBoundsException.class,
                    () -> engine.seal(nonce, other, 0, 12, other, end - 99, 100, buffer, 0));
                assertThrows(IndexOutOfBoundsException.class,
                    () -> engine.seal(nonce, other, end - 11, 12, other, 0, 100, buffer, 0));
                assertThrows(IndexOutOfBoundsException.class,
                    () -> engine.open(nonce, other, 0, 12, other, end - 115, 100, buffer, 0));
                nonce[0]++;
                assertTrue(engine.seal(nonce, other, 0, 12, other, 0, 100, buffer, 0));
                assertThrows(IndexOutOfBoundsException.class,
                    () -> engine.open(nonce, other, 0, 12, buffer, 0, 100, other, end - 99));
            }
        }
    }

    @Test
    void theLongestIsTakenAndALongerOneRefused() {
        final UnsafeBuffer in = new UnsafeBuffer(ByteBuffer.allocateDirect(8192));
        final UnsafeBuffer out = new UnsafeBuffer(new byte[8192]);
        final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
        final int max = AeadEngine.MAX_LENGTH;
        try (AeadEngine engine = provider.create(new byte[32])) {
            assertTrue(engine.seal(nonce, in, 0, max, in, 0, max, out, 0));
            assertTrue(engine.open(nonce, in, 0, max, out, 0, max, in, 0));
            assertFalse(engine.open(nonce, in, 0, 12, out, 0, max + 1, in, 0));
            nonce[0]++;
            assertFalse(engine.seal(nonce, in, 0, max + 1, in, 0, 10, out, 0));
            assertFalse(engine.seal(nonce, in, 0, 12, in, 0, max + 1, out, 0));
        }
    }

    @Test
    void closedEngineRefusesAndMayBeClosedAgain() {
        final AeadEngine engine = provider.create(new byte[16]);
        engine.close();
        engine.close();
        final UnsafeBuffer packet = new UnsafeBuffer(new byte[64]);
        assertFalse(engine.seal(new byte[12], packet, 0, 4, packet, 4, 8, packet, 4));
        assertFalse(engine.open(new byte[12], packet, 0, 4, packet, 4, 8, packet, 4));
    }

    private static MutableDirectBuffer buffer(final boolean direct) {
        return direct ? new UnsafeBuffer(ByteBuffer.allocateDirect(2048)) : new UnsafeBuffer(new byte[2048]);
    }

    private static byte[] take(final MutableDirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    private static byte[] bytes(final Random random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] reference(final byte[] key, final byte[] nonce, final byte[] aad, final byte[] plain)
        throws InvalidCipherTextException {
        final GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
        cipher.init(true, new AEADParameters(new KeyParameter(key), TAG * Byte.SIZE, nonce, aad));
        final byte[] out = new byte[cipher.getOutputSize(plain.length)];
        final int written = cipher.processBytes(plain, 0, plain.length, out, 0);
        cipher.doFinal(out, written);
        return Arrays.copyOf(out, plain.length + TAG);
    }
}
