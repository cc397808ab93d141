package org.chevet.relay.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * {@link LinuxSocket}s: each has its slab. The next datagram is built in the slab of the socket that sent last, which
 * is right unless the next receiver is reached from another local address; then it is copied once.
 */
final class LinuxSockets implements MediaSockets {
    private final LaneStats stats;
    private final SocketOptions options;
    private final Watch watch;
    private final SocketAddresses addresses = new SocketAddresses();
    private final List<LinuxSocket> sockets = new ArrayList<>();
    private LinuxSocket[] byNumber = {};
    private final Streams streams;
    private int current;

    LinuxSockets(final LaneStats stats, final SocketOptions options, final Watch watch,
        final Streams streams) {
        this.stats = stats;
        this.options = options;
        this.watch = watch;
        this.streams = streams;
    }

    /** Whoever waits for the sockets. */
    interface Watch {
        /** A socket was opened: wait for it from now on. */
        void opened(LinuxSocket socket) throws IOException;

        /** A socket has handed over what the kernel took; it may be blocked. */
        void flushed(int socket);
    }

    @Override
    public InetSocketAddress bind(final InetSocketAddress address) throws IOException {
        try {
            final LinuxSocket socket = LinuxSocket.open(address, addresses, options, stats);
            sockets.add(socket);
            byNumber = sockets.toArray(LinuxSocket[]::new);
            watch.opened(socket);
            return socket.local();
        } catch (IOException e) {
            throw new IOException("media port " + address.getAddress().getHostAddress() + ":" + address.getPort()
                + " cannot be bound: " + e.getMessage(), e);
        }
    }

    /** A socket by the order of {@link #bind}. */
    LinuxSocket socket(final int number) {
        return byNumber[number];
    }

    @Override
    public MutableDirectBuffer buffer() {
        return byNumber[current].out().buffer();
    }

    @Override
    public int offset() {
        return byNumber[current].out().offset();
    }

    @Override
    public void send(final int socket, final TransportAddress to, final int length) {
        if (length <= 0 || length > CAPACITY) {
            stats.drop(DropReason.SEND_FAILED);
            return;
        }
        if (socket >= FIRST_STREAM) {
            streams.send(socket, buffer(), offset(), length);
            return;
        }
        final SendBatch out = byNumber[socket].out();
        if (socket != current) {
            out.buffer().putBytes(out.offset(), buffer(), offset(), length);
            current = socket;
        }
        out.add(to, length);
    }

    @Override
    public void endStream(final int socket) {
        streams.end(socket);
    }

    @Override
    public void flush() {
        for (int i = 0; i < byNumber.length; i++) {
            byNumber[i].out().flush(false);
            watch.flushed(i);
        }
        streams.flush();
    }

    @Override
    public String describe() {
        boolean segmenting = !sockets.isEmpty();
        for (final LinuxSocket socket : sockets) {
            segmenting &= socket.out().isSegmenting();
        }
        return "recvmmsg and sendmmsg, UDP GSO " + (segmenting ? "on" : "off");
    }

    @Override
    public void close() {
        sockets.forEach(LinuxSocket::close);
    }
}
