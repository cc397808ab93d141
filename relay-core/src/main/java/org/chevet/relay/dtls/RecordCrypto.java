package org.chevet.relay.dtls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipher;
import org.bouncycastle.tls.crypto.impl.TlsAEADCipherImpl;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * The library's cryptography, but for AES-GCM of records, which the JDK does with the processor's instructions. The
 * library's own keeps a table of 8 kB for each direction as long as the association lives.
 */
final class RecordCrypto extends BcTlsCrypto {
    private static final int BITS = 8;

    /** The random source must be thread-safe. */
    RecordCrypto(final SecureRandom random) {
        super(random);
    }

    @Override
    protected TlsAEADCipher createCipher_AES_GCM(final TlsCryptoParameters parameters, final int keyLength,
        final int tagLength) throws IOException {
        return new TlsAEADCipher(parameters, new Gcm(Cipher.ENCRYPT_MODE, tagLength),
            new Gcm(Cipher.DECRYPT_MODE, tagLength), keyLength, tagLength, TlsAEADCipher.AEAD_GCM, null);
    }

    /** One direction. The library calls it under a lock of its own for each direction. */
    private static final class Gcm implements TlsAEADCipherImpl {
        private final int mode;
        private final Cipher cipher;
        private @Nullable SecretKeySpec key;
        private final int tagLength;

        Gcm(final int mode, final int tagLength) throws IOException {
            this.mode = mode;
            this.tagLength = tagLength;
            try {
                cipher = Cipher.getInstance("AES/GCM/NoPadding");
            } catch (final GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.internal_error, e);
            }
        }

        @Override
        public void setKey(final byte[] bytes, final int offset, final int length) {
            key = new SecretKeySpec(bytes, offset, length, "AES");
        }

        @Override
        public void init(final byte[] nonce, final int macLength) throws IOException {
            try {
                cipher.init(mode, key, new GCMParameterSpec(macLength * BITS, nonce));
            } catch (final GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.internal_error, e);
            }
        }

        @Override
        public int getOutputSize(final int inputLength) {
            return mode == Cipher.ENCRYPT_MODE ? inputLength + tagLength : Math.max(0, inputLength - tagLength);
        }

        @Override
        public int doFinal(final byte[] associated, final byte[] in, final int offset, final int length,
            final byte[] out, final int outOffset) throws IOException {
            try {
                cipher.updateAAD(associated);
                return cipher.doFinal(in, offset, length, out, outOffset);
            } catch (final GeneralSecurityException e) {
                throw new TlsFatalAlert(AlertDescription.bad_record_mac, e);
            }
        }
    }
}
