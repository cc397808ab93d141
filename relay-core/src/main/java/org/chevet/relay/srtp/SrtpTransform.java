package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The cryptography of one direction under one profile, without state of streams: the caller says which index.
 *
 * <p>All lengths were validated by the caller. Inputs and outputs are the same bytes or do not overlap.
 */
interface SrtpTransform extends AutoCloseable {
    /**
     * Encrypts an RTP payload behind its header, which is already at {@code outOffset}, and appends the tag.
     *
     * @return bytes of the whole packet, or {@link SrtpResult#FAILED}
     */
    int sealRtp(int ssrc, long index, MutableDirectBuffer out, int outOffset, int headerLength, DirectBuffer payload,
        int payloadOffset, int payloadLength);

    /**
     * Authenticates and decrypts an RTP packet; writes header and payload to {@code out} when it is authentic.
     *
     * @param length bytes of the whole packet, at least header and tag
     * @return bytes of the plain packet, or {@link SrtpResult#AUTH_FAILED}
     */
    int openRtp(int ssrc, long index, DirectBuffer in, int offset, int length, int headerLength,
        MutableDirectBuffer out, int outOffset);

    /** Encrypts an RTCP packet in place and appends tag and index word; returns bytes or a negative result. */
    int sealRtcp(int ssrc, int index, MutableDirectBuffer out, int outOffset, int length);

    /**
     * Authenticates and decrypts an RTCP packet.
     *
     * @param length bytes of the whole packet, at least RTCP header, tag and index word
     * @param word the index word as received: the E bit and 31 bits of index
     * @return bytes of the plain packet, or {@link SrtpResult#AUTH_FAILED}
     */
    int openRtcp(int ssrc, int word, DirectBuffer in, int offset, int length, MutableDirectBuffer out, int outOffset);

    /** Overwrites the session keys. */
    @Override
    void close();

    /** The transform of a profile with session keys derived from these master ones, which are only read. */
    static SrtpTransform of(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final AeadEngineProvider engines) {
        if (masterKey.length != profile.keyLength() || masterSalt.length != profile.saltLength()) {
            throw new IllegalArgumentException(profile + " has keys of " + profile.keyLength() + " and salts of "
                + profile.saltLength() + " bytes, not " + masterKey.length + " and " + masterSalt.length);
        }
        return profile.isAead() ? AeadTransform.derive(profile, masterKey, masterSalt, engines)
            : CounterModeTransform.derive(profile, masterKey, masterSalt, engines);
    }
}
