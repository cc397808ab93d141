package org.chevet.relay.srtp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * {@link AeadEngine} by the JDK's AES/GCM.
 *
 * <p>Works on byte arrays of its own (the JDK is faster on them than on direct buffers) and keeps its two Cipher
 * objects; what garbage is left (about 1 KiB a packet) the JDK makes when a nonce is set. One thread. The JDK keeps
 * its expanded key until the cipher is collected; {@link #close} overwrites what is ours.
 */
final class JceAeadEngine implements AeadEngine {
    private static final int TAG_BITS = TAG_LENGTH * Byte.SIZE;

    private final SessionKey key;
    private final Cipher sealing;
    private final Cipher opening;
    private final byte[] aadBytes = new byte[MAX_LENGTH];
    private final byte[] input = new byte[MAX_LENGTH + TAG_LENGTH];
    private final byte[] output = new byte[MAX_LENGTH + TAG_LENGTH];
    private boolean closed;

    JceAeadEngine(final byte[] key) {
        if (key.length != 16 && key.length != 32) {
            throw new IllegalArgumentException("a key has 16 or 32 bytes, not " + key.length);
        }
        this.key = new SessionKey("AES", key);
        try {
            sealing = Cipher.getInstance("AES/GCM/NoPadding");
            opening = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("the JDK must have AES/GCM", e);
        }
    }

    @Override
    public boolean seal(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
        final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        return run(Cipher.ENCRYPT_MODE, sealing, nonce, aad, aadOffset, aadLength, in, inOffset, length, out,
            outOffset, length + TAG_LENGTH);
    }

    @Override
    public boolean open(final byte[] nonce, final DirectBuffer aad, final int aadOffset, final int aadLength,
        final DirectBuffer in, final int inOffset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        return run(Cipher.DECRYPT_MODE, opening, nonce, aad, aadOffset, aadLength, in, inOffset, length + TAG_LENGTH,
            out, outOffset, length);
    }

    private boolean run(final int mode, final Cipher cipher, final byte[] nonce, final DirectBuffer aad,
        final int aadOffset, final int aadLength, final DirectBuffer in, final int inOffset, final int inLength,
        final MutableDirectBuffer out, final int outOffset, final int outLength) {
        if (closed || aadLength > MAX_LENGTH || Math.min(inLength, outLength) > MAX_LENGTH) {
            return false;
        }
        aad.getBytes(aadOffset, aadBytes, 0, aadLength);
        in.getBytes(inOffset, input, 0, inLength);
        try {
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(aadBytes, 0, aadLength);
            if (cipher.doFinal(input, 0, inLength, output, 0) != outLength) {
                return false;
            }
        } catch (final AEADBadTagException e) {
            return false;
        } catch (final GeneralSecurityException e) {
            // A nonce twice in a row is the only thing the JDK refuses here; the caller counts it.
            return false;
        }
        out.putBytes(outOffset, output, 0, outLength);
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
