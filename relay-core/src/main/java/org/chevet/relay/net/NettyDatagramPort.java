package org.chevet.relay.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams out of the lane by Netty: works on every platform. Each datagram is built in a pooled buffer and leaves at
 * {@link #flush}.
 */
final class NettyDatagramPort implements DatagramPort {
    /** Bytes that may wait in Netty when the kernel's buffer is full; beyond it datagrams are dropped and counted. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2 * 1024 * 1024, 4 * 1024 * 1024);
    private static final int MAX_ADDRESSES = 16_384;

    private final List<Channel> sockets;
    private final boolean[] dirty;
    private final LaneStats stats;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final Map<TransportAddress, InetSocketAddress> addresses = new HashMap<>();
    private final ChannelFutureListener onWritten;
    private @Nullable ByteBuf current;

    NettyDatagramPort(final List<Channel> sockets, final LaneStats stats) {
        this.sockets = List.copyOf(sockets);
        this.dirty = new boolean[sockets.size()];
        this.stats = stats;
        this.onWritten = future -> {
            if (!future.isSuccess()) {
                stats.drop(DropReason.SEND_FAILED);
            }
        };
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

    /** Hands what was written to the kernel. */
    void flush() {
        for (int i = 0; i < dirty.length; i++) {
            if (dirty[i]) {
                dirty[i] = false;
                sockets.get(i).flush();
            }
        }
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
