package org.chevet.relay.srtp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Whether a provider gives the JDK's answers, before it gets a patient's packets: every length of payload from 0 to
 * 1500 bytes with every length of additional data from 12 to 36, for each key length.
 *
 * <p>The packets are a chain: what one is sealed to is the plaintext of the next, one byte longer, and its tag is the
 * next one's nonce and additional data. So the last tag says whether all 1501 were right, and the JDK need not seal
 * them again while the process starts, which took 600 ms; a test has the JDK seal them in every build.
 */
final class KnownAnswers {
    /** Longest payload of a datagram that fits any link. */
    static final int MAX_PAYLOAD = 1500;
    /** Shortest additional data: an RTP header alone, or that of SRTCP. */
    static final int MIN_AAD = 12;
    /** Longest additional data. */
    static final int MAX_AAD = 36;

    /** Last tag of the JDK with a key of 16 bytes. */
    static final String AES_128_GCM = "5b6c543aa487ea499449e435a52aae89";
    /** Last tag of the JDK with a key of 32 bytes. */
    static final String AES_256_GCM = "5e83def48a1e6e0ff1d84ebfd4ece240";
    /** Last digest of the JDK. */
    static final String COUNTER_MODE = "25215573d8199eca476ad97372d962c570e7ce4a";

    /** One length in so many is also tried with a wrong tag. */
    private static final int FLIPPED = 10;
    private static final int SPACE = MAX_PAYLOAD + CounterModeEngine.DIGEST_LENGTH;

    private final UnsafeBuffer opened = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
    private UnsafeBuffer plain = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));
    private UnsafeBuffer sealed = new UnsafeBuffer(ByteBuffer.allocateDirect(SPACE));

    private KnownAnswers() {
    }

    /** What is wrong with AES-GCM of this provider, or "" when nothing is. */
    static String faultOfAead(final AeadEngineProvider provider) {
        return !lastTag(provider, 16).equals(AES_128_GCM) ? "its AES-128-GCM is not the JDK's"
            : !lastTag(provider, 32).equals(AES_256_GCM) ? "its AES-256-GCM is not the JDK's" : "";
    }

    /** What is wrong with counter mode of this provider, or "" when nothing is. */
    static String faultOfCounterMode(final AeadEngineProvider provider) {
        return lastDigest(provider).equals(COUNTER_MODE) ? ""
            : "its AES-128 counter mode or HMAC-SHA1 is not the JDK's";
    }

    /** The tag at the end of the chain, or which packet the provider itself did not open or refuse as it should. */
    static String lastTag(final AeadEngineProvider provider, final int keyLength) {
        try (AeadEngine engine = provider.create(key(keyLength))) {
            return new KnownAnswers().lastTag(engine);
        }
    }

    private String lastTag(final AeadEngine engine) {
        final UnsafeBuffer aad = new UnsafeBuffer(ByteBuffer.allocateDirect(MAX_AAD));
        final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
        for (int length = 0; length <= MAX_PAYLOAD; length++) {
            final int aadLength = MIN_AAD + length % (MAX_AAD - MIN_AAD + 1);
            if (!engine.seal(nonce, aad, 0, aadLength, plain, 0, length, sealed, 0)) {
                return "refused to seal " + length;
            }
            if (!engine.open(nonce, aad, 0, aadLength, sealed, 0, length, opened, 0) || !same(length)) {
                return "did not open " + length;
            }
            if (length % FLIPPED == 0 && opensFlipped(engine, nonce, aad, aadLength, length)) {
                return "opened a wrong tag " + length;
            }
            aad.putBytes(MAX_AAD - AeadEngine.TAG_LENGTH, aad, 0, AeadEngine.TAG_LENGTH);
            aad.putBytes(0, sealed, length, AeadEngine.TAG_LENGTH);
            sealed.getBytes(length, nonce);
            swap();
        }
        final byte[] tag = new byte[AeadEngine.TAG_LENGTH];
        aad.getBytes(0, tag);
        return HexFormat.of().formatHex(tag);
    }

    private boolean opensFlipped(final AeadEngine engine, final byte[] nonce, final UnsafeBuffer aad,
        final int aadLength, final int length) {
        flip(length);
        final boolean opens = engine.open(nonce, aad, 0, aadLength, sealed, 0, length, opened, 0);
        flip(length);
        return opens;
    }

    /** Another byte and bit of the tag for each length that is tried. */
    private void flip(final int length) {
        final int nth = length / FLIPPED;
        final int at = length + nth % AeadEngine.TAG_LENGTH;
        sealed.putByte(at, (byte) (sealed.getByte(at) ^ (1 << nth % Byte.SIZE)));
    }

    private boolean same(final int length) {
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (plain.getLong(i) != opened.getLong(i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (plain.getByte(i) != opened.getByte(i)) {
                return false;
            }
        }
        return true;
    }

    /** The HMAC at the end of the chain, or which packet the provider refused. */
    static String lastDigest(final AeadEngineProvider provider) {
        try (CounterModeEngine engine = provider.createCounterMode(key(CounterModeEngine.KEY_LENGTH),
            key(CounterModeEngine.DIGEST_LENGTH))) {
            return new KnownAnswers().lastDigest(engine);
        }
    }

    private String lastDigest(final CounterModeEngine engine) {
        final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
        final DirectBuffer previous = new UnsafeBuffer(digest);
        for (int length = 0; length <= MAX_PAYLOAD; length++) {
            final byte[] iv = Arrays.copyOf(digest, CounterModeEngine.IV_LENGTH);
            if (!engine.crypt(iv, plain, 0, length, sealed, 0)
                || !engine.authenticate(sealed, 0, length, length * length, digest)) {
                return "refused " + length;
            }
            sealed.putBytes(length, previous, 0, CounterModeEngine.DIGEST_LENGTH);
            swap();
        }
        return HexFormat.of().formatHex(digest);
    }

    private void swap() {
        final UnsafeBuffer last = plain;
        plain = sealed;
        sealed = last;
    }

    /** Any key will do that is no pattern of the cipher's. */
    private static byte[] key(final int length) {
        final byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) (i * i * 7 + length);
        }
        return key;
    }
}
