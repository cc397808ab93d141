package org.chevet.relay.srtp;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/**
 * AES-GCM for SRTP and SRTCP (RFC 7714).
 *
 * <pre>
 *  SRTP nonce (8.1), XOR session salt:      SRTCP nonce (9.1), XOR session salt:
 * +--+--+--+--+--+--+--+--+--+--+--+--+     +--+--+--+--+--+--+--+--+--+--+--+--+
 * |00|00|    SSRC   |     ROC   | SEQ |     |00|00|    SSRC   |00|00| 0 + index |
 * +--+--+--+--+--+--+--+--+--+--+--+--+     +--+--+--+--+--+--+--+--+--+--+--+--+
 *
 *  SRTP:  header (AAD) | ciphertext | tag
 *  SRTCP: first 8 bytes (AAD) | ciphertext | tag | E + index (AAD too, behind the 8 bytes)
 * </pre>
 */
final class AeadTransform implements SrtpTransform {
    private static final int TAG = AeadEngine.TAG_LENGTH;
    private static final int RTCP_CLEAR = 8;
    private static final int WORD = SrtpProfile.INDEX_LENGTH;
    private static final int ENCRYPTED = 0x8000_0000;
    /** Bits of a packet index: rollover counter and sequence number. */
    private static final int INDEX_BITS = 48;

    private final AeadEngine rtp;
    private final AeadEngine rtcp;
    private int rtpSaltHead;
    private long rtpSaltTail;
    private int rtcpSaltHead;
    private long rtcpSaltTail;
    private final byte[] nonce = new byte[AeadEngine.NONCE_LENGTH];
    private final UnsafeBuffer nonceView = new UnsafeBuffer(nonce);
    /** Off the heap, so that no engine copies it. */
    private final NativeMemory rtcpAadMemory = new NativeMemory(RTCP_CLEAR + WORD);
    private final UnsafeBuffer rtcpAad = rtcpAadMemory.bytes();

    /** Takes engines with the session keys, and session salts, which it overwrites. */
    AeadTransform(final AeadEngine rtp, final byte[] rtpSalt, final AeadEngine rtcp, final byte[] rtcpSalt) {
        this.rtp = rtp;
        this.rtcp = rtcp;
        final UnsafeBuffer salt = new UnsafeBuffer(rtpSalt);
        rtpSaltHead = BigEndian.i32(salt, 0);
        rtpSaltTail = BigEndian.i64(salt, Integer.BYTES);
        salt.wrap(rtcpSalt);
        rtcpSaltHead = BigEndian.i32(salt, 0);
        rtcpSaltTail = BigEndian.i64(salt, Integer.BYTES);
        Arrays.fill(rtpSalt, (byte) 0);
        Arrays.fill(rtcpSalt, (byte) 0);
    }

    static AeadTransform derive(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final AeadEngineProvider engines) {
        return new AeadTransform(
            engine(profile, masterKey, masterSalt, 0, engines), salt(profile, masterKey, masterSalt, 0),
            engine(profile, masterKey, masterSalt, SrtpKeyDerivation.RTCP_LABELS, engines),
            salt(profile, masterKey, masterSalt, SrtpKeyDerivation.RTCP_LABELS));
    }

