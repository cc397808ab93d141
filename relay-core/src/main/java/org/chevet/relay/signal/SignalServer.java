package org.chevet.relay.signal;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenVerifier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP port: WHIP, WHEP, the REST API, the vitals and session WebSockets, and the routes of others.
 *
 * <p>Construct, {@link #start}, {@link #close}; all three on any thread but its own.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
public final class SignalServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SignalServer.class);
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);
    private static final int BACKLOG = 1024;
    private static final long CLOSE_POLL_MS = 10;
    private static final long SHUTDOWN_LIMIT_MS = 3000;

    private final SignalStats stats = new SignalStats();
    private final AtomicInteger open = new AtomicInteger();
    private final Set<WebSocketEnd<?>> webSockets = ConcurrentHashMap.newKeySet();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final SignalConfig config;
    private final RelayDoor door;
    private final Dispatcher dispatcher;
    private @Nullable MultiThreadIoEventLoopGroup group;
    private @Nullable Channel listening;
    private final @Nullable MediaEntry media;
    private @Nullable TlsContext tls;
    /** Where HTTP listens, 0 before it does. */
    private volatile int port;

    /**
     * A server that does not listen yet.
     *
     * @param door to the lanes
     * @param verifier of participants' tokens
     * @param issuer for {@code POST /v1/tokens}
     * @param clockMs milliseconds since 1970, for tokens
     * @param random for ICE credentials and resource ids
     * @param routes what else the port serves
     */
    public SignalServer(final SignalConfig config, final RelayDoor door, final TokenVerifier verifier,
        final TokenIssuer issuer, final LongSupplier clockMs, final SecureRandom random,
        final List<HttpRoute> routes) {
        this.config = config;
        this.door = door;
        this.media = config.mediaTcp() ? new MediaEntry(door, stats) : null;
        final SignalLimits limits = config.limits();
        final Door timedDoor = new Door(limits.doorTimeoutMs());
        final Authenticator authenticator = new Authenticator(verifier, clockMs, config.apiKeys());
        final Secrets secrets = new Secrets(random);
        final MediaResources resources = new MediaResources();
        final MediaConnections connections =
            new MediaConnections(door, timedDoor, secrets, resources, stats, () -> port);
        this.dispatcher = new Dispatcher(stats, new Cors(config.corsOrigins()),
            new MediaEndpoint(authenticator, connections, config.turn(), clockMs),
            new ApiEndpoint(door, timedDoor, authenticator, issuer, clockMs, secrets, resources, stats,
                config.publicUrl(), config.tls() != null),
            new RouteRunner(routes, limits.maxRouteCalls(), stats),
            new WebSocketUpgrade(limits, stats, door, timedDoor, authenticator, clockMs, webSockets,
                new SessionMedia(connections, secrets, stats)),
            document("openapi.json", "application/json"),
            document("session.schema.json", "application/schema+json"));
    }

    /**
     * Listens.
     *
     * @return the port it listens on
     * @throws IOException one sentence that names the address and why it cannot be listened on, or the file of the
     *     certificate and what is wrong with it
     */
    public int start() throws IOException {
        final TlsFiles files = config.tls();
        tls = files == null ? null : TlsContext.open(files, stats, TlsContext.CHECK_MS);
        // Vitals WebSockets move to the loop of their lane, which must be of the same kind.
        final boolean epoll = Epoll.isAvailable() && door.loops().stream().allMatch(
            loop -> loop instanceof IoEventLoop lane && lane.isCompatible(EpollIoHandle.class));
        final IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        final Class<? extends ServerChannel> type =
            epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(config.limits().threads(),
            new DefaultThreadFactory("chevet-http"), io);
        final ChannelFuture bound = new ServerBootstrap().group(loops).channel(type)
            .option(ChannelOption.SO_BACKLOG, BACKLOG).option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(final Channel channel) {
                    connect(channel);
                }
            }).bind(new InetSocketAddress(config.host(), config.port())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS);
            closeTls();
            throw new IOException(sentence(bound.cause()), bound.cause());
        }
        group = loops;
        listening = bound.channel();
        port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        LOG.info("{} listens on port {}", tls == null ? "HTTP" : "HTTPS", port);
        return port;
    }

    /** Counters; live. */
    public SignalStats stats() {
        return stats;
    }

    /** TCP connections open now, WebSockets included. */
    public int openConnections() {
        return open.get();
    }

    /** WebSockets open now. */
    public int openWebSockets() {
        return webSockets.size();
    }

    /** Stops listening, closes WebSockets with 1001, lets requests finish for a bounded time, frees the threads. */
    @Override
    public void close() {
        final MultiThreadIoEventLoopGroup loops = group;
        final Channel server = listening;
        if (loops == null || server == null) {
            return;
        }
        group = null;
        server.close().awaitUninterruptibly();
        webSockets.forEach(WebSocketEnd::goAway);
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WebSocketEnd.CLOSE_LINGER_MS);
        try {
            while ((!webSockets.isEmpty() || dispatcher.underWay() > 0) && System.nanoTime() < deadlineNs) {
                TimeUnit.MILLISECONDS.sleep(CLOSE_POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channels.close().awaitUninterruptibly(SHUTDOWN_LIMIT_MS);
        loops.shutdownGracefully(0, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(SHUTDOWN_LIMIT_MS);
        closeTls();
    }

    private void closeTls() {
        final TlsContext opened = tls;
        if (opened != null) {
            opened.close();
        }
    }

    private void connect(final Channel channel) {
        final ConnectionGuard guard = new ConnectionGuard(config.limits(), stats, open);
        channels.add(channel);
        channel.pipeline().addLast(guard, new FirstBytes(tls, stats, media, ctx -> http(ctx.pipeline(), guard)));
    }

    private void http(final ChannelPipeline pipeline, final ConnectionGuard guard) {
        final SignalLimits limits = config.limits();
        pipeline.addLast(new HttpServerCodec(new HttpDecoderConfig().setMaxInitialLineLength(limits.maxHeaderBytes())
            .setMaxHeaderSize(limits.maxHeaderBytes())),
            new FlowControlHandler(), new RequestAssembler(limits, guard, dispatcher));
    }

    private String sentence(final Throwable cause) {
        final String where = "HTTP cannot listen on " + config.host() + " port " + config.port() + ": ";
        if (cause instanceof BindException || String.valueOf(cause.getMessage()).contains("in use")) {
            return where + (String.valueOf(cause.getMessage()).contains("in use") ? "the port is in use"
                : "the address is not one of this machine's, or the port is not allowed");
        }
        return where + cause.getClass().getSimpleName();
    }

    private static Response document(final String name, final String type) {
        try (InputStream in = SignalServer.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new Response(200, Map.of("content-type", type), in.readAllBytes(), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
