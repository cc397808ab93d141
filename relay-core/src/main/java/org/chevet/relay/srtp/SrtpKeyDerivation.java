package org.chevet.relay.srtp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * Session keys from a master key and salt (RFC 3711 section 4.3) with a key derivation rate of 0, the only one DTLS
 * can negotiate.
 *
 * <p>The pseudo-random function is AES in counter mode with the master key: AES-128 (RFC 3711 section 4.3.3) or
 * AES-256 (RFC 6188 section 3, RFC 7714 section 11). A 12-byte salt of an AEAD profile is taken as the leading bytes
 * of the 14-byte one, the rest zero (RFC 7714 section 11). Not the packet path; stateless.
 */
final class SrtpKeyDerivation {
    /** Label of the SRTP encryption key; SRTCP labels are 3 higher (RFC 3711 section 4.3.2). */
    static final int LABEL_RTP_ENCRYPTION = 0;
    /** Label of the SRTP authentication key. */
    static final int LABEL_RTP_AUTHENTICATION = 1;
    /** Label of the SRTP salt. */
    static final int LABEL_RTP_SALT = 2;
    /** What makes an SRTCP label of an SRTP one. */
    static final int RTCP_LABELS = 3;

    private static final int BLOCK_LENGTH = 16;
    /** Where the label stands in the 14-byte {@code x = key_id XOR master_salt}: before 48 bits of index DIV rate. */
    private static final int LABEL_OFFSET = 7;

    private SrtpKeyDerivation() {
    }

    /**
     * The first {@code length} bytes of PRF(masterKey, label); a new array that the caller overwrites after use.
     *
     * @param masterSalt 12 or 14 bytes
     */
    static byte[] derive(final byte[] masterKey, final byte[] masterSalt, final int label, final int length) {
        final byte[] counter = Arrays.copyOf(masterSalt, BLOCK_LENGTH);
        counter[LABEL_OFFSET] ^= (byte) label;
        try {
            final Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SessionKey("AES", masterKey), new IvParameterSpec(counter));
            return cipher.doFinal(new byte[length]);
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("the JDK must have AES/CTR", e);
        }
    }
}
