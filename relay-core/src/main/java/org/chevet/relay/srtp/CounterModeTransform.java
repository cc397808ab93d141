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
 * AES counter mode with HMAC-SHA1 for SRTP and SRTCP (RFC 3711 section 4.1.1 and 4.2.1), by the JDK.
 *
 * <pre>
 *  IV = (session salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16)
 *  SRTP:  header | ciphertext | tag over (header, ciphertext, ROC)
 *  SRTCP: first 8 bytes | ciphertext | E + index | tag over all before it
 * </pre>
 *
 * <p>Works on byte arrays of its own and reuses Cipher and Mac. One thread.
 */
final class CounterModeTransform implements SrtpTransform {
    private static final int MAX_LENGTH = JceAeadEngine.MAX_LENGTH;
    private static final int BLOCK_LENGTH = 16;
    private static final int SHA1_LENGTH = 20;
    private static final int AUTHENTICATION_KEY_LENGTH = 20;
    private static final int RTCP_CLEAR = 8;
    private static final int WORD = SrtpProfile.INDEX_LENGTH;
    private static final int ENCRYPTED = 0x8000_0000;
    private static final int SSRC_OFFSET = 4;
    private static final int INDEX_OFFSET = 8;

    private final int rtpTag;
    private final int rtcpTag;
    private final Half rtp;
    private final Half rtcp;
    private final byte[] packet = new byte[MAX_LENGTH + SHA1_LENGTH + WORD];
    private final UnsafeBuffer packetView = new UnsafeBuffer(packet);
    private final byte[] cleared = new byte[MAX_LENGTH];
    private final byte[] tag = new byte[SHA1_LENGTH];
    private final byte[] iv = new byte[BLOCK_LENGTH];
    private final UnsafeBuffer ivView = new UnsafeBuffer(iv);
    private boolean closed;

