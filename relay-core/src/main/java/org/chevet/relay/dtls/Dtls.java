package org.chevet.relay.dtls;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * One DTLS association of one session, seen from its lane: datagrams go in and come out, nothing blocks.
 *
 * <p>All methods belong to one thread, the lane's; the implementation does its work elsewhere and runs the wake-up
 * given at construction when there is something to poll or the state changed. Only datagrams from an address that
 * passed an authenticated ICE check may be offered.
 */
public interface Dtls extends AutoCloseable {
    /** Bytes a datagram from {@link #pollTransmit} has at most. */
    int MAX_DATAGRAM = 1200;

    /**
     * Bytes of application data that leave in one datagram: {@link #MAX_DATAGRAM} less the record header (13, RFC 6347
     * section 4.1), the explicit nonce (8) and the tag (16) of AES-GCM (RFC 5288 section 3).
     */
    int MAX_APPLICATION_DATA = MAX_DATAGRAM - 13 - 8 - 16;

    /** Bytes that {@link #pollApplicationData} writes at most: what larger datagrams of a peer may hold. */
    int MAX_RECEIVED_APPLICATION_DATA = 2048 - 13 - 8 - 16;

    /** Records of application data that wait to be polled; more are dropped and counted. */
    int MAX_WAITING_APPLICATION_DATA = 64;

    /** Life of an association. */
    enum State {
        /** No keys yet. */
        HANDSHAKING,
        /** {@link #keys()} are there; media may flow. */
        CONNECTED,
        /** The peer said close_notify or a fatal alert after the handshake, or {@link #close()} was called. */
        CLOSED,
        /** The handshake did not succeed; {@link #failure()} says why. */
        FAILED
    }

    /**
     * Takes one received datagram, copied. Bad records in it are left out, the others go on.
     *
     * @return null when all of it was taken; else why something was dropped: {@link DropReason#DTLS_MALFORMED}
     *     (refused before the DTLS library sees it) or {@link DropReason#DTLS_QUEUE_FULL}
     */
    @Nullable DropReason offer(DirectBuffer in, int offset, int length);

    /**
     * Writes the next datagram to send, at most {@link #MAX_DATAGRAM} bytes.
     *
     * @return its length, 0 when there is none
     */
    int pollTransmit(MutableDirectBuffer out, int offset);

    /** Where the association stands. */
    State state();

    /**
     * The keys, from {@link State#CONNECTED} on.
     *
     * @throws IllegalStateException before that
     */
    DtlsKeys keys();

    /** Keeps application data from now on; before, it is dropped unseen. */
    void acceptApplicationData();

    /**
     * Writes the next record of application data the peer sent.
     *
     * @param out has room for {@link #MAX_RECEIVED_APPLICATION_DATA} bytes from {@code offset}
     * @return its length, 0 when none waits
     */
    int pollApplicationData(MutableDirectBuffer out, int offset);

    /** Records of application data dropped since the last call, because too many waited. */
    int takeDroppedApplicationData();

    /**
     * Seals application data into a datagram of its own, which can be polled at once.
     *
     * @param length at most {@link #MAX_APPLICATION_DATA}
     * @return false when the association is not {@link State#CONNECTED} or cannot send any more
     */
    boolean send(DirectBuffer in, int offset, int length);

    /** Why it {@link State#FAILED} or was {@link State#CLOSED}, for the log; "" otherwise. Holds no secret. */
    String failure();

    /** Ends the work and overwrites the keys; when connected, close_notify can be polled once it returned. */
    @Override
    void close();
}