    private static AeadEngine engine(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final int labels, final AeadEngineProvider engines) {
        final byte[] key = SrtpKeyDerivation.derive(masterKey, masterSalt,
            SrtpKeyDerivation.LABEL_RTP_ENCRYPTION + labels, profile.keyLength());
        try {
            return engines.create(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] salt(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final int labels) {
        return SrtpKeyDerivation.derive(masterKey, masterSalt, SrtpKeyDerivation.LABEL_RTP_SALT + labels,
            profile.saltLength());
    }

    @Override
    public int sealRtp(final int ssrc, final long index, final MutableDirectBuffer out, final int outOffset,
        final int headerLength, final DirectBuffer payload, final int payloadOffset, final int payloadLength) {
        rtpNonce(ssrc, index);
        return rtp.seal(nonce, out, outOffset, headerLength, payload, payloadOffset, payloadLength, out,
            outOffset + headerLength) ? headerLength + payloadLength + TAG : SrtpResult.FAILED;
    }

    @Override
    public int openRtp(final int ssrc, final long index, final DirectBuffer in, final int offset, final int length,
        final int headerLength, final MutableDirectBuffer out, final int outOffset) {
        rtpNonce(ssrc, index);
        final int payloadLength = length - headerLength - TAG;
        if (!rtp.open(nonce, in, offset, headerLength, in, offset + headerLength, payloadLength, out,
            outOffset + headerLength)) {
            return SrtpResult.AUTH_FAILED;
        }
        copyClear(in, offset, out, outOffset, headerLength);
        return headerLength + payloadLength;
    }

    @Override
    public int sealRtcp(final int ssrc, final int index, final MutableDirectBuffer out, final int outOffset,
        final int length) {
        final int word = index | ENCRYPTED;
        rtcpNonce(ssrc, index);
        rtcpAad(out, outOffset, word);
        final int body = outOffset + RTCP_CLEAR;
        if (!rtcp.seal(nonce, rtcpAad, 0, RTCP_CLEAR + WORD, out, body, length - RTCP_CLEAR, out, body)) {
            return SrtpResult.FAILED;
        }
        BigEndian.put32(out, outOffset + length + TAG, word);
        return length + TAG + WORD;
    }

    @Override
    public int openRtcp(final int ssrc, final int word, final DirectBuffer in, final int offset, final int length,
        final MutableDirectBuffer out, final int outOffset) {
        rtcpNonce(ssrc, word & ~ENCRYPTED);
        rtcpAad(in, offset, word);
        final int bodyLength = length - RTCP_CLEAR - TAG - WORD;
        if (!rtcp.open(nonce, rtcpAad, 0, RTCP_CLEAR + WORD, in, offset + RTCP_CLEAR, bodyLength, out,
            outOffset + RTCP_CLEAR)) {
            return SrtpResult.AUTH_FAILED;
        }
        copyClear(in, offset, out, outOffset, RTCP_CLEAR);
        return RTCP_CLEAR + bodyLength;
    }

    /** Brings what stands in the clear to the output, unless the packet is opened in place. */
    static void copyClear(final DirectBuffer in, final int offset, final MutableDirectBuffer out,
        final int outOffset, final int length) {
        if (in != out || offset != outOffset) {
            out.putBytes(outOffset, in, offset, length);
        }
    }

    private void rtcpAad(final DirectBuffer packet, final int offset, final int word) {
        rtcpAad.putBytes(0, packet, offset, RTCP_CLEAR);
        BigEndian.put32(rtcpAad, RTCP_CLEAR, word);
    }

    /** The nonce as two numbers: SSRC, rollover counter and sequence number follow one another without a gap. */
    private void rtpNonce(final int ssrc, final long index) {
        BigEndian.put32(nonceView, 0, rtpSaltHead ^ (ssrc >>> Short.SIZE));
        BigEndian.put64(nonceView, Integer.BYTES, rtpSaltTail ^ (((long) ssrc << INDEX_BITS) | index));
    }

    private void rtcpNonce(final int ssrc, final int index) {
        BigEndian.put32(nonceView, 0, rtcpSaltHead ^ (ssrc >>> Short.SIZE));
        BigEndian.put64(nonceView, Integer.BYTES, rtcpSaltTail ^ (((long) ssrc << INDEX_BITS) | index));
    }

    @Override
    public void close() {
        rtp.close();
        rtcp.close();
        rtcpAadMemory.release();
        rtpSaltHead = 0;
        rtpSaltTail = 0;
        rtcpSaltHead = 0;
        rtcpSaltTail = 0;
        Arrays.fill(nonce, (byte) 0);
    }
}
