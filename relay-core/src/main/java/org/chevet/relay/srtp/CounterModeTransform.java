package org.chevet.relay.srtp;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/**
 * AES counter mode with HMAC-SHA1 for SRTP and SRTCP (RFC 3711 section 4.1.1 and 4.2.1).
 *
 * <pre>
 *  IV = (session salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16)
 *  SRTP:  header | ciphertext | tag over (header, ciphertext, ROC)
 *  SRTCP: first 8 bytes | ciphertext | E + index | tag over all before it
 * </pre>
 *
 * <p>A tag is checked before anything is decrypted. One thread.
 */
final class CounterModeTransform implements SrtpTransform {
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
    private final byte[] digest = new byte[CounterModeEngine.DIGEST_LENGTH];
    private final byte[] iv = new byte[CounterModeEngine.IV_LENGTH];
    private final UnsafeBuffer ivView = new UnsafeBuffer(iv);

    private CounterModeTransform(final SrtpProfile profile, final Half rtp, final Half rtcp) {
        rtpTag = profile.rtpOverhead();
        rtcpTag = profile.rtcpTagLength();
        this.rtp = rtp;
        this.rtcp = rtcp;
    }

    static CounterModeTransform derive(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final AeadEngineProvider engines) {
        return new CounterModeTransform(profile, Half.derive(profile, masterKey, masterSalt, 0, engines),
            Half.derive(profile, masterKey, masterSalt, SrtpKeyDerivation.RTCP_LABELS, engines));
    }

    @Override
    public int sealRtp(final int ssrc, final long index, final MutableDirectBuffer out, final int outOffset,
        final int headerLength, final DirectBuffer payload, final int payloadOffset, final int payloadLength) {
        final int length = headerLength + payloadLength;
        counter(rtp, ssrc, index);
        if (!rtp.engine.crypt(iv, payload, payloadOffset, payloadLength, out, outOffset + headerLength)
            || !rtp.engine.authenticate(out, outOffset, length, SrtpStreams.rollover(index), digest)) {
            return SrtpResult.FAILED;
        }
        out.putBytes(outOffset + length, digest, 0, rtpTag);
        return length + rtpTag;
    }

    @Override
    public int openRtp(final int ssrc, final long index, final DirectBuffer in, final int offset, final int length,
        final int headerLength, final MutableDirectBuffer out, final int outOffset) {
        final int plain = length - rtpTag;
        if (!rtp.engine.authenticate(in, offset, plain, SrtpStreams.rollover(index), digest)
            || !digestStartsWith(in, offset + plain, rtpTag)) {
            return SrtpResult.AUTH_FAILED;
        }
        counter(rtp, ssrc, index);
        if (!rtp.engine.crypt(iv, in, offset + headerLength, plain - headerLength, out, outOffset + headerLength)) {
            return SrtpResult.AUTH_FAILED;
        }
        AeadTransform.copyClear(in, offset, out, outOffset, headerLength);
        return plain;
    }

    @Override
    public int sealRtcp(final int ssrc, final int index, final MutableDirectBuffer out, final int outOffset,
        final int length) {
        final int body = outOffset + RTCP_CLEAR;
        final int word = index | ENCRYPTED;
        counter(rtcp, ssrc, index);
        if (!rtcp.engine.crypt(iv, out, body, length - RTCP_CLEAR, out, body)
            || !rtcp.engine.authenticate(out, outOffset, length, word, digest)) {
            return SrtpResult.FAILED;
        }
        BigEndian.put32(out, outOffset + length, word);
        out.putBytes(outOffset + length + WORD, digest, 0, rtcpTag);
        return length + WORD + rtcpTag;
    }

    @Override
    public int openRtcp(final int ssrc, final int word, final DirectBuffer in, final int offset, final int length,
        final MutableDirectBuffer out, final int outOffset) {
        final int plain = length - WORD - rtcpTag;
        if (!rtcp.engine.authenticate(in, offset, plain, word, digest)
            || !digestStartsWith(in, offset + plain + WORD, rtcpTag)) {
            return SrtpResult.AUTH_FAILED;
        }
        counter(rtcp, ssrc, word & ~ENCRYPTED);
        if (!rtcp.engine.crypt(iv, in, offset + RTCP_CLEAR, plain - RTCP_CLEAR, out, outOffset + RTCP_CLEAR)) {
            return SrtpResult.AUTH_FAILED;
        }
        AeadTransform.copyClear(in, offset, out, outOffset, RTCP_CLEAR);
        return plain;
    }

    private void counter(final Half half, final int ssrc, final long index) {
        System.arraycopy(half.salt, 0, iv, 0, half.salt.length);
        BigEndian.put32(ivView, SSRC_OFFSET, BigEndian.i32(ivView, SSRC_OFFSET) ^ ssrc);
        // The low 16 bits count blocks, so the last two bytes of the salt's block are free of it.
        iv[CounterModeEngine.IV_LENGTH - 2] = 0;
        iv[CounterModeEngine.IV_LENGTH - 1] = 0;
        BigEndian.put64(ivView, INDEX_OFFSET, BigEndian.i64(ivView, INDEX_OFFSET) ^ (index << Short.SIZE));
    }

    /** Constant time: the answer to a guessed tag must not tell how many bytes were right. */
    private boolean digestStartsWith(final DirectBuffer in, final int offset, final int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= in.getByte(offset + i) ^ digest[i];
        }
        return difference == 0;
    }

    @Override
    public void close() {
        rtp.clear();
        rtcp.clear();
        Arrays.fill(iv, (byte) 0);
    }

    /** Session keys, in an engine, and session salt of SRTP or of SRTCP. */
    private static final class Half {
        private final CounterModeEngine engine;
        private final byte[] salt;

        private Half(final CounterModeEngine engine, final byte[] salt) {
            this.engine = engine;
            this.salt = salt;
        }

        static Half derive(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
            final int labels, final AeadEngineProvider engines) {
            final byte[] encryption = SrtpKeyDerivation.derive(masterKey, masterSalt,
                SrtpKeyDerivation.LABEL_RTP_ENCRYPTION + labels, profile.keyLength());
            final byte[] authentication = SrtpKeyDerivation.derive(masterKey, masterSalt,
                SrtpKeyDerivation.LABEL_RTP_AUTHENTICATION + labels, AUTHENTICATION_KEY_LENGTH);
            try {
                return new Half(engines.createCounterMode(encryption, authentication), SrtpKeyDerivation.derive(
                    masterKey, masterSalt, SrtpKeyDerivation.LABEL_RTP_SALT + labels, profile.saltLength()));
            } finally {
                Arrays.fill(encryption, (byte) 0);
                Arrays.fill(authentication, (byte) 0);
            }
        }

        void clear() {
            engine.close();
            Arrays.fill(salt, (byte) 0);
        }
    }
}
