package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.wire.BigEndian;

/**
 * Opens what one side sent: SRTP and SRTCP under one master key (RFC 3711, RFC 7714).
 *
 * <p>Only an authentic packet changes state: a stream is known, its highest index and window move, from its first
 * authentic packet on. What is rejected leaves no trace. One thread. Nothing throws; nothing is allocated but by the
 * cipher and for a new SSRC.
 */
public final class SrtpReceiver implements AutoCloseable {
    /** SSRCs taken, for SRTP and for SRTCP each; more are refused, and none is forgotten. */
    public static final int MAX_STREAMS = 256;

    private static final int RTCP_CLEAR = 8;
    private static final int RTCP_SSRC_OFFSET = 4;
    private static final int VERSION_MASK = 0xC0;
    private static final int VERSION_2 = 0x80;
    private static final int RTCP_INDEX_MASK = 0x7FFF_FFFF;
    private static final long RTP_INDEX_END = 1L << 48;

    private final SrtpTransform transform;
    private final int rtpOverhead;
    private final int rtcpOverhead;
    /** Bytes between the SRTCP index word and the end: 0 with AEAD, the tag without. */
    private final int behindIndex;
    private final RtpHeader header = new RtpHeader();
    private final SrtpStreams rtpStreams = new SrtpStreams(MAX_STREAMS);
    private final SrtpStreams rtcpStreams = new SrtpStreams(MAX_STREAMS);
    private boolean closed;

    /** Derives session keys; key and salt are only read. */
    public SrtpReceiver(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final AeadEngineProvider engines) {
        this(profile, SrtpTransform.of(profile, masterKey, masterSalt, engines));
    }

    SrtpReceiver(final SrtpProfile profile, final SrtpTransform transform) {
        this.transform = transform;
        rtpOverhead = profile.rtpOverhead();
        rtcpOverhead = profile.rtcpOverhead();
        behindIndex = profile.isAead() ? 0 : profile.rtcpTagLength();
    }

    /**
     * Opens one SRTP packet and writes header and plain payload to {@code out}, which may be {@code in} at the same
     * offset or must not overlap it.
     *
     * @param length bytes of the whole datagram
     * @return bytes of the plain packet, or a negative {@link SrtpResult}; nothing of the plaintext is then in out
     */
    public int unprotectRtp(final DirectBuffer in, final int offset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        if (closed) {
            return SrtpResult.FAILED;
        }
        if (!header.wrap(in, offset, length) || header.headerLength() + rtpOverhead > length) {
            return SrtpResult.MALFORMED;
        }
        final int ssrc = header.ssrc();
        final ReplayWindow window = rtpStreams.find(ssrc);
        if (window == null && rtpStreams.isFull()) {
            return SrtpResult.TOO_MANY_STREAMS;
        }
        final long index = SrtpStreams.indexOf(window, header.sequence());
        if (index >= RTP_INDEX_END || (window != null && !window.isFresh(index))) {
            return SrtpResult.REPLAYED;
        }
        final int plain = transform.openRtp(ssrc, index, in, offset, length, header.headerLength(), out, outOffset);
        if (plain >= 0) {
            rtpStreams.accept(ssrc, window, index);
        }
        return plain;
    }

    /**
     * Opens one SRTCP packet; as {@link #unprotectRtp}. A packet that is not encrypted (E bit clear) is refused as
     * malformed: every WebRTC client encrypts (RFC 8827 section 6.5).
     */
    public int unprotectRtcp(final DirectBuffer in, final int offset, final int length, final MutableDirectBuffer out,
        final int outOffset) {
        if (closed) {
            return SrtpResult.FAILED;
        }
        if (length < RTCP_CLEAR + rtcpOverhead || (in.getByte(offset) & VERSION_MASK) != VERSION_2) {
            return SrtpResult.MALFORMED;
        }
        final int word = BigEndian.i32(in, offset + length - behindIndex - SrtpProfile.INDEX_LENGTH);
        if (word >= 0) {
            return SrtpResult.MALFORMED;
        }
        final int ssrc = BigEndian.i32(in, offset + RTCP_SSRC_OFFSET);
        final ReplayWindow window = rtcpStreams.find(ssrc);
        if (window == null && rtcpStreams.isFull()) {
            return SrtpResult.TOO_MANY_STREAMS;
        }
        final long index = word & RTCP_INDEX_MASK;
        if (window != null && !window.isFresh(index)) {
            return SrtpResult.REPLAYED;
        }
        final int plain = transform.openRtcp(ssrc, word, in, offset, length, out, outOffset);
        if (plain >= 0) {
            rtcpStreams.accept(ssrc, window, index);
        }
        return plain;
    }

    /** Overwrites the keys; later calls return {@link SrtpResult#FAILED}. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            transform.close();
        }
    }
}
