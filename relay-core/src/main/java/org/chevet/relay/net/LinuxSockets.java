package org.chevet.relay.net;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.DropReason;

/**
 * {@link LinuxSocket}s: each has its slab. The next datagram is built in the slab of the socket that sent last, which
 * is right unless the next receiver is reached from another local address; then it is copied once.
 */
final class LinuxSockets implements MediaSockets {
    private final LaneThread thread;
    private final IoEventLoop loop;
    private final SocketOptions options;
    private final SocketAddresses addresses = new SocketAddresses();
    private final List<LinuxSocket> sockets = new ArrayList<>();
    private LinuxSocket[] byNumber = {};
    private int current;

    LinuxSockets(final LaneThread thread, final IoEventLoop loop, final SocketOptions options) {
        this.thread = thread;
        this.loop = loop;
        this.options = options;
    }

    @Override
    public InetSocketAddress bind(final InetSocketAddress address) throws IOException {
        final LinuxSocket socket;
        try {
            socket = LinuxSocket.open(thread, sockets.size(), address, addresses, options);
        } catch (IOException e) {
            throw new IOException("media port " + address.getAddress().getHostAddress() + ":" + address.getPort()
                + " cannot be bound: " + e.getMessage(), e);
        }
        sockets.add(socket);
        byNumber = sockets.toArray(LinuxSocket[]::new);
        final Future<IoRegistration> registered = loop.register(socket).awaitUninterruptibly();
        if (!registered.isSuccess()) {
            throw new IOException("media port " + address + " cannot be watched: " + registered.cause(),
                registered.cause());
        }
        loop.submit(() -> socket.start(registered.getNow())).syncUninterruptibly();
        return socket.local();
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
            thread.stats().drop(DropReason.SEND_FAILED);
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
    public void flush() {
        for (final LinuxSocket socket : byNumber) {
            socket.flush();
        }
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