    private CounterModeTransform(final SrtpProfile profile, final Half rtp, final Half rtcp) {
        rtpTag = profile.rtpOverhead();
        rtcpTag = profile.rtcpTagLength();
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    static CounterModeTransform derive(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt) {
        return new CounterModeTransform(profile, new Half(profile, masterKey, masterSalt, 0),
            new Half(profile, masterKey, masterSalt, SrtpKeyDerivation.RTCP_LABELS));
    }

    @Override
    public int sealRtp(final int ssrc, final long index, final MutableDirectBuffer out, final int outOffset,
        final int headerLength, final DirectBuffer payload, final int payloadOffset, final int payloadLength) {
        final int length = headerLength + payloadLength;
        if (closed || length > MAX_LENGTH) {
            return SrtpResult.FAILED;
        }
        out.getBytes(outOffset, packet, 0, headerLength);
        payload.getBytes(payloadOffset, cleared, 0, payloadLength);
        if (!crypt(rtp, ssrc, index, cleared, 0, payloadLength, packet, headerLength)) {
            return SrtpResult.FAILED;
        }
        BigEndian.put32(packetView, length, SrtpStreams.rollover(index));
        computeTag(rtp, length + WORD);
        out.putBytes(outOffset + headerLength, packet, headerLength, payloadLength);
        out.putBytes(outOffset + length, tag, 0, rtpTag);
        return length + rtpTag;
    }

    @Override
    public int openRtp(final int ssrc, final long index, final DirectBuffer in, final int offset, final int length,
        final int headerLength, final MutableDirectBuffer out, final int outOffset) {
        final int plain = length - rtpTag;
        if (closed || plain > MAX_LENGTH) {
            return SrtpResult.AUTH_FAILED;
        }
        in.getBytes(offset, packet, 0, plain);
        BigEndian.put32(packetView, plain, SrtpStreams.rollover(index));
        computeTag(rtp, plain + WORD);
        if (!tagEquals(in, offset + plain, rtpTag)
            || !crypt(rtp, ssrc, index, packet, headerLength, plain - headerLength, cleared, 0)) {
            return SrtpResult.AUTH_FAILED;
        }
        out.putBytes(outOffset, packet, 0, headerLength);
        out.putBytes(outOffset + headerLength, cleared, 0, plain - headerLength);
        return plain;
    }

    @Override
    public int sealRtcp(final int ssrc, final int index, final MutableDirectBuffer out, final int outOffset,
        final int length) {
        if (closed || length > MAX_LENGTH) {
            return SrtpResult.FAILED;
        }
        out.getBytes(outOffset, packet, 0, RTCP_CLEAR);
        out.getBytes(outOffset + RTCP_CLEAR, cleared, 0, length - RTCP_CLEAR);
        if (!crypt(rtcp, ssrc, index, cleared, 0, length - RTCP_CLEAR, packet, RTCP_CLEAR)) {
            return SrtpResult.FAILED;
        }
        BigEndian.put32(packetView, length, index | ENCRYPTED);
        computeTag(rtcp, length + WORD);
        out.putBytes(outOffset, packet, 0, length + WORD);
        out.putBytes(outOffset + length + WORD, tag, 0, rtcpTag);
        return length + WORD + rtcpTag;
    }

    @Override
    public int openRtcp(final int ssrc, final int word, final DirectBuffer in, final int offset, final int length,
        final MutableDirectBuffer out, final int outOffset) {
        final int authenticated = length - rtcpTag;
        final int plain = authenticated - WORD;
        if (closed || plain > MAX_LENGTH) {
            return SrtpResult.AUTH_FAILED;
        }
        in.getBytes(offset, packet, 0, authenticated);
        computeTag(rtcp, authenticated);
        if (!tagEquals(in, offset + authenticated, rtcpTag)
            || !crypt(rtcp, ssrc, word & ~ENCRYPTED, packet, RTCP_CLEAR, plain - RTCP_CLEAR, cleared, 0)) {
            return SrtpResult.AUTH_FAILED;
        }
        out.putBytes(outOffset, packet, 0, RTCP_CLEAR);
        out.putBytes(outOffset + RTCP_CLEAR, cleared, 0, plain - RTCP_CLEAR);
        return plain;
    }

    private boolean crypt(final Half half, final int ssrc, final long index, final byte[] from, final int fromOffset,
        final int length, final byte[] to, final int toOffset) {
        System.arraycopy(half.salt, 0, iv, 0, half.salt.length);
        BigEndian.put32(ivView, SSRC_OFFSET, BigEndian.i32(ivView, SSRC_OFFSET) ^ ssrc);
        // The low 16 bits count blocks, so the last two bytes of the salt's block are free of it.
        iv[BLOCK_LENGTH - 2] = 0;
        iv[BLOCK_LENGTH - 1] = 0;
        BigEndian.put64(ivView, INDEX_OFFSET, BigEndian.i64(ivView, INDEX_OFFSET) ^ (index << Short.SIZE));
        try {
            half.cipher.init(Cipher.ENCRYPT_MODE, half.key, new IvParameterSpec(iv));
            half.cipher.doFinal(from, fromOffset, length, to, toOffset);
            return true;
        } catch (final GeneralSecurityException e) {
            return false;
        }
    }

    private void computeTag(final Half half, final int length) {
        half.mac.update(packet, 0, length);
        try {
            half.mac.doFinal(tag, 0);
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA1 has 20 bytes", e);
        }
    }

    /** Constant time: the answer to a guessed tag must not tell how many bytes were right. */
    private boolean tagEquals(final DirectBuffer in, final int offset, final int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= in.getByte(offset + i) ^ tag[i];
        }
        return difference == 0;
    }

    @Override
    public void close() {
        closed = true;
        rtp.clear();
        rtcp.clear();
        Arrays.fill(cleared, (byte) 0);
        Arrays.fill(iv, (byte) 0);
    }

    /** Session keys and ciphers of SRTP or of SRTCP. */
    private static final class Half {
        private final SessionKey key;
        private final byte[] salt;
        private final Cipher cipher;
        private final Mac mac;

        Half(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt, final int labels) {
            final byte[] encryption = SrtpKeyDerivation.derive(masterKey, masterSalt,
                SrtpKeyDerivation.LABEL_RTP_ENCRYPTION + labels, profile.keyLength());
            key = new SessionKey("AES", encryption);
            Arrays.fill(encryption, (byte) 0);
            salt = SrtpKeyDerivation.derive(masterKey, masterSalt, SrtpKeyDerivation.LABEL_RTP_SALT + labels,
                profile.saltLength());
            final byte[] authentication = SrtpKeyDerivation.derive(masterKey, masterSalt,
                SrtpKeyDerivation.LABEL_RTP_AUTHENTICATION + labels, AUTHENTICATION_KEY_LENGTH);
            try {
                cipher = Cipher.getInstance("AES/CTR/NoPadding");
                mac = Mac.getInstance("HmacSHA1");
                mac.init(new SessionKey("HmacSHA1", authentication));
            } catch (final GeneralSecurityException e) {
                throw new IllegalStateException("the JDK must have AES/CTR and HmacSHA1", e);
            } finally {
                Arrays.fill(authentication, (byte) 0);
            }
        }

        void clear() {
            key.destroy();
            Arrays.fill(salt, (byte) 0);
        }
    }
}
