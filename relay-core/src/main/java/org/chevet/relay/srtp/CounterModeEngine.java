package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * AES-128 in counter mode and HMAC-SHA1, with one key each (RFC 3711 sections 4.1.1 and 4.2.1).
 *
 * <p>Implementations may keep scratch memory and native handles; one engine belongs to one thread. {@code in} and
 * {@code out} may be the same bytes or must not overlap; heap and direct buffers both serve, at any offset. No method
 * throws on any input within the buffers' bounds; more than {@link AeadEngine#MAX_LENGTH} bytes are refused.
 */
public interface CounterModeEngine extends AutoCloseable {
    /** Bytes of an AES-128 key. */
    int KEY_LENGTH = 16;
    /** Bytes of an initial counter. */
    int IV_LENGTH = 16;
    /** Bytes of a whole HMAC-SHA1, of which a profile sends the first ones. */
    int DIGEST_LENGTH = 20;
    /** Longest key of HMAC-SHA1 that need not be hashed first: its block. */
    int MAX_AUTHENTICATION_KEY_LENGTH = 64;

    /**
     * Encrypts or decrypts, which is the same.
     *
     * @param iv {@link #IV_LENGTH} bytes, only read
     * @param length bytes, 0 or more
     * @return false when the engine is closed or its library refuses; {@code out} is then undefined
     */
    boolean crypt(byte[] iv, DirectBuffer in, int inOffset, int length, MutableDirectBuffer out, int outOffset);

    /**
     * HMAC-SHA1 over a message and four more bytes, which SRTP does not send (rollover counter) or sends behind it
     * (SRTCP index).
     *
     * @param length bytes of message, 0 or more
     * @param word the four bytes, big-endian
     * @param digest takes {@link #DIGEST_LENGTH} bytes
     * @return false when the engine is closed or its library refuses
     */
    boolean authenticate(DirectBuffer message, int offset, int length, int word, byte[] digest);

    /** Overwrites the keys and frees what is native; calling it again does nothing. */
    @Override
    void close();
}
