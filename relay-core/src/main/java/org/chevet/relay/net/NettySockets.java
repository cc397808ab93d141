package org.chevet.relay.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * A lane's sockets as Netty channels: works on every platform. Each datagram is read into, and built in, a pooled
 * buffer; what is sent leaves at {@link #flush}.
 */
final class NettySockets implements MediaSockets {
    /** Bytes that may wait in Netty when the kernel's buffer is full; beyond it datagrams are dropped and counted. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2 * 1024 * 1024, 4 * 1024 * 1024);
    private static final int MAX_ADDRESSES = 16_384;

    private final LaneThread thread;
    private final EventLoop loop;
    private final List<Channel> sockets = new ArrayList<>();
    private boolean[] dirty = {};
    private final LaneStats stats;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final Map<TransportAddress, InetSocketAddress> addresses = new HashMap<>();
    private final ChannelFutureListener onWritten;
    private final Streams streams;
    private @Nullable ByteBuf current;

    NettySockets(final LaneThread thread, final EventLoop loop, final Streams streams) {
        this.thread = thread;
        this.loop = loop;
        this.streams = streams;
        this.stats = thread.turns().stats();
        this.onWritten = future -> {
            if (!future.isSuccess()) {
                stats.drop(DropReason.SEND_FAILED);
            }
        };
    }

    @Override
    public InetSocketAddress bind(final InetSocketAddress address) throws IOException {
        final ChannelFuture done = new Bootstrap().group(loop).channel(NioDatagramChannel.class)
            .option(ChannelOption.SO_RCVBUF, LinuxSocket.BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, LinuxSocket.BUFFER_BYTES)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(CAPACITY))
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(new DatagramInput(thread, sockets.size())).bind(address).awaitUninterruptibly();
        if (!done.isSuccess()) {
            throw new IOException("media port " + address.getAddress().getHostAddress() + ":" + address.getPort()
                + " cannot be bound: " + String.valueOf(done.cause().getMessage()), done.cause());
        }
        sockets.add(done.channel());
        dirty = new boolean[sockets.size()];
        return (InetSocketAddress) done.channel().localAddress();
    }

    @Override
    public MutableDirectBuffer buffer() {
        if (current == null) {
            current = sockets.getFirst().alloc().directBuffer(CAPACITY, CAPACITY);
            if (current.hasMemoryAddress()) {
                view.wrap(current.memoryAddress(), CAPACITY);
            } else {
                view.wrap(current.nioBuffer(0, CAPACITY), 0, CAPACITY);
            }
        }
        return view;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public void send(final int socket, final TransportAddress to, final int length) {
        if (socket >= FIRST_STREAM && length > 0 && length <= CAPACITY) {
            streams.send(socket, buffer(), offset(), length);
            return;
        }
        final ByteBuf datagram = current;
        final InetSocketAddress address = addressOf(to);
        if (datagram == null || address == null || length <= 0 || length > CAPACITY
            || !sockets.get(socket).isWritable()) {
            stats.drop(DropReason.SEND_FAILED);
            return;
        }
        current = null;
        datagram.setIndex(0, length);
        stats.count(Counter.DATAGRAMS_SENT);
        stats.add(Counter.BYTES_SENT, length);
        sockets.get(socket).write(new DatagramPacket(datagram, address)).addListener(onWritten);
        dirty[socket] = true;
    }

    @Override
    public void endStream(final int socket) {
        streams.end(socket);
    }

    @Override
    public void flush() {
        for (int i = 0; i < dirty.length; i++) {
            if (dirty[i]) {
                dirty[i] = false;
                sockets.get(i).flush();
            }
        }
        streams.flush();
    }

    @Override
    public String describe() {
        return "Netty's NIO channels";
    }

    @Override
    public void close() {
        // The channels close with their event loop.
    }

    private @Nullable InetSocketAddress addressOf(final TransportAddress to) {
        InetSocketAddress address = addresses.get(to);
        if (address == null) {
            if (addresses.size() >= MAX_ADDRESSES) {
                addresses.clear();
            }
            try {
                address = new InetSocketAddress(InetAddress.getByAddress(to.addressBytes()), to.port());
            } catch (UnknownHostException e) {
                // Cannot be: TransportAddress gives 4 or 16 bytes. Treated as unsendable rather than trusted.
                return null;
            }
            addresses.put(to, address);
        }
        return address;
    }
}
