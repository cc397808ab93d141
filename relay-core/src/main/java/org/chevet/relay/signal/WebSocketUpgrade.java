package org.chevet.relay.signal;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.flow.FlowControlHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.RelayDoor;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of the two WebSocket paths (RFC 6455).
 *
 * <p>A browser cannot read the status of a failed handshake. So whatever can be said in a close frame is: the
 * handshake is completed and the WebSocket closed with a code and a sentence.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class WebSocketUpgrade {
    static final String VITALS = "chevet.vitals.v1";
    static final String SESSION = "chevet.session.v1";
    private static final String BEARER = "bearer.";
    private static final String VERSION = "13";
    private static final Map<String, String> UPGRADE_HEADERS =
        Map.of("upgrade", "websocket", "connection", "upgrade", "sec-websocket-version", VERSION);

    private final SignalLimits limits;
    private final SignalStats stats;
    private final RelayDoor relay;
    private final Door door;
    private final Authenticator authenticator;
    private final LongSupplier clockMs;
    private final Map<EventLoop, FrameBatch> batches = new ConcurrentHashMap<>();
    private final Set<WebSocketEnd<?>> open;
    private final SessionMedia media;

    WebSocketUpgrade(final SignalLimits limits, final SignalStats stats, final RelayDoor relay, final Door door,
        final Authenticator authenticator, final LongSupplier clockMs, final Set<WebSocketEnd<?>> open,
        final SessionMedia media) {
        this.limits = limits;
        this.stats = stats;
        this.relay = relay;
        this.door = door;
        this.authenticator = authenticator;
        this.clockMs = clockMs;
        this.open = open;
        this.media = media;
    }

    /** True for a GET of a WebSocket path. */
    boolean serves(final Call call) {
        return call.method().equals("GET") && (isVitals(call) || call.target().path().equals("/v1/session"));
    }

    /**
     * Completes the handshake; the pipeline is the WebSocket's afterwards. On the connection's event loop.
     *
     * @throws ProblemException when the request is no handshake this relay can complete; nothing has changed then
     */
    void begin(final ChannelHandlerContext ctx, final Call call) throws ProblemException {
        final boolean vitals = isVitals(call);
        final String protocol = vitals ? VITALS : SESSION;
        requireUpgrade(call);
        final List<String> offered = offered(call);
        if (!offered.isEmpty() && !offered.contains(protocol)) {
            throw new ProblemException(ProblemType.INVALID_FIELD, "Sec-WebSocket-Protocol does not offer " + protocol);
        }
        final int maxMessage = vitals ? limits.maxVitalsMessageBytes() : limits.maxSessionMessageBytes();
        final DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET,
            call.head().uri(), Unpooled.EMPTY_BUFFER, call.headers(), EmptyHttpHeaders.INSTANCE);
        final WebSocketServerHandshaker13 handshaker = new WebSocketServerHandshaker13(call.target().path(), protocol,
            WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(maxMessage).allowExtensions(false)
                .closeOnProtocolViolation(false).build());
        ProblemException refused = offered.isEmpty()
            ? new ProblemException(ProblemType.INVALID_FIELD, "offer the subprotocol " + protocol) : null;
        Claims claims = null;
        try {
            claims = authenticator.claims(token(call, offered));
        } catch (ProblemException e) {
            refused = refused == null ? e : refused;
        }
        final @Nullable Claims bearer = claims;
        final @Nullable ProblemException problem = refused;
        handshaker.handshake(ctx.channel(), request, EmptyHttpHeaders.INSTANCE, ctx.newPromise())
            .addListener(done -> {
                if (!done.isSuccess()) {
                    ctx.close();
                    return;
                }
                final ChannelPipeline pipeline = ctx.pipeline();
                pipeline.remove(ConnectionGuard.class);
                pipeline.remove(RequestAssembler.class);
                stats.count(SignalCounter.WEBSOCKETS_OPENED);
                if (vitals) {
                    startVitals(pipeline, bearer, problem);
                } else {
                    final SessionSocket socket = new SessionSocket(limits, stats, relay, door, clockMs, open,
                        media);
                    pipeline.addLast(new WebSocketFrameAggregator(maxMessage), socket);
                    socket.start(pipeline.context(socket), bearer, problem);
                }
            });
    }

    /**
     * Takes the frame codec off, which makes objects, and brings the channel to the event loop of its lane. Nothing is
     * read meanwhile.
     */
    private void startVitals(final ChannelPipeline pipeline, final @Nullable Claims claims,
        final @Nullable ProblemException problem) {
        pipeline.remove(FlowControlHandler.class);
        pipeline.remove("wsdecoder");
        pipeline.remove("wsencoder");
        final Channel channel = pipeline.channel();
        final Executor loop = problem == null && claims != null ? relay.loopOf(claims.consultation()) : null;
        if (problem != null || claims == null) {
            start(pipeline, channel.eventLoop(), claims, problem);
        } else if (loop instanceof EventLoop lane) {
            channel.deregister().addListener(off -> lane.register(channel).addListener(on -> {
                if (off.isSuccess() && on.isSuccess()) {
                    start(pipeline, lane, claims, null);
                } else {
                    channel.close();
                }
            }));
        } else {
            start(pipeline, channel.eventLoop(), claims,
                new ProblemException(ProblemType.NOT_FOUND, "There is no open consultation of this id."));
        }
    }

    private void start(final ChannelPipeline pipeline, final EventLoop loop, final @Nullable Claims claims,
        final @Nullable ProblemException problem) {
        if (!pipeline.channel().isActive()) {
            pipeline.channel().close();
            return;
        }
        final VitalsSocket socket = new VitalsSocket(limits, stats, relay, door, clockMs, open,
            batches.computeIfAbsent(loop, unknown -> new FrameBatch()));
        pipeline.addLast(socket);
        socket.start(pipeline.context(socket), claims, problem);
    }

    private static boolean isVitals(final Call call) {
        return call.target().path().equals("/v1/vitals");
    }

    private static void requireUpgrade(final Call call) throws ProblemException {
        final boolean upgrade = call.headers().containsValue("upgrade", "websocket", true)
            && call.headers().containsValue("connection", "upgrade", true);
        if (!upgrade || !VERSION.equals(call.header("sec-websocket-version").orElse(""))) {
            throw new ProblemException(ProblemType.UPGRADE_REQUIRED,
                "this path speaks WebSocket version 13 only (RFC 6455)", UPGRADE_HEADERS);
        }
        if (call.header("sec-websocket-key").isEmpty()) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "Sec-WebSocket-Key is missing");
        }
    }

    private static List<String> offered(final Call call) {
        final List<String> offered = new ArrayList<>();
        for (final String value : call.headers().getAll("sec-websocket-protocol")) {
            for (final String name : value.split(",", -1)) {
                if (!name.isBlank()) {
                    offered.add(name.strip());
                }
            }
        }
        return offered;
    }

    private static String token(final Call call, final List<String> offered) throws ProblemException {
        final Optional<String> header = Authenticator.bearer(call);
        if (header.isPresent()) {
            return header.get();
        }
        return offered.stream().filter(name -> name.startsWith(BEARER)).map(name -> name.substring(BEARER.length()))
            .findFirst().orElseThrow(() -> new ProblemException(ProblemType.TOKEN_MISSING,
                "give a token by Authorization, or as a further subprotocol bearer.<token>"));
    }
}
