package org.chevet.codec.sframe;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF (RFC 5869) with the hash of a suite. */
public final class Hkdf {
    private static final int MAX_BLOCKS = 255;

    private Hkdf() {
    }

    /** HKDF-Extract (section 2.2); an empty salt is a string of zeros. */
    public static byte[] extract(final SframeSuite suite, final byte[] salt, final byte[] ikm) {
        return mac(suite, salt.length == 0 ? new byte[suite.hashBytes()] : salt).doFinal(ikm);
    }

    /**
     * HKDF-Expand (section 2.3).
     *
     * @throws IllegalArgumentException when more than 255 blocks are asked for
     */
    public static byte[] expand(final SframeSuite suite, final byte[] prk, final byte[] info, final int length) {
        if (length < 0 || length > MAX_BLOCKS * suite.hashBytes()) {
            throw new IllegalArgumentException("HKDF-Expand of " + length + " bytes");
        }
        final Mac mac = mac(suite, prk);
        final byte[] out = new byte[length];
        byte[] block = new byte[0];
        int at = 0;
        for (int number = 1; at < length; number++) {
            mac.update(block);
            mac.update(info);
            mac.update((byte) number);
            block = mac.doFinal();
            final int part = Math.min(block.length, length - at);
            System.arraycopy(block, 0, out, at, part);
            at += part;
        }
        Arrays.fill(block, (byte) 0);
        return out;
    }

    /** HMAC of the suite's hash over the parts one after the other. */
    public static byte[] hmac(final SframeSuite suite, final byte[] key, final byte[]... parts) {
        final Mac mac = mac(suite, key);
        for (final byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static Mac mac(final SframeSuite suite, final byte[] key) {
        try {
            final Mac mac = Mac.getInstance(suite.mac());
            mac.init(new SecretKeySpec(key, suite.mac()));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + suite.mac(), e);
        }
    }
}
