package org.chevet.relay.lane;

import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.sctp.SctpConfig;

/**
 * What offer and answer agreed for data channels (RFC 8841).
 *
 * @param remotePort SCTP port of the peer, 1 to 65535
 * @param remoteMaxMessage largest message the peer takes, in bytes; 0 for no bound
 */
public record DataTerms(int remotePort, int remoteMaxMessage) {
    /** SCTP port of ours in every answer. */
    public static final int LOCAL_PORT = SctpConfig.DEFAULT_PORT;
    /** Largest message we take, in bytes, and the receive window: the largest vitals message needs 64 KiB and a bit. */
    public static final int MAX_MESSAGE = 128 * 1024;
    /** Streams each way. */
    public static final int MAX_STREAMS = SctpAssociation.MAX_STREAMS;
    /** Bytes that wait to be acknowledged; a quarter is kept for vitals. */
    static final int SEND_BUFFER = 512 * 1024;

    SctpConfig config() {
        final int most = remoteMaxMessage == 0 ? SctpConfig.DEFAULT_SIZE
            : Math.min(remoteMaxMessage, SctpConfig.DEFAULT_SIZE);
        return new SctpConfig(LOCAL_PORT, remotePort, MAX_MESSAGE, MAX_MESSAGE, most, SEND_BUFFER, true);
    }
}
