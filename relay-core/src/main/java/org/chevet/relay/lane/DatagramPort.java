package org.chevet.relay.lane;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.TransportAddress;

/**
 * The sockets of a lane, as the lane sees them: it builds one datagram after another in place and hands each over.
 *
 * <p>Lane thread only. Nothing blocks and nothing throws; what the kernel refuses is counted by the implementation.
 */
public interface DatagramPort {
    /** Bytes that may be written from {@link #offset()}; larger datagrams are refused by the stages before. */
    int CAPACITY = 2048;
    /** First number of sockets that are TCP connections ({@link MediaStreams}); those of UDP are smaller. */
    int FIRST_STREAM = 1 << 16;

    /** The buffer of the next datagram. Stays the same until {@link #send}. */
    MutableDirectBuffer buffer();

    /** Where in {@link #buffer()} the next datagram starts. */
    int offset();

    /**
     * Sends the {@code length} bytes at {@link #offset()}; they leave at the latest when the lane's turn ends.
     *
     * @param socket index of the local address it leaves from (a client drops answers from another one)
     * @param to where it goes
     */
    void send(int socket, TransportAddress to, int length);

    /** Closes a TCP connection that is of no more use to its peer; a port without TCP has none. */
    default void endStream(final int socket) {
    }
}
