package org.chevet.relay.stats;

import java.util.Locale;

/**
 * Why a packet, frame or message went no further. Every drop is counted under exactly one of these; names are the
 * metric labels.
 */
public enum DropReason {
    /** First byte belongs to no protocol of RFC 7983. */
    UNKNOWN_PROTOCOL,
    /** STUN message that does not parse or fails its FINGERPRINT. */
    STUN_MALFORMED,
    /** STUN request whose USERNAME names no session. */
    STUN_UNKNOWN_USER,
    /** STUN request whose MESSAGE-INTEGRITY does not verify. */
    STUN_BAD_INTEGRITY,
    /** STUN request of a method or type an ICE-lite agent does not answer. */
    STUN_UNEXPECTED,
    /** STUN request that came from another address before: a copy of the client's, sent by somebody else. */
    STUN_REPLAYED,
    /** STUN request from a new address after so many with the same credentials that it may be a copy of an old one. */
    STUN_WORN_OUT,
    /** Datagram from an address that passed no authenticated check. */
    UNKNOWN_ADDRESS,
    /** DTLS record refused before the DTLS library sees it (size, fragment bounds, short epoch &gt; 0). */
    DTLS_MALFORMED,
    /** DTLS inbox or outbox of a session full. */
    DTLS_QUEUE_FULL,
    /** DTLS for an association that has ended. */
    DTLS_CLOSED,
    /** Media before the keys are there. */
    SRTP_NOT_READY,
    /** SRTP or SRTCP packet too short or not parseable. */
    SRTP_MALFORMED,
    /** SRTP or SRTCP authentication failed. */
    SRTP_AUTH_FAILED,
    /** SRTP or SRTCP index seen before or too old for the window. */
    SRTP_REPLAYED,
    /** More SSRCs in one session than its bound. */
    TOO_MANY_STREAMS,
    /** RTP header that does not parse after decryption. */
    RTP_MALFORMED,
    /** RTP whose SSRC, mid, rid and payload type map to no negotiated section. */
    RTP_UNKNOWN_STREAM,
    /** Payload type that was not negotiated. */
    RTP_UNKNOWN_PAYLOAD_TYPE,
    /** Padding-only packet or probe: never forwarded, by design. */
    RTP_PADDING_ONLY,
    /** RED payload (RFC 2198) whose blocks do not fit, are of another payload type than agreed, or end in nothing. */
    RED_MALFORMED,
    /** RTP packet seen before. */
    RTP_DUPLICATE,
    /** RTP packet older than the reordering and repair window. */
    RTP_TOO_LATE,
    /** RTCP that does not parse. */
    RTCP_MALFORMED,
    /** The subscriber is admitted, but its transport has no keys yet. */
    NOT_CONNECTED,
    /** The subscriber did not negotiate the codec of the publication. */
    CODEC_NOT_NEGOTIATED,
    /** The publisher has muted the track: nothing of it is forwarded. */
    PUBLICATION_MUTED,
    /** A simulcast layer nobody receives now. */
    LAYER_NOT_SELECTED,
    /** A video that its subscriber does not want now, or for which its link has no room. */
    VIDEO_PAUSED,
    /** Waiting for the key frame that starts a subscription or layer. */
    AWAITING_KEY_FRAME,
    /** Rewritten packet would be larger than a datagram slot. */
    PACKET_TOO_LARGE,
    /** No free slot in the packet slab of the lane. */
    SLAB_EXHAUSTED,
    /** Subscriber queue full: audio late. */
    QUEUE_LATE,
    /** Subscriber queue full: video dropped up to the next key frame. */
    QUEUE_TO_KEY_FRAME,
    /** Requested retransmission is no longer in the history. */
    HISTORY_MISS,
    /** Requested retransmission is not held any more as it left, and may not be sealed a second time. */
    SEALED_MISS,
    /** Retransmission asked again sooner than a round trip. */
    RETRANSMISSION_THROTTLED,
    /** Socket refused the datagram for a reason without a name of its own here. */
    SEND_FAILED,
    /** The kernel's send buffer and the slab before it are full. */
    SEND_BUFFER_FULL,
    /** Datagram larger than the path to its receiver takes (EMSGSIZE). */
    SEND_TOO_LARGE,
    /** No route to the receiver, or its host says that nobody listens. */
    SEND_UNREACHABLE,
    /** A TCP connection does not take more now. */
    STREAM_BLOCKED,
    /** The TCP connection to the receiver is gone. */
    STREAM_CLOSED,
    /** Sealing failed or the key is used up. */
    SEAL_FAILED,
    /** The peer, participant or grant went away before the packet was sent. */
    NOT_ADMITTED,
    /** SCTP packet or chunk that does not parse, or acknowledges what was never sent. */
    SCTP_MALFORMED,
    /** SCTP packet with a wrong checksum. */
    SCTP_BAD_CHECKSUM,
    /** SCTP packet with a wrong verification tag or port. */
    SCTP_BAD_TAG,
    /** SCTP chunk of an unknown type, or one that does not fit the state of the association. */
    SCTP_UNEXPECTED,
    /** SCTP data that came before or was already given up by the peer. */
    SCTP_DUPLICATE,
    /** SCTP data beyond the receive window or memory. */
    SCTP_NO_ROOM,
    /** SCTP data of a stream beyond the bound. */
    SCTP_UNKNOWN_STREAM,
    /** SCTP message larger than its bound, or an empty one to be sent. */
    SCTP_MESSAGE_TOO_LARGE,
    /** SCTP message not taken for sending because the send buffer is full. */
    SCTP_BUFFER_FULL,
    /** SCTP message for an association, stream or channel that is not open. */
    SCTP_NOT_OPEN,
    /** SCTP message given up by its limit of time or retransmissions. */
    SCTP_EXPIRED,
    /** Data channel message that does not parse, or of a payload type nobody knows. */
    DATA_CHANNEL_MALFORMED,
    /** Data channel the peer may not open: number taken or of our half, label too long, too many. */
    DATA_CHANNEL_REFUSED,
    /** Message for a data channel that is not open. */
    DATA_CHANNEL_UNKNOWN,
    /** Data channel of an unknown label, of the wrong kind, a second one of its label, or not granted: closed. */
    DATA_CHANNEL_NOT_SERVED,
    /** Message on a data channel that is too large, too fast, or not of the channel's kind; the channel is closed. */
    DATA_CHANNEL_RULE_BROKEN,
    /** Chat or object for a receiver that holds its bound already; its channel is closed. */
    DATA_CHANNEL_TOO_SLOW,
    /** Annotation for a receiver that holds its bound already. */
    ANNOTATION_DROPPED,
    /** Vitals message that does not parse. */
    VITALS_MALFORMED,
    /** Vitals message refused: stream unknown, not granted, out of order of the protocol. */
    VITALS_REFUSED,
    /** Vitals block seen before (resume overlap). */
    VITALS_DUPLICATE,
    /** Acknowledgement of an alert that is over or not known, or alert that too many others crowd out of escalation. */
    VITALS_ALERT_NOT_FOLLOWED,
    /** Vitals message larger than its bound. */
    VITALS_TOO_LARGE,
    /** Hand-over queue of a lane full. */
    LANE_QUEUE_FULL;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The value of the metric label {@code reason}. */
    public String label() {
        return label;
    }
}
