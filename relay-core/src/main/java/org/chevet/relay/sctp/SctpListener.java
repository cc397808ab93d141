package org.chevet.relay.sctp;

import org.agrona.DirectBuffer;

/**
 * What an association tells its owner, on the caller's thread, from inside {@link SctpAssociation#handlePacket},
 * {@link SctpAssociation#handleTimeout} or {@link SctpAssociation#abort}.
 *
 * <p>Allowed back into the association from every method: {@code send}, {@code stream}, {@code resetStream},
 * {@code shutdown}, {@code abort} and everything that only reads. Not allowed: {@code handlePacket},
 * {@code handleTimeout}, {@code pollTransmit} and {@code connect}.
 */
public interface SctpListener {
    /** Why an association ended. */
    enum End {
        /** Both sides agreed. */
        SHUT_DOWN,
        /** The peer sent ABORT. */
        ABORTED_BY_PEER,
        /** We sent ABORT because the owner asked. */
        ABORTED,
        /** We sent ABORT because the peer broke the protocol or a bound. */
        PEER_AT_FAULT,
        /** The peer does not answer. */
        UNREACHABLE
    }

    /** Messages can be sent and may come. */
    void onEstablished();

    /** The peer started anew: what was held in both directions is gone and all streams start at 0. */
    void onRestart();

    /**
     * A whole message. The bytes are borrowed for the call.
     *
     * @param streamId stream, below {@link SctpAssociation#MAX_STREAMS}
     * @param ppid payload protocol identifier
     * @param length at least 1
     */
    void onMessage(int streamId, int ppid, DirectBuffer buffer, int offset, int length, boolean unordered);

    /** The peer reset the stream it sends to us on: nothing more comes before it is used anew. */
    void onIncomingReset(int streamId);

    /** The stream we send on was reset; it may be used anew. */
    void onOutgoingReset(int streamId);

    /** The peer refused to reset the stream we send on; it takes nothing more as long as the association lasts. */
    void onOutgoingResetRefused(int streamId);

    /** The bytes held for a stream fell to its low-water mark, or fell below it after a message was not taken. */
    void onBufferedAmountLow(int streamId);

    /** The association ended; called once. A last packet may wait in {@code pollTransmit}. */
    void onClosed(End end);
}
