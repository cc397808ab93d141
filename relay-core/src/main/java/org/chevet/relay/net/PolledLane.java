package org.chevet.relay.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.lane.LaneTurns;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;

/**
 * The sockets and turns of a {@link LaneThread} without its event loop: whoever owns the thread asks for datagrams.
 * For measuring: {@link #poll} is what a lane does once its loop woke it; {@link #receive} with {@link #port} is the
 * same system calls with nothing in between.
 *
 * <p>Needs 64-bit Linux ({@link #isAvailable}). One thread.
 */
public final class PolledLane implements AutoCloseable {
    private final LaneStats stats;
    private final LinuxSockets sockets;
    private final Turns turns;

    /** Without sockets yet. */
    public PolledLane(final LaneStats stats, final LongSupplier clock, final SocketOptions options) {
        this.stats = stats;
        sockets = new LinuxSockets(stats, options, new Nobody(), new Streams(stats));
        turns = new Turns(stats, clock);
    }

    /** True on a platform that has the system calls. */
    public static boolean isAvailable() {
        return Posix.isAvailable();
    }

    /** Opens a socket and returns its local address. */
    public InetSocketAddress bind(final InetSocketAddress address) throws IOException {
        return sockets.bind(address);
    }

    /** Gives the sockets their lane. */
    public void run(final LaneTurns lane) {
        turns.run(lane, sockets);
    }

    /** Reads what waits at the first socket, with the lane's turns that follow; returns the datagrams read. */
    public int poll() {
        sockets.socket(0).out().flush(true);
        return turns.onReadable(0, sockets.socket(0).in());
    }

    /** A turn of the lane without datagrams. */
    public void turn() {
        turns.endTurn();
    }

    /** Reads one batch from the first socket and gives it to nobody; returns the datagrams read. */
    public int receive() {
        stats.count(Counter.RECEIVE_CALLS);
        return sockets.socket(0).in().receive();
    }

    /** Memory of the batch read last. */
    public DirectBuffer buffer() {
        return sockets.socket(0).in().buffer();
    }

    /** Where a datagram of the batch starts in {@link #buffer}. */
    public int offset(final int index) {
        return sockets.socket(0).in().offset(index);
    }

    /** Bytes of a datagram of the batch. */
    public int length(final int index) {
        return sockets.socket(0).in().length(index);
    }

    /** Sender of a datagram of the batch. */
    public TransportAddress sender(final int index) {
        final TransportAddress sender = sockets.socket(0).in().sender(index);
        if (sender == null) {
            throw new IllegalStateException("a sender of no known family");
        }
        return sender;
    }

    /** Where datagrams are built and sent. */
    public DatagramPort port() {
        return sockets;
    }

    /** Hands over what was sent. */
    public void flush() {
        sockets.flush();
    }

    @Override
    public void close() {
        sockets.close();
    }

    /** Nobody waits: the owner polls, and each poll tries again what the kernel did not take. */
    private static final class Nobody implements LinuxSockets.Watch {
        @Override
        public void opened(final LinuxSocket socket) {
            // Polled from the first call on.
        }

        @Override
        public void flushed(final int socket) {
            // The next poll tries again.
        }
    }
}
