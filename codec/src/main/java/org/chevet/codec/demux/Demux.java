package org.chevet.codec.demux;

/**
 * Tells the protocols that share a UDP port by their first bytes (RFC 7983 section 7, RFC 5761 section 4).
 *
 * <pre>
 *                  +----------------+
 *                  |        [0..3] -+--&gt; STUN
 *                  |      [20..63] -+--&gt; DTLS
 *      datagram --&gt;|    [128..191] -+--&gt; RTP or RTCP: second byte 192..223 is RTCP
 *                  |         other -+--&gt; dropped (ZRTP, TURN channels, QUIC are not spoken here)
 *                  +----------------+
 * </pre>
 *
 * <p>Stateless; safe on any thread.
 */
public final class Demux {
    /** Nothing this relay speaks. */
    public static final int UNKNOWN = 0;
    /** STUN (RFC 8489). */
    public static final int STUN = 1;
    /** DTLS (RFC 6347). */
    public static final int DTLS = 2;
    /** RTP or RTCP; {@link #isRtcp(int)} of the second byte tells which. */
    public static final int RTP = 3;

    private static final int STUN_LAST = 3;
    private static final int DTLS_FIRST = 20;
    private static final int DTLS_LAST = 63;
    private static final int RTP_FIRST = 128;
    private static final int RTP_LAST = 191;
    private static final int RTCP_FIRST = 192;
    private static final int RTCP_LAST = 223;
    private static final int BYTE_MASK = 0xFF;

    private Demux() {
    }

    /** The protocol of a datagram by its first byte (only the low eight bits are used). */
    public static int classify(final int firstByte) {
        final int first = firstByte & BYTE_MASK;
        if (first >= RTP_FIRST && first <= RTP_LAST) {
            return RTP;
        }
        if (first <= STUN_LAST) {
            return STUN;
        }
        return first >= DTLS_FIRST && first <= DTLS_LAST ? DTLS : UNKNOWN;
    }

    /** True when the second byte of an RTP-or-RTCP datagram is an RTCP packet type (192 to 223). */
    public static boolean isRtcp(final int secondByte) {
        final int second = secondByte & BYTE_MASK;
        return second >= RTCP_FIRST && second <= RTCP_LAST;
    }
}
