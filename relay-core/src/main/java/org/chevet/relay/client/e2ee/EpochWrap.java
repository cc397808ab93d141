package org.chevet.relay.client.e2ee;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.chevet.codec.sframe.Hkdf;
import org.chevet.codec.sframe.SframeSuite;
import org.jspecify.annotations.Nullable;

/** An epoch's secret for one participant: ECDH on P-256, HKDF and AES-256-GCM (relay-core/docs/e2ee.md). */
public final class EpochWrap {
    /** The curve's name in the JDK. */
    public static final String CURVE = "secp256r1";
    /** Bytes of an uncompressed point. */
    public static final int POINT_BYTES = 65;
    /** Random bytes that make the key of one wrapping. */
    public static final int NONCE_BYTES = 16;

    private static final String EC = "EC";
    private static final int COORDINATE_BYTES = 32;
    private static final byte UNCOMPRESSED = 4;
    private static final int KEY_BYTES = 32;

    private EpochWrap() {
    }

    /**
     * Wraps.
     *
     * @param own private key of whoever wraps
     * @param point uncompressed point of whom it is for
     * @param nonce 16 random bytes, new for each call
     * @throws GeneralSecurityException when the point is not on the curve
     */
    public static byte[] wrap(final PrivateKey own, final byte[] point, final String from, final String to,
        final int epoch, final byte[] nonce, final byte[] secret) throws GeneralSecurityException {
        return crypt(Cipher.ENCRYPT_MODE, own, point, info(from, to, epoch, nonce), secret);
    }

    /** What was wrapped; null when it is not for this participant, from that one, for this epoch. */
    public static byte @Nullable [] unwrap(final PrivateKey own, final byte[] point, final String from,
        final String to, final int epoch, final byte[] nonce, final byte[] sealed) {
        try {
            final byte[] secret = crypt(Cipher.DECRYPT_MODE, own, point, info(from, to, epoch, nonce), sealed);
            return secret.length == KeySource.SECRET_BYTES ? secret : null;
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** The point of a public key as 65 bytes. */
    public static byte[] point(final ECPublicKey key) {
        final byte[] out = new byte[POINT_BYTES];
        out[0] = UNCOMPRESSED;
        put(key.getW().getAffineX(), out, 1);
        put(key.getW().getAffineY(), out, 1 + COORDINATE_BYTES);
        return out;
    }

    /** What a wrapping is bound to. */
    static byte[] info(final String from, final String to, final int epoch, final byte[] nonce) {
        final byte[] names = (from + '\0' + to + '\0').getBytes(UTF_8);
        return ByteBuffer.allocate(names.length + Integer.BYTES + nonce.length).put(names).putInt(epoch).put(nonce)
            .array();
    }

    private static byte[] crypt(final int mode, final PrivateKey own, final byte[] point, final byte[] info,
        final byte[] in) throws GeneralSecurityException {
        final KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(own);
        agreement.doPhase(publicKey(point), true);
        final byte[] shared = agreement.generateSecret();
        final byte[] prk = Hkdf.extract(KeySchedule.SUITE, "chevet e2ee 1 wrap".getBytes(UTF_8), shared);
        final Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        // The key is used once: its nonce is in the info.
        cipher.init(mode, new SecretKeySpec(Hkdf.expand(KeySchedule.SUITE, prk, info, KEY_BYTES), "AES"),
            new GCMParameterSpec(SframeSuite.TAG_BYTES * Byte.SIZE, new byte[SframeSuite.NONCE_BYTES]));
        cipher.updateAAD(info);
        return cipher.doFinal(in);
    }

    /** The JDK checks that the point is on the curve when it agrees. */
    private static ECPublicKey publicKey(final byte[] point) throws GeneralSecurityException {
        if (point.length != POINT_BYTES || point[0] != UNCOMPRESSED) {
            throw new GeneralSecurityException("not an uncompressed point of P-256");
        }
        final AlgorithmParameters parameters = AlgorithmParameters.getInstance(EC);
        parameters.init(new ECGenParameterSpec(CURVE));
        final ECPoint w = new ECPoint(new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + COORDINATE_BYTES)),
            new BigInteger(1, Arrays.copyOfRange(point, 1 + COORDINATE_BYTES, POINT_BYTES)));
        return (ECPublicKey) KeyFactory.getInstance(EC)
            .generatePublic(new ECPublicKeySpec(w, parameters.getParameterSpec(ECParameterSpec.class)));
    }

    private static void put(final BigInteger value, final byte[] out, final int offset) {
        final byte[] bytes = value.toByteArray();
        final int length = Math.min(COORDINATE_BYTES, bytes.length);
        System.arraycopy(bytes, bytes.length - length, out, offset + COORDINATE_BYTES - length, length);
    }
}
