package org.chevet.relay.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.chevet.relay.lane.DatagramPort;

/** The UDP sockets of one lane: datagrams come in through {@link LaneThread}, out through here. */
interface MediaSockets extends DatagramPort, AutoCloseable {
    /**
     * Opens one more socket and listens on it. Any thread, before the lane runs.
     *
     * @return its local address
     * @throws IOException naming the address that could not be bound, and why
     */
    InetSocketAddress bind(InetSocketAddress address) throws IOException;

    /** Hands what was sent to the kernel. Lane thread only. */
    void flush();

    /** Which way it is, for logs: "recvmmsg and sendmmsg with GSO" or the like. */
    String describe();

    /** Closes the sockets; the lane's thread has ended. */
    @Override
    void close();
}
