package org.chevet.relay.srtp;

import org.chevet.relay.stats.DropReason;

/** Negative results of {@link SrtpSender} and {@link SrtpReceiver}; everything else is a length in bytes. */
public final class SrtpResult {
    /** Receiver: the tag does not verify. */
    public static final int AUTH_FAILED = -1;
    /** The index was used before or is older than the window. Sender: sealing it again would repeat a nonce. */
    public static final int REPLAYED = -2;
    /** Too short, or no RTP or RTCP header. */
    public static final int MALFORMED = -3;
    /** A new SSRC, and {@link SrtpReceiver#MAX_STREAMS} are known. */
    public static final int TOO_MANY_STREAMS = -4;
    /** Sender: the key has protected as many packets as it may (RFC 3711 section 9.2). */
    public static final int KEY_EXHAUSTED = -5;
    /** Closed, or the cipher refused. */
    public static final int FAILED = -6;

    private SrtpResult() {
    }

    /** How a drop with this result of the receiver is counted. */
    public static DropReason receiveDrop(final int result) {
        return switch (result) {
            case AUTH_FAILED -> DropReason.SRTP_AUTH_FAILED;
            case REPLAYED -> DropReason.SRTP_REPLAYED;
            case TOO_MANY_STREAMS -> DropReason.TOO_MANY_STREAMS;
            case FAILED -> DropReason.SRTP_NOT_READY;
            default -> DropReason.SRTP_MALFORMED;
        };
    }

    /** How a drop with this result of the sender is counted. */
    public static DropReason sendDrop(final int result) {
        return result == TOO_MANY_STREAMS ? DropReason.TOO_MANY_STREAMS : DropReason.SEAL_FAILED;
    }
}
