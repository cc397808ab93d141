package org.chevet.relay.srtp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/**
 * {@link CounterModeEngine} by the JDK. Works on byte arrays of its own and reuses Cipher and Mac; what garbage is left
 * the JDK makes when a counter is set. One thread. {@link #close} overwrites what is ours.
 */
final class JceCounterModeEngine implements CounterModeEngine {
    private final SessionKey key;
    private final Cipher cipher;
    private final Mac mac;
    private final byte[] input = new byte[AeadEngine.MAX_LENGTH + Integer.BYTES];
    private final UnsafeBuffer inputView = new UnsafeBuffer(input);
    private final byte[] output = new byte[AeadEngine.MAX_LENGTH];
    private boolean closed;

    JceCounterModeEngine(final byte[] encryptionKey, final byte[] authenticationKey) {
        key = new SessionKey("AES", encryptionKey);
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            mac = Mac.getInstance("HmacSHA1");
            mac.init(new SessionKey("HmacSHA1", authenticationKey));
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("the JDK must have AES/CTR and HmacSHA1", e);
        }
    }

    @Override
    public boolean crypt(final byte[] iv, final DirectBuffer in, final int inOffset, final int length,
        final MutableDirectBuffer out, final int outOffset) {
        if (closed || length > AeadEngine.MAX_LENGTH) {
            return false;
        }
        in.getBytes(inOffset, input, 0, length);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
            if (cipher.doFinal(input, 0, length, output, 0) != length) {
                return false;
            }
        } catch (final GeneralSecurityException e) {
            return false;
        }
        out.putBytes(outOffset, output, 0, length);
        return true;
    }

    @Override
    public boolean authenticate(final DirectBuffer message, final int offset, final int length, final int word,
        final byte[] digest) {
        if (closed || length > AeadEngine.MAX_LENGTH) {
            return false;
        }
        message.getBytes(offset, input, 0, length);
        BigEndian.put32(inputView, length, word);
        mac.update(input, 0, length + Integer.BYTES);
        try {
            mac.doFinal(digest, 0);
        } catch (final GeneralSecurityException e) {
            return false;
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        key.destroy();
        Arrays.fill(input, (byte) 0);
        Arrays.fill(output, (byte) 0);
    }
}
