package org.chevet.relay.lane;

import java.util.concurrent.Executor;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;

/**
 * The TCP connections of a lane that carry media (RFC 6544): each is one more socket of the lane, with a number of
 * its own. Lane thread only, but for {@link #loop}.
 */
public interface MediaStreams {
    /** No socket number: the lane holds its maximum of connections. */
    int NONE = -1;

    /** The lane's thread, where the connection must be before anything else is called. Any thread. */
    Executor loop();

    /** Takes a connection in; its socket number, or {@link #NONE}. */
    int attach(End end);

    /** Hands over one datagram; the bytes are borrowed for the call. */
    void receive(int socket, TransportAddress from, DirectBuffer in, int offset, int length);

    /** What was read at once is handed over: the lane takes its turn. */
    void endOfBatch();

    /** True when a check authenticated the connection, and the peer it belongs to is still there. */
    boolean isBound(int socket);

    /** The connection is gone. */
    void detach(int socket);

    /** A connection, as the lane's sockets see it. */
    interface End {
        /**
         * Takes one datagram; the bytes are borrowed for the call.
         *
         * @return false when the connection does not take more now: the datagram is dropped, never queued
         */
        boolean send(DirectBuffer in, int offset, int length);

        /** Hands what was taken to the kernel. */
        void flush();

        /** Closes the connection; what was not flushed is dropped. */
        void close();
    }
}
