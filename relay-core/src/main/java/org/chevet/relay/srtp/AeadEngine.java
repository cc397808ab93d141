package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * AES-GCM with one key: seals and opens one packet at a time (RFC 5116 section 5).
 *
 * <p>Implementations may keep scratch memory and native handles; one engine belongs to one thread. {@code in} and
 * {@code out} may be the same bytes (in place: same buffer, same offset) or must not overlap; heap and direct buffers
 * both serve, at any offset (off the heap is the fast way). No method throws on any input within the buffers' bounds;
 * more than {@link #MAX_LENGTH} bytes of data or additional data are refused.
 *
 * <p>An engine need not notice a nonce that is used twice: whoever calls {@link #seal} must never do that, because it
 * gives away both plaintexts and the authentication key.
 */
public interface AeadEngine extends AutoCloseable {
    /** Bytes of a nonce. */
    int NONCE_LENGTH = 12;
    /** Bytes of a tag, written behind the ciphertext. */
    int TAG_LENGTH = 16;
    /** Longer data, without the tag, or longer additional data is refused: no datagram slot holds it. */
    int MAX_LENGTH = 4096;

    /**
     * Encrypts {@code length} bytes of {@code in} to {@code out} and writes the tag behind them.
     *
     * @param nonce {@link #NONCE_LENGTH} bytes, only read
     * @param aad holds the additional data, authenticated and not written; may be the same buffer as {@code out}
     * @param length bytes of plaintext, 0 or more; {@code length + TAG_LENGTH} are written
     * @return false when the engine is closed or its library refuses; {@code out} is then undefined
     */
    boolean seal(byte[] nonce, DirectBuffer aad, int aadOffset, int aadLength, DirectBuffer in, int inOffset,
        int length, MutableDirectBuffer out, int outOffset);

    /**
     * Checks the tag behind the ciphertext and decrypts.
     *
     * @param nonce {@link #NONCE_LENGTH} bytes, only read
     * @param length bytes of ciphertext without the tag, 0 or more; {@code length} bytes are written
     * @return false when the tag is wrong or the engine is closed; {@code out} then holds none of the plaintext, and
     *     the {@code length} bytes may be zeros: a packet opened in place is then gone
     */
    boolean open(byte[] nonce, DirectBuffer aad, int aadOffset, int aadLength, DirectBuffer in, int inOffset,
        int length, MutableDirectBuffer out, int outOffset);

    /** Overwrites the key and frees what is native; calling it again does nothing. */
    @Override
    void close();
}
