package org.chevet.relay.srtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.BigEndian;
import org.jspecify.annotations.Nullable;

/**
 * Protects what one side sends: SRTP and SRTCP under one master key (RFC 3711, RFC 7714).
 *
 * <p>No index is ever sealed twice, because with AES-GCM that would give away the authentication key: each SSRC has
 * the same window as a receiver's, a sequence number seen before or older than {@link ReplayWindow#SIZE} behind the
 * newest is refused, and the rollover counter never goes back. Sequence numbers may come out of order within that
 * window and must not jump by more than 32767. A retransmission therefore travels as RTX, or not at all.
 *
 * <p>One thread. Nothing throws on the packet path; nothing is allocated but by the cipher and for a new SSRC.
 */
public final class SrtpSender implements AutoCloseable {
    /** SSRCs one sender protects; more are refused, and none is forgotten. */
    public static final int MAX_STREAMS = 256;

    private static final int MIN_RTP_HEADER = 12;
    private static final int MIN_RTCP = 8;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int RTP_SSRC_OFFSET = 8;
    private static final int RTCP_SSRC_OFFSET = 4;
    /** First RTP index that may not be used: 2^48 packets per key (RFC 3711 section 9.2). */
    private static final long RTP_INDEX_END = 1L << 48;
    /** First SRTCP index that may not be used: 2^31. */
    private static final long RTCP_INDEX_END = 1L << 31;

    private final SrtpTransform transform;
    private final SrtpStreams streams = new SrtpStreams(MAX_STREAMS);
    private long nextRtcpIndex;
    private boolean closed;

    /** Derives session keys; key and salt are only read. */
    public SrtpSender(final SrtpProfile profile, final byte[] masterKey, final byte[] masterSalt,
        final AeadEngineProvider engines) {
        this(SrtpTransform.of(profile, masterKey, masterSalt, engines), 1);
    }

    SrtpSender(final SrtpTransform transform, final long firstRtcpIndex) {
        this.transform = transform;
        nextRtcpIndex = firstRtcpIndex;
    }

    /**
     * Protects one RTP packet: its header with CSRCs and extensions is already at {@code outOffset}; the payload,
     * from anywhere, is sealed behind it, followed by the tag.
     *
     * @param headerLength bytes of the header, at least 12
     * @param payload may be {@code out} when {@code payloadOffset} is right behind the header
     * @param payloadLength bytes of payload with padding, 0 or more; out needs room for header, payload and
     *     {@link SrtpProfile#rtpOverhead()}
     * @return bytes of the protected packet, or a negative {@link SrtpResult}; what stands behind the header is then
     *     undefined
     */
    public int protectRtp(final MutableDirectBuffer out, final int outOffset, final int headerLength,
        final DirectBuffer payload, final int payloadOffset, final int payloadLength) {
        if (closed) {
            return SrtpResult.FAILED;
        }
        if (headerLength < MIN_RTP_HEADER || payloadLength < 0) {
            return SrtpResult.MALFORMED;
        }
        final int ssrc = BigEndian.i32(out, outOffset + RTP_SSRC_OFFSET);
        final ReplayWindow window = streams.find(ssrc);
        if (window == null && streams.isFull()) {
            return SrtpResult.TOO_MANY_STREAMS;
        }
        final long index = SrtpStreams.indexOf(window, BigEndian.u16(out, outOffset + SEQUENCE_OFFSET));
        if (!isUsable(window, index)) {
            return index < RTP_INDEX_END ? SrtpResult.REPLAYED : SrtpResult.KEY_EXHAUSTED;
        }
        // Taken before sealing: an index is used up even when the cipher fails half way.
        streams.accept(ssrc, window, index);
        return transform.sealRtp(ssrc, index, out, outOffset, headerLength, payload, payloadOffset, payloadLength);
    }

    private static boolean isUsable(final @Nullable ReplayWindow window, final long index) {
        return index < RTP_INDEX_END && (window == null || window.isFresh(index));
    }

    /**
     * Protects one RTCP compound in place and appends tag and index. One counter serves all SSRCs, so no index
     * repeats.
     *
     * @param length bytes of the compound, at least 8; out needs {@link SrtpProfile#rtcpOverhead()} more
     * @return bytes of the protected packet, or a negative {@link SrtpResult}
     */
    public int protectRtcp(final MutableDirectBuffer out, final int outOffset, final int length) {
        if (closed) {
            return SrtpResult.FAILED;
        }
        if (length < MIN_RTCP) {
            return SrtpResult.MALFORMED;
        }
        if (nextRtcpIndex >= RTCP_INDEX_END) {
            return SrtpResult.KEY_EXHAUSTED;
        }
        final int index = (int) nextRtcpIndex++;
        return transform.sealRtcp(BigEndian.i32(out, outOffset + RTCP_SSRC_OFFSET), index, out, outOffset, length);
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
