package org.chevet.codec.stun;

import static org.chevet.codec.wire.BigEndian.u8;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * MESSAGE-INTEGRITY with one key (RFC 8489 section 14.5): HMAC-SHA1 over the message up to the attribute, with a
 * length field that ends behind the attribute. ICE uses the ice-pwd of the side that answers, both ways.
 *
 * <p>Reusable and allocation-free but for what the JDK's Mac makes. Not thread-safe: one per owner.
 */
public final class StunIntegrity {
    /** Longer messages are not verified: no client sends them. */
    public static final int MAX_MESSAGE = 2048;

    private static final String ALGORITHM = "HmacSHA1";

    private final Mac mac;
    private final byte[] scratch = new byte[MAX_MESSAGE];
    private final byte[] digest = new byte[StunMessage.HMAC_LENGTH];

    /** Takes a short-term key (the ice-pwd in ASCII) or a long-term key; the bytes are copied. Not empty. */
    public StunIntegrity(final byte[] key) {
        try {
            mac = Mac.getInstance(ALGORITHM);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK must have " + ALGORITHM, e);
        }
        rekey(key);
    }

    /** Replaces the key, as after an ICE restart. */
    public void rekey(final byte[] key) {
        try {
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (final InvalidKeyException e) {
            throw new IllegalArgumentException("not an HMAC key", e);
        }
    }

    /** True when the message has MESSAGE-INTEGRITY and it was made with this key. Compares in constant time. */
    public boolean verify(final StunMessage message) {
        final int attribute = message.integrityOffset();
        if (attribute == StunMessage.NOT_FOUND || !compute(message.buffer(), message.offset(), attribute)) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < digest.length; i++) {
            difference |= u8(message.buffer(), attribute + StunMessage.ATTRIBUTE_HEADER + i) ^ (digest[i] & 0xFF);
        }
        return difference == 0;
    }

    /** Writes the digest of the message {@code [from, attribute)} behind the attribute header at {@code attribute}. */
    boolean sign(final MutableDirectBuffer buffer, final int from, final int attribute) {
        if (!compute(buffer, from, attribute)) {
            return false;
        }
        buffer.putBytes(attribute + StunMessage.ATTRIBUTE_HEADER, digest);
        return true;
    }

    private boolean compute(final DirectBuffer buffer, final int from, final int attribute) {
        final int length = attribute - from;
        if (length > MAX_MESSAGE) {
            return false;
        }
        buffer.getBytes(from, scratch, 0, length);
        final int covered =
            length + StunMessage.ATTRIBUTE_HEADER + StunMessage.HMAC_LENGTH - StunMessage.HEADER_LENGTH;
        scratch[StunMessage.LENGTH_OFFSET] = (byte) (covered >>> Byte.SIZE);
        scratch[StunMessage.LENGTH_OFFSET + 1] = (byte) covered;
        mac.update(scratch, 0, length);
        try {
            mac.doFinal(digest, 0);
        } catch (final ShortBufferException e) {
            throw new IllegalStateException("HMAC-SHA1 has 20 bytes", e);
        }
        return true;
    }
}
