package org.chevet.relay.stats;

import java.util.Locale;

/** What a lane counts, besides drops. Names are the metric names (prefix {@code chevet_}, suffix {@code _total}). */
public enum Counter {
    DATAGRAMS_RECEIVED, BYTES_RECEIVED, DATAGRAMS_SENT, BYTES_SENT,
    /** System calls that read datagrams, and that sent them. */
    RECEIVE_CALLS, SEND_CALLS,
    /** Messages the kernel cut into several datagrams (UDP GSO), and such messages it refused. */
    SEGMENTED_SENDS, SEGMENTING_REFUSED,
    /** Times the kernel's send buffer was full and datagrams waited for it. */
    SENDS_BLOCKED,
    /** TCP connections that carry media; those closed because their peer made too many newer ones are evicted. */
    MEDIA_STREAMS_OPENED, MEDIA_STREAMS_CLOSED, MEDIA_STREAMS_EVICTED,
    /** Datagrams of another lane's client, handed to it. */
    DATAGRAMS_HANDED_OVER,
    RTP_RECEIVED, RTP_FORWARDED, RTCP_RECEIVED, RTCP_SENT,
    STUN_REQUESTS, STUN_RESPONSES, ICE_RESTARTS,
    DTLS_STARTED, DTLS_COMPLETED, DTLS_FAILED,
    SESSIONS_OPENED, SESSIONS_CLOSED, CONSULTATIONS_OPENED, CONSULTATIONS_CLOSED,
    /** Participants put out, new epochs of keys taken, and wrapped secrets carried to somebody. */
    PARTICIPANTS_EVICTED, EPOCHS_STARTED, EPOCH_SECRETS_CARRIED,
    KEY_FRAME_REQUESTS_RECEIVED, KEY_FRAME_REQUESTS_SENT,
    NACKS_RECEIVED, NACKS_SENT, TRANSPORT_FEEDBACKS_RECEIVED, CONGESTION_FEEDBACKS_RECEIVED,
    PADDING_SENT, RETRANSMISSIONS_SENT,
    VITALS_CONNECTIONS_OPENED, VITALS_CONNECTIONS_CLOSED,
    VITALS_BLOCKS_RECEIVED, VITALS_BLOCKS_FORWARDED, VITALS_BYTES_RECEIVED, VITALS_BYTES_FORWARDED,
    /** Device streams in the clear where encryption is required, or encrypted where it is off. */
    VITALS_ENCRYPTION_REFUSED,
    VITALS_GAPS_REPORTED, VITALS_RESUMES, VITALS_ALERTS_ESCALATED,
    /** Data channels that are served, and messages copied to a receiver of chat, annotations and objects. */
    DATA_CHANNELS_OPENED, DATA_CHANNELS_CLOSED, DATA_MESSAGES_RELAYED,
    LANE_COMMANDS, LANE_ERRORS,
    /** Batches of datagrams and all that follows, and turns without any. */
    LANE_TURNS;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Lower-case name, words joined by underscores. */
    public String label() {
        return label;
    }
}
