package org.chevet.relay.lane;

import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;

/**
 * How the owner of the thread drives a lane: datagrams of one read batch, then one {@link #endTurn}.
 *
 * <p>All calls on the lane's thread, with a time that never goes back. None throws: a fault inside ends what it
 * belongs to.
 */
public interface LaneTurns {
    /**
     * Takes one datagram; the bytes are borrowed for the call.
     *
     * @param socket index of the local address it arrived on
     * @param from where it came from
     * @param receivedNs when the kernel received it, as far as that is known; not after {@code nowNs}
     * @param nowNs when the batch was read
     */
    void onDatagram(int socket, TransportAddress from, DirectBuffer in, int offset, int length, long receivedNs,
        long nowNs);

    /** Runs the commands that wait, the deadlines that passed, and writes everything that is ready to the port. */
    void endTurn(DatagramPort port, long nowNs);

    /** Tells that the datagrams of this turn were handed to the kernel at {@code nowNs}; records forwarding times. */
    void handedOver(long nowNs);

    /** True when a TCP connection was authenticated by a check of a peer that is still there. */
    boolean isBound(int socket);

    /** A TCP connection is gone. */
    void onStreamClosed(int socket);

    /** When the lane wants a turn though nothing arrives; {@code Long.MAX_VALUE} for never. */
    long nextDeadlineNs();
}
