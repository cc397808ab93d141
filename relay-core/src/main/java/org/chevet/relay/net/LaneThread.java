package org.chevet.relay.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.chevet.relay.lane.LaneTurns;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * One lane's thread, sockets and timer: a Netty event loop with one UDP socket per local address.
 *
 * <p>Reads the clock once per batch of datagrams. The timer is set only for a deadline the lane has, never as a tick.
 * Construct, {@link #bind}, {@link #run}; {@link #close} from any thread but its own.
 */
public final class LaneThread implements AutoCloseable {
    /** Largest datagram taken; browsers send at most about 1500 bytes. */
    static final int MAX_DATAGRAM = 2048;
    /** Datagrams read by one system call. */
    static final int READ_BATCH = 8;
    private static final int SOCKET_BUFFER = 4 * 1024 * 1024;
    private static final long SHUTDOWN_QUIET_MS = 0;
    private static final long SHUTDOWN_LIMIT_MS = 3000;

    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final LaneStats stats;
    private final LongSupplier clock;
    private final List<Channel> sockets = new ArrayList<>();
    private @Nullable LaneTurns lane;
    private @Nullable NettyDatagramPort port;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAtNs = Long.MAX_VALUE;

    /**
     * Starts the thread.
     *
     * @param index of the lane, for the thread's name
     * @param stats of the lane
     * @param clock nanoseconds of a clock that never goes back
     */
    public LaneThread(final int index, final LaneStats stats, final LongSupplier clock) {
        final IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("chevet-lane-" + index), io);
        this.loop = group.next();
        this.stats = stats;
        this.clock = clock;
    }

    /**
     * Binds one socket per host, all to the same port.
     *
     * @return the local addresses in the order of the hosts: the index is the socket's number
     * @throws IOException naming the address that could not be bound, and why
     */
    public List<InetSocketAddress> bind(final List<String> hosts, final int port) throws IOException {
        final List<InetSocketAddress> bound = new ArrayList<>();
        int actualPort = port;
        for (final String host : hosts) {
            final InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), actualPort);
            final ChannelFuture done = new Bootstrap().group(group).channel(channelType())
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER).option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .option(ChannelOption.RECVBUF_ALLOCATOR, receiveAllocator())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, NettyDatagramPort.WATER_MARK)
                .handler(new DatagramInput(this, sockets.size())).bind(address).awaitUninterruptibly();
            if (!done.isSuccess()) {
                throw new IOException("media port " + host + ":" + actualPort + " cannot be bound: "
                    + String.valueOf(done.cause().getMessage()), done.cause());
            }
            final Channel channel = done.channel();
            sockets.add(channel);
            final InetSocketAddress local = (InetSocketAddress) channel.localAddress();
            bound.add(local);
            actualPort = local.getPort();
        }
        return bound;
    }

    /** Gives the thread its lane; datagrams are dropped before. Returns when the lane runs. */
    public void run(final LaneTurns turns) {
        loop.submit(() -> {
            lane = turns;
            port = new NettyDatagramPort(sockets, stats);
            endTurn();
        }).syncUninterruptibly();
    }

    /** Asks for one turn of the lane. Any thread. */
    public void wakeUp() {
        loop.execute(this::endTurn);
    }

    @Override
    public void close() {
        group.shutdownGracefully(SHUTDOWN_QUIET_MS, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(SHUTDOWN_LIMIT_MS);
    }

    /** The lane, or null while it does not run. Lane thread only. */
    @Nullable LaneTurns lane() {
        return lane;
    }

    long nowNs() {
        return clock.getAsLong();
    }

    LaneStats stats() {
        return stats;
    }

    /** Ends the turn: lets the lane write, flushes the sockets, sets the timer. Lane thread only. */
    void endTurn() {
        final LaneTurns turns = lane;
        final NettyDatagramPort out = port;
        if (turns == null || out == null) {
            return;
        }
        turns.endTurn(out, clock.getAsLong());
        out.flush();
        turns.handedOver(clock.getAsLong());
        setTimer(turns.nextDeadlineNs());
    }

    /** A timer that fires too early costs one empty turn; moving it at every packet would cost more. */
    private void setTimer(final long deadlineNs) {
        if (deadlineNs >= timerAtNs) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerAtNs = deadlineNs;
        timer = loop.schedule(this::onTimer, Math.max(0, deadlineNs - clock.getAsLong()), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        timerAtNs = Long.MAX_VALUE;
        endTurn();
    }

    private static Class<? extends DatagramChannel> channelType() {
        return Epoll.isAvailable() ? EpollDatagramChannel.class : NioDatagramChannel.class;
    }

    private static FixedRecvByteBufAllocator receiveAllocator() {
        return new FixedRecvByteBufAllocator(Epoll.isAvailable() ? MAX_DATAGRAM * READ_BATCH : MAX_DATAGRAM);
    }

    /** With epoll one call reads a batch: each datagram gets this much of the buffer. */
    static void useBatches(final Channel channel) {
        if (channel instanceof EpollDatagramChannel) {
            channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM);
        }
    }
}
