package org.chevet.relay.net;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.LaneTurns;
import org.chevet.relay.lane.MediaStreams;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * One lane's thread, sockets and timer: a Netty event loop with one UDP socket per local address.
 *
 * <p>Reads the clock once per batch of datagrams. The timer is set only for a deadline the lane has, never as a tick.
 * Construct, {@link #bind}, {@link #run}; {@link #close} from any thread but its own.
 */
public final class LaneThread implements MediaStreams, AutoCloseable {
    private static final long SHUTDOWN_QUIET_MS = 0;
    private static final long SHUTDOWN_LIMIT_MS = 3000;

    private final MultiThreadIoEventLoopGroup group;
    private final IoEventLoop loop;
    private final Turns turns;
    private final MediaSockets sockets;
    private final SocketOptions options;
    private final Streams streams;
    private final List<WatchedSocket> watched = new ArrayList<>();
    /** Made once: a wake-up costs no object. */
    private final Runnable turn = this::endTurn;
    private volatile @Nullable Thread thread;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAtNs = Long.MAX_VALUE;

    /**
     * Starts the thread.
     *
     * @param index of the lane, for the thread's name
     * @param stats of the lane
     * @param clock nanoseconds of a clock that never goes back
     * @param options how it uses sockets and processor
     */
    public LaneThread(final int index, final LaneStats stats, final LongSupplier clock, final SocketOptions options) {
        final boolean systemCalls = options.systemCalls() && canSharePort();
        this.group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("chevet-lane-" + index),
            systemCalls ? epoll(options) : NioIoHandler.newFactory());
        this.loop = group.next();
        this.turns = new Turns(stats, clock);
        this.options = options;
        this.streams = new Streams(stats);
        this.sockets = systemCalls ? new LinuxSockets(stats, options, new Watcher(), streams)
            : new NettySockets(this, loop, streams);
    }

    /** True where several lanes can bind one port: where our own system calls are used. */
    public static boolean canSharePort() {
        return Epoll.isAvailable() && Posix.isAvailable();
    }

    private static IoHandlerFactory epoll(final SocketOptions options) {
        final SelectStrategyFactory strategy = () -> (selectNow, hasTasks) -> hasTasks ? selectNow.get()
            : SelectStrategy.BUSY_WAIT;
        return options.spinning() ? EpollIoHandler.newFactory(0, strategy) : EpollIoHandler.newFactory();
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
            final InetSocketAddress local =
                sockets.bind(new InetSocketAddress(InetAddress.getByName(host), actualPort));
            bound.add(local);
            actualPort = local.getPort();
        }
        return bound;
    }

    /**
     * Gives the thread its lane; datagrams are dropped before. Returns when the lane runs.
     *
     * @throws IOException when the thread cannot be kept on the processor asked for
     */
    public void run(final LaneTurns lane) throws IOException {
        final Integer processor = options.processor();
        final IOException[] failure = new IOException[1];
        loop.submit(() -> {
            try {
                if (processor != null) {
                    Posix.pinThread(processor);
                }
            } catch (IOException e) {
                failure[0] = e;
                return;
            }
            thread = Thread.currentThread();
            turns.run(lane, sockets);
            endTurn();
        }).syncUninterruptibly();
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    /** How datagrams are read and sent, in words for a log. */
    public String describe() {
        return sockets.describe();
    }

    @Override
    public Executor loop() {
        return loop;
    }

    /** Where the thread stands now; empty before {@link #run}. Any thread. */
    public StackTraceElement[] stack() {
        final Thread lane = thread;
        return lane == null ? new StackTraceElement[0] : lane.getStackTrace();
    }

    /** Asks for one turn of the lane. Any thread. */
    public void wakeUp() {
        loop.execute(turn);
    }

    @Override
    public void close() {
        group.shutdownGracefully(SHUTDOWN_QUIET_MS, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(SHUTDOWN_LIMIT_MS);
        sockets.close();
    }

    @Override
    public int attach(final End end) {
        return streams.attach(end);
    }

    @Override
    public void receive(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length) {
        final long nowNs = turns.nowNs();
        turns.onDatagram(socket, from, in, offset, length, nowNs, nowNs);
    }

    @Override
    public void endOfBatch() {
        endTurn();
    }

    @Override
    public boolean isBound(final int socket) {
        return turns.isBound(socket);
    }

    @Override
    public void detach(final int socket) {
        streams.detach(socket);
        turns.onStreamClosed(socket);
    }

    Turns turns() {
        return turns;
    }

    /** Ends the turn and sets the timer. Lane thread only. */
    void endTurn() {
        turns.endTurn();
        setTimer(turns.nextDeadlineNs());
    }

    /** A socket has datagrams. Lane thread only. */
    void onReadable(final int socket, final ReceiveBatch batch) {
        turns.onReadable(socket, batch);
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
        timer = loop.schedule(this::onTimer, Math.max(0, deadlineNs - turns.nowNs()), TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        timerAtNs = Long.MAX_VALUE;
        endTurn();
    }

    /** Puts the sockets on the event loop. */
    private final class Watcher implements LinuxSockets.Watch {
        @Override
        public void opened(final LinuxSocket socket) throws IOException {
            final WatchedSocket handle = new WatchedSocket(LaneThread.this, watched.size(), socket);
            watched.add(handle);
            final Future<IoRegistration> registered = loop.register(handle).awaitUninterruptibly();
            if (!registered.isSuccess()) {
                throw new IOException("the event loop refused it: " + registered.cause(), registered.cause());
            }
            loop.submit(() -> handle.start(registered.getNow())).syncUninterruptibly();
        }

        @Override
        public void flushed(final int socket) {
            watched.get(socket).listen();
        }
    }
}
