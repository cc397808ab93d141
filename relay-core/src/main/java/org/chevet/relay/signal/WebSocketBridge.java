package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.Link;
import org.chevet.relay.token.TokenVerifier;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket and its {@link Link} to a lane. On the connection's event loop.
 *
 * <p>Nothing that was accepted is lost: a message the lane cannot take yet stays here while reading stops, so that
 * TCP holds the client back. Only a lane that takes nothing for {@link #MAX_WAIT_MS} ends the connection (4429).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class WebSocketBridge extends ChannelInboundHandlerAdapter {
    /** How long a message may wait for its lane. */
    static final long MAX_WAIT_MS = 5_000;
    /** How long the peer may take to answer a close frame. */
    static final long CLOSE_LINGER_MS = 2_000;
    private static final long FIRST_RETRY_MS = 2;
    private static final long LAST_RETRY_MS = 50;
    private static final int PINGS_PER_SECOND = 10;
    private static final int MAX_REASON_BYTES = 123;
    private static final int NO_STATUS = -1;

    private final SignalLimits limits;
    private final SignalStats stats;
    private final RelayDoor relay;
    private final Door door;
    private final LongSupplier clockMs;
    private final boolean vitals;
    private final Set<WebSocketBridge> bridges;
    private final TokenBucket messages;
    private final TokenBucket pings;
    private final Deque<byte[]> pending = new ArrayDeque<>();
    private final List<Future<?>> timers = new ArrayList<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable BridgeClient client;
    private @Nullable Link link;
    private boolean closing;
    private boolean gone;
    private boolean retrying;
    private long retryMs = FIRST_RETRY_MS;
    private long waitedMs;
    private long heardNs;

    WebSocketBridge(final SignalLimits limits, final SignalStats stats, final RelayDoor relay, final Door door,
        final LongSupplier clockMs, final boolean vitals, final Set<WebSocketBridge> bridges) {
        this.limits = limits;
        this.stats = stats;
        this.relay = relay;
        this.door = door;
        this.clockMs = clockMs;
        this.vitals = vitals;
        this.bridges = bridges;
        final long nowNs = System.nanoTime();
        this.messages = new TokenBucket(
            vitals ? limits.vitalsMessagesPerSecond() : limits.sessionMessagesPerSecond(), nowNs);
        this.pings = new TokenBucket(PINGS_PER_SECOND, nowNs);
        this.heardNs = nowNs;
    }

    /** Begins: attaches to the lane, or closes with the problem of the handshake. */
    void start(final ChannelHandlerContext ctx, final @Nullable Claims claims,
        final @Nullable ProblemException problem) {
        context = ctx;
        bridges.add(this);
        if (problem != null || claims == null) {
            refuse(problem == null ? Problems.internal() : problem);
            return;
        }
        final BridgeClient made = new BridgeClient(ctx.channel(), stats, this);
        client = made;
        final CompletionStage<Outcome<Link>> asked =
            vitals ? relay.attachVitals(claims, made) : relay.attachSession(claims, made);
        door.ask(asked, ctx.executor()).whenComplete((attached, failure) -> {
            if (failure != null) {
                // A link that comes after its time limit has no owner any more.
                asked.thenAccept(late -> {
                    if (late.value() != null) {
                        late.value().closed();
                    }
                });
                refuse(Door.problemOf(failure));
            } else if (gone || closing) {
                attached.closed();
            } else {
                attached(ctx, attached, claims);
            }
        });
    }

    private void attached(final ChannelHandlerContext ctx, final Link newLink, final Claims claims) {
        link = newLink;
        // The socket may have filled and emptied before there was a link to tell.
        newLink.writable();
        heardNs = System.nanoTime();
        final long lifeMs = claims.expiresAtMs() + TokenVerifier.CLOCK_SKEW_MS - clockMs.getAsLong();
        timers.add(ctx.executor().schedule(
            () -> refuse(new ProblemException(ProblemType.TOKEN_EXPIRED, "the token has expired")),
            Math.max(0, lifeMs), TimeUnit.MILLISECONDS));
        timers.add(ctx.executor().scheduleAtFixedRate(this::checkAlive, limits.pingIntervalMs(),
            limits.pingIntervalMs(), TimeUnit.MILLISECONDS));
        drain();
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        heardNs = System.nanoTime();
        if (closing && !(message instanceof CloseWebSocketFrame)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof PingWebSocketFrame ping) {
            pong(ctx, ping);
            return;
        }
        try {
            if (message instanceof CloseWebSocketFrame close) {
                answerClose(ctx, close);
            } else if (message instanceof TextWebSocketFrame || message instanceof BinaryWebSocketFrame) {
                accept((WebSocketFrame) message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void accept(final WebSocketFrame frame) {
        if (vitals != frame instanceof BinaryWebSocketFrame) {
            refuse(new ProblemException(ProblemType.MALFORMED_REQUEST,
                vitals ? "messages of " + WebSocketUpgrade.VITALS + " are binary"
                    : "messages of " + WebSocketUpgrade.SESSION + " are text"));
            return;
        }
        final ByteBuf content = frame.content();
        final byte[] message = ByteBufUtil.getBytes(content);
        stats.count(SignalCounter.WEBSOCKET_MESSAGES_RECEIVED);
        stats.add(SignalCounter.WEBSOCKET_BYTES_RECEIVED, message.length);
        if (!vitals && !isUtf8(message)) {
            refuse(new ProblemException(ProblemType.MALFORMED_REQUEST, "the text is not UTF-8"));
            return;
        }
        if (!vitals && !messages.take(System.nanoTime())) {
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS, "more than "
                + limits.sessionMessagesPerSecond() + " messages a second"));
            return;
        }
        pending.add(message);
        drain();
    }

    /** Hands on what waits; stops reading when the lane or the rate takes no more. */
    private void drain() {
        final Link to = link;
        final ChannelHandlerContext ctx = context;
        if (to == null || ctx == null || retrying || closing) {
            return;
        }
        for (byte[] next = pending.peek(); next != null; next = pending.peek()) {
            if (vitals && waitedMs == 0 && !messages.take(System.nanoTime())) {
                retryLater(ctx, false);
                return;
            }
            if (!to.receive(next, 0, next.length)) {
                retryLater(ctx, true);
                return;
            }
            pending.remove();
            waitedMs = 0;
            retryMs = FIRST_RETRY_MS;
        }
        ctx.channel().config().setAutoRead(true);
    }

    private void retryLater(final ChannelHandlerContext ctx, final boolean laneIsFull) {
        if (laneIsFull && waitedMs >= MAX_WAIT_MS) {
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS,
                "the relay cannot take more now: reconnect and resume"));
            return;
        }
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
            stats.count(SignalCounter.WEBSOCKET_READS_PAUSED);
        }
        retrying = true;
        final long delayMs = retryMs;
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
        waitedMs += laneIsFull ? delayMs : 0;
        ctx.executor().schedule(() -> {
            retrying = false;
            drain();
        }, delayMs, TimeUnit.MILLISECONDS);
    }

    private void pong(final ChannelHandlerContext ctx, final PingWebSocketFrame ping) {
        if (!pings.take(System.nanoTime())) {
            ping.release();
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS, "more than " + PINGS_PER_SECOND
                + " pings a second"));
            return;
        }
        ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
    }

    private void checkAlive() {
        final ChannelHandlerContext ctx = context;
        if (ctx == null || closing || retrying) {
            return;
        }
        final long silentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNs);
        if (silentMs >= limits.silenceTimeoutMs()) {
            refuse(new ProblemException(ProblemType.SILENT,
                "nothing was heard for " + limits.silenceTimeoutMs() + " ms"));
        } else if (silentMs >= limits.pingIntervalMs() / 2) {
            ctx.writeAndFlush(new PingWebSocketFrame());
        }
    }

    /** The relay stops. Any thread. */
    void goAway() {
        final ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.executor().execute(() -> refuse(
                new ProblemException(ProblemType.GOING_AWAY, "the relay is shutting down")));
        }
    }

    /** Counts the reason and closes with its code and sentence. */
    void refuse(final ProblemException problem) {
        if (!closing && !gone) {
            stats.refuse(problem.type());
            close(problem.type().closeCode(), problem.detail());
        }
    }

    /** Sends a close frame, tells the lane, and gives the peer a moment to answer. */
    void close(final int code, final String reason) {
        final ChannelHandlerContext ctx = context;
        if (closing || gone || ctx == null) {
            return;
        }
        closing = true;
        pending.clear();
        release();
        ctx.channel().config().setAutoRead(true);
        ctx.writeAndFlush(new CloseWebSocketFrame(code, shortened(reason)));
        ctx.executor().schedule(() -> ctx.close(), CLOSE_LINGER_MS, TimeUnit.MILLISECONDS);
    }

    private void answerClose(final ChannelHandlerContext ctx, final CloseWebSocketFrame close) {
        if (!closing) {
            closing = true;
            final int code = close.statusCode();
            release();
            ctx.writeAndFlush(code == NO_STATUS ? new CloseWebSocketFrame() : new CloseWebSocketFrame(
                WebSocketCloseStatus.isValidStatusCode(code) ? code : WebSocketCloseStatus.PROTOCOL_ERROR.code(), ""))
                .addListener(done -> ctx.close());
            return;
        }
        ctx.close();
    }

    @Override
    public void channelWritabilityChanged(final ChannelHandlerContext ctx) {
        final Link to = link;
        if (to != null && ctx.channel().isWritable() && !closing) {
            to.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        gone = true;
        release();
        bridges.remove(this);
        stats.count(SignalCounter.WEBSOCKETS_CLOSED);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (isTooLong(cause)) {
            refuse(new ProblemException(ProblemType.TOO_LARGE, "a message is larger than "
                + (vitals ? limits.maxVitalsMessageBytes() : limits.maxSessionMessageBytes()) + " bytes"));
        } else if (cause instanceof CodecException) {
            refuse(new ProblemException(ProblemType.MALFORMED_REQUEST, "the frame breaks RFC 6455"));
        } else {
            if (!(cause instanceof java.io.IOException)) {
                Faults.log("WebSocket", cause);
            }
            ctx.close();
        }
    }

    private void release() {
        timers.forEach(timer -> timer.cancel(false));
        timers.clear();
        final BridgeClient made = client;
        if (made != null) {
            made.end();
        }
        final Link attached = link;
        link = null;
        if (attached != null) {
            attached.closed();
        }
    }

    private static boolean isTooLong(final Throwable cause) {
        return cause instanceof TooLongFrameException || (cause instanceof CorruptedWebSocketFrameException corrupted
            && corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG));
    }

    private static boolean isUtf8(final byte[] message) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** A close reason has at most 123 bytes (RFC 6455 section 5.5). */
    private static String shortened(final String reason) {
        String text = reason;
        while (text.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
            text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
        }
        return text;
    }
}
