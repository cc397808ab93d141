package org.chevet.relay.signal;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.RelayDoor.Link;
import org.jspecify.annotations.Nullable;

/**
 * One session WebSocket and its {@link Link} to a lane. On the connection's event loop.
 *
 * <p>Nothing that was accepted is lost: a message the lane cannot take yet stays here while reading stops, so that
 * TCP holds the client back. Only a lane that takes nothing for {@link #MAX_WAIT_MS} ends the connection (4429).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class SessionSocket extends WebSocketEnd<Link> {
    /** How long a message may wait for its lane. */
    static final long MAX_WAIT_MS = 5_000;
    /** Requests about media under way at once. */
    static final int MAX_MEDIA_CALLS = 8;
    /** Close codes by which a client says that it leaves, and a browser that its page does (RFC 6455 section 7.4). */
    private static final int LEFT = 1000;
    private static final int PAGE_LEFT = 1001;
    private static final long FIRST_RETRY_MS = 2;
    private static final long LAST_RETRY_MS = 50;

    private final RelayDoor relay;
    private final TokenBucket messages;
    private final SessionMedia media;
    private final Deque<SessionCall> pending = new ArrayDeque<>();
    private @Nullable SessionClient client;
    private @Nullable Claims bearer;
    private int mediaCalls;
    private Ending ending = Ending.LOST;
    private boolean retrying;
    private long retryMs = FIRST_RETRY_MS;
    private long waitedMs;

    SessionSocket(final SignalLimits limits, final SignalStats stats, final RelayDoor relay, final Door door,
        final LongSupplier clockMs, final Set<WebSocketEnd<?>> open,
        final SessionMedia media) {
        super(limits, stats, door, clockMs, open);
        this.relay = relay;
        this.media = media;
        this.messages = new TokenBucket(limits.sessionMessagesPerSecond(), System.nanoTime());
    }

    @Override
    CompletionStage<Outcome<Link>> attach(final ChannelHandlerContext ctx, final Claims claims) {
        final SessionClient made = new SessionClient(ctx.channel(), stats(), this, media);
        client = made;
        bearer = claims;
        return relay.attachSession(claims, media.resumeToken(), made);
    }

    @Override
    void attached(final ChannelHandlerContext ctx, final Link newLink) {
        drain();
    }

    @Override
    void detach(final Link from) {
        from.closed(ending);
    }

    @Override
    boolean holdsBack() {
        return retrying;
    }

    @Override
    void refusing(final ProblemType reason) {
        if (reason == ProblemType.TOKEN_EXPIRED) {
            ending = Ending.EXPIRED;
        }
    }

    @Override
    void ended() {
        pending.clear();
        final SessionClient made = client;
        if (made != null) {
            made.end();
        }
    }

    @Override
    void writePing(final ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new PingWebSocketFrame());
    }

    @Override
    Future<?> writeClose(final ChannelHandlerContext ctx, final int code, final String reason) {
        return ctx.writeAndFlush(
            code == FrameReader.NO_CODE ? new CloseWebSocketFrame() : new CloseWebSocketFrame(code, reason));
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        heard(System.nanoTime());
        if (closing() && !(message instanceof CloseWebSocketFrame)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof PingWebSocketFrame ping) {
            if (takesPing()) {
                ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
            } else {
                ping.release();
            }
            return;
        }
        try {
            if (message instanceof CloseWebSocketFrame close) {
                final int code = close.statusCode();
                if (!closing() && (code == LEFT || code == PAGE_LEFT)) {
                    ending = Ending.LEFT;
                }
                peerCloses(ctx, code == FrameReader.NO_CODE || WebSocketCloseStatus.isValidStatusCode(code) ? code
                    : WebSocketCloseStatus.PROTOCOL_ERROR.code());
            } else if (message instanceof TextWebSocketFrame text) {
                accept(text);
            } else if (message instanceof BinaryWebSocketFrame) {
                refuse(new ProblemException(ProblemType.MALFORMED_REQUEST,
                    "messages of " + WebSocketUpgrade.SESSION + " are text"));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void accept(final TextWebSocketFrame frame) {
        final byte[] message = ByteBufUtil.getBytes(frame.content());
        stats().count(SignalCounter.WEBSOCKET_MESSAGES_RECEIVED);
        stats().add(SignalCounter.WEBSOCKET_BYTES_RECEIVED, message.length);
        if (!isUtf8(message)) {
            refuse(new ProblemException(ProblemType.MALFORMED_REQUEST, "the text is not UTF-8"));
            return;
        }
        if (!messages.take(System.nanoTime())) {
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS, "more than "
                + limits().sessionMessagesPerSecond() + " messages a second"));
            return;
        }
        try {
            pending.add(SessionReader.read(message));
        } catch (ProblemException problem) {
            refuse(problem);
            return;
        }
        drain();
    }

    /** Hands on what waits; reading stops while there is no lane yet, and when it takes no more. */
    private void drain() {
        final Link to = link();
        final ChannelHandlerContext ctx = context();
        if (ctx == null || retrying || closing()) {
            return;
        }
        if (to == null) {
            ctx.channel().config().setAutoRead(false);
            return;
        }
        for (SessionCall next = pending.peek(); next != null; next = pending.peek()) {
            if (!take(ctx, to, next)) {
                retryLater(ctx);
                return;
            }
            pending.remove();
            waitedMs = 0;
            retryMs = FIRST_RETRY_MS;
        }
        ctx.channel().config().setAutoRead(true);
    }

    /** False when the lane takes no more now. */
    private boolean take(final ChannelHandlerContext ctx, final Link to, final SessionCall call) {
        switch (call) {
            case SessionCall.ToLane one -> {
                return to.receive(one.request());
            }
            case SessionCall.Refused refused -> answer(media.error(refused.id(), refused.type(),
                refused.problem()));
            case SessionCall.Media one -> {
                final Claims claims = bearer;
                if (mediaCalls >= MAX_MEDIA_CALLS || claims == null) {
                    answer(media.error(one.id(), one.action().type(), new ProblemException(
                        ProblemType.TOO_MANY_REQUESTS, "more than " + MAX_MEDIA_CALLS + " requests are under way")));
                    return true;
                }
                mediaCalls++;
                media.run(one, claims, to.number(), ctx.executor()).thenAccept(answer -> {
                    mediaCalls--;
                    answer(answer);
                });
            }
        }
        return true;
    }

    private void answer(final String message) {
        final SessionClient to = client;
        if (to != null) {
            to.sendText(message);
            to.flush();
        }
    }

    private void retryLater(final ChannelHandlerContext ctx) {
        if (waitedMs >= MAX_WAIT_MS) {
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS,
                "the relay cannot take more now: reconnect and resume"));
            return;
        }
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(false);
            stats().count(SignalCounter.WEBSOCKET_READS_PAUSED);
        }
        retrying = true;
        final long delayMs = retryMs;
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
        waitedMs += delayMs;
        ctx.executor().schedule(() -> {
            retrying = false;
            drain();
        }, delayMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (isTooLong(cause)) {
            refuse(new ProblemException(ProblemType.TOO_LARGE, "a message is larger than "
                + limits().maxSessionMessageBytes() + " bytes"));
        } else if (cause instanceof CodecException) {
            refuse(new ProblemException(ProblemType.MALFORMED_REQUEST, "the frame breaks RFC 6455"));
        } else {
            if (!(cause instanceof java.io.IOException)) {
                Faults.log("WebSocket", cause);
            }
            ctx.close();
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
}
