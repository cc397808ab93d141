package org.chevet.relay.client.e2ee;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.chevet.codec.sframe.Hkdf;
import org.chevet.codec.sframe.SframeSuite;

/** From the secret of a link to the keys of senders (relay-core/docs/e2ee.md). */
public final class KeySchedule {
    /** The one suite that is spoken. */
    public static final SframeSuite SUITE = SframeSuite.AES_256_GCM_SHA512_128;
    /** Bytes of the secret of a link. */
    public static final int LINK_BYTES = 32;

    private static final int LINK_CHARACTERS = 43;
    private static final int CODE_ROUNDS = 210_000;
    private static final int ANNOUNCE_KEY_BYTES = 64;
    private static final int MAC_BYTES = 32;
    private static final int GROUP = 5;
    private static final int DIGITS = 20;
    private static final String HMAC = "HmacSHA512";

    private KeySchedule() {
    }

    /**
     * The bytes of a link's secret.
     *
     * @throws IllegalArgumentException when it is not 43 characters of base64url
     */
    public static byte[] linkSecret(final String text) {
        if (text.length() != LINK_CHARACTERS) {
            throw new IllegalArgumentException("the key of a consultation has 43 characters, not " + text.length());
        }
        return Base64.getUrlDecoder().decode(text);
    }

    /**
     * The secret of epoch 0.
     *
     * @param secret 32 bytes of the link
     * @param joinCode what the participants told each other by another way, or ""
     */
    public static byte[] epochZero(final byte[] secret, final String joinCode) {
        if (secret.length != LINK_BYTES) {
            throw new IllegalArgumentException("the key of a consultation has 32 bytes, not " + secret.length);
        }
        final String code = Normalizer.normalize(joinCode, Normalizer.Form.NFC).strip().toUpperCase(Locale.ROOT);
        final byte[] stretched = code.isEmpty() ? new byte[0] : stretch(code.getBytes(UTF_8), secret);
        final byte[] ikm = Arrays.copyOf(secret, secret.length + stretched.length);
        System.arraycopy(stretched, 0, ikm, secret.length, stretched.length);
        return Hkdf.extract(SUITE, "chevet e2ee 1".getBytes(UTF_8), ikm);
    }

    /** One block of PBKDF2 (RFC 8018 section 5.2): the JDK's takes characters, and only Latin ones everywhere. */
    private static byte[] stretch(final byte[] password, final byte[] salt) {
        try {
            final Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(password, HMAC));
            mac.update(salt);
            byte[] round = mac.doFinal(new byte[] {0, 0, 0, 1});
            final byte[] sum = round.clone();
            for (int i = 1; i < CODE_ROUNDS; i++) {
                round = mac.doFinal(round);
                for (int at = 0; at < sum.length; at++) {
                    sum[at] ^= round[at];
                }
            }
            return Arrays.copyOf(sum, LINK_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + HMAC, e);
        }
    }

    /** The base key of one sender, kind and key id (32 bytes). */
    public static byte[] baseKey(final byte[] epochSecret, final SealKind kind, final String participant,
        final long kid) {
        final byte[] text = ("chevet e2ee 1 sender\0" + kind.label() + '\0' + participant + '\0').getBytes(UTF_8);
        return Hkdf.expand(SUITE, epochSecret,
            ByteBuffer.allocate(text.length + Long.BYTES).put(text).putLong(kid).array(), LINK_BYTES);
    }

    /** Proves that whoever announces a point knows the consultation's secret (32 bytes). */
    public static byte[] announceMac(final byte[] epochZero, final String participant, final byte[] point) {
        final byte[] key = Hkdf.expand(SUITE, epochZero, "chevet e2ee 1 announce".getBytes(UTF_8), ANNOUNCE_KEY_BYTES);
        return Arrays.copyOf(Hkdf.hmac(SUITE, key, (participant + '\0').getBytes(UTF_8), point), MAC_BYTES);
    }

    /** Four groups of five digits that people read to each other: the same for all who hold the same epoch. */
    public static String safetyCode(final byte[] epochSecret) {
        final byte[] bytes =
            Hkdf.expand(SUITE, epochSecret, "chevet e2ee 1 safety code".getBytes(UTF_8), Long.BYTES);
        final String number = Long.toUnsignedString(ByteBuffer.wrap(bytes).getLong());
        final StringBuilder digits = new StringBuilder("0".repeat(DIGITS - number.length()) + number);
        for (int at = DIGITS - GROUP; at > 0; at -= GROUP) {
            digits.insert(at, ' ');
        }
        return digits.toString();
    }
}
