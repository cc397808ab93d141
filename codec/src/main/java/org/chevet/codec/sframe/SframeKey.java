package org.chevet.codec.sframe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key of one key id: key schedule, sealing and opening (RFC 9605 sections 4.4.2 to 4.4.4).
 *
 * <p>The caller keeps a counter from being sealed twice: with AES-GCM that would give the plaintext away. Buffers are
 * borrowed for the call; input and output may be the same array. One owner thread.
 */
public final class SframeKey {
    /** The header does not fit, or there is no room for a tag. */
    public static final int TOO_SHORT = SframeHeader.TOO_SHORT;
    /** The header is not in its shortest form. */
    public static final int NOT_CANONICAL = SframeHeader.NOT_CANONICAL;
    /** The header names another key. */
    public static final int OTHER_KEY = -3;
    /** The tag does not fit: another key, or a byte of message or metadata was changed. */
    public static final int NOT_AUTHENTIC = -4;
    /** The plaintext does not fit into the output. */
    public static final int NO_ROOM = -5;

    private static final String AES = "AES";
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int LABEL_TAIL = Long.BYTES + Short.BYTES;

    private final SframeSuite suite;
    private final long kid;
    private final SecretKeySpec key;
    private final byte[] salt;
    private final byte[] nonce = new byte[SframeSuite.NONCE_BYTES];
    private final SframeHeader header = new SframeHeader();
    private final Cipher sealing;
    private final Cipher opening;

    private SframeKey(final SframeSuite suite, final long kid, final byte[] key, final byte[] salt) {
        this.suite = suite;
        this.kid = kid;
        this.key = new SecretKeySpec(key, AES);
        this.salt = salt;
        try {
            sealing = Cipher.getInstance(TRANSFORMATION);
            opening = Cipher.getInstance(TRANSFORMATION);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + TRANSFORMATION, e);
        }
    }

    /** Derives key and salt of a key id from its base key, which is copied from. */
    public static SframeKey of(final SframeSuite suite, final byte[] baseKey, final long kid) {
        final byte[] secret = Hkdf.extract(suite, new byte[0], baseKey);
        return new SframeKey(suite, kid,
            Hkdf.expand(suite, secret, label("SFrame 1.0 Secret key ", kid, suite), suite.keyBytes()),
            Hkdf.expand(suite, secret, label("SFrame 1.0 Secret salt ", kid, suite), SframeSuite.NONCE_BYTES));
    }

    private static byte[] label(final String text, final long kid, final SframeSuite suite) {
        final byte[] start = text.getBytes(US_ASCII);
        return ByteBuffer.allocate(start.length + LABEL_TAIL).put(start).putLong(kid).putShort((short) suite.code())
            .array();
    }

    /** The key id. */
    public long kid() {
        return kid;
    }

    /** Bytes that {@link #seal} writes for so many bytes of plaintext. */
    public int sealedLength(final long ctr, final int length) {
        return SframeHeader.length(kid, ctr) + length + SframeSuite.TAG_BYTES;
    }

    /**
     * Writes header, ciphertext and tag.
     *
     * @param ctr never given before
     * @param metadata authenticated, not sent
     * @return bytes written: {@link #sealedLength}
     * @throws IllegalStateException when the counter is that of the call before
     */
    public int seal(final long ctr, final byte[] metadata, final int metadataLength, final byte[] in,
        final int offset, final int length, final byte[] out, final int outOffset) {
        final byte[] head = new byte[SframeHeader.length(kid, ctr)];
        SframeHeader.encode(head, 0, kid, ctr);
        try {
            sealing.init(Cipher.ENCRYPT_MODE, key, nonceOf(ctr));
            sealing.updateAAD(head);
            sealing.updateAAD(metadata, 0, metadataLength);
            final int written = sealing.doFinal(in, offset, length, out, outOffset + head.length);
            System.arraycopy(head, 0, out, outOffset, head.length);
            return head.length + written;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("not sealed: counter " + ctr + " of " + suite, e);
        }
    }

    /**
     * Opens a message. Nothing is written unless it is authentic.
     *
     * @param metadata what the sender gave
     * @return bytes of plaintext written at outOffset, or a negative code of this class
     */
    public int open(final byte[] metadata, final int metadataLength, final byte[] in, final int offset,
        final int length, final byte[] out, final int outOffset) {
        final int head = header.decode(in, offset, length);
        if (head < 0) {
            return head;
        }
        final int plain = length - head - SframeSuite.TAG_BYTES;
        if (plain < 0) {
            return TOO_SHORT;
        }
        if (header.kid() != kid) {
            return OTHER_KEY;
        }
        if (out.length - outOffset < plain) {
            return NO_ROOM;
        }
        try {
            opening.init(Cipher.DECRYPT_MODE, key, nonceOf(header.ctr()));
            opening.updateAAD(in, offset, head);
            opening.updateAAD(metadata, 0, metadataLength);
            return opening.doFinal(in, offset + head, length - head, out, outOffset);
        } catch (AEADBadTagException e) {
            return NOT_AUTHENTIC;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of this JDK does not open", e);
        }
    }

    private GCMParameterSpec nonceOf(final long ctr) {
        System.arraycopy(salt, 0, nonce, 0, nonce.length);
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (ctr >>> (Byte.SIZE * i));
        }
        return new GCMParameterSpec(SframeSuite.TAG_BYTES * Byte.SIZE, nonce);
    }
}
