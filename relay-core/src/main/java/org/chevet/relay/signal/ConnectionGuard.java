package org.chevet.relay.signal;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * First handler of a connection: bounds how many there are, and how long a client may take for a request, between
 * requests, and to read a response. Leaves the pipeline when the connection becomes a WebSocket.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class ConnectionGuard extends ChannelDuplexHandler {
    private static final byte[] FULL = String.join("\r\n", "HTTP/1.1 503 Service Unavailable", "content-length: 0",
        "retry-after: 5", "connection: close", "", "").getBytes(StandardCharsets.US_ASCII);

    /** How long a client that is turned away may take to read why. */
    private static final long TURN_AWAY_MS = 200;

    private final SignalLimits limits;
    private final SignalStats stats;
    private final AtomicInteger open;
    private @Nullable Future<?> timer;
    private boolean partial;
    private boolean waiting = true;
    private boolean turnedAway;

    /** What the next handlers are told when a request did not become complete in time. */
    enum Late {
        /** The client sent a part of a request only. */
        REQUEST
    }

    ConnectionGuard(final SignalLimits limits, final SignalStats stats, final AtomicInteger open) {
        this.limits = limits;
        this.stats = stats;
        this.open = open;
    }

    @Override
    public void channelActive(final ChannelHandlerContext ctx) {
        stats.count(SignalCounter.HTTP_CONNECTIONS_OPENED);
        // Counted down by the channel, because this handler may have left the pipeline by then.
        final int now = open.incrementAndGet();
        ctx.channel().closeFuture().addListener(closed -> {
            open.decrementAndGet();
            stats.count(SignalCounter.HTTP_CONNECTIONS_CLOSED);
        });
        if (now > limits.maxConnections()) {
            turnAway(ctx, now);
            return;
        }
        arm(ctx, limits.requestTimeoutMs());
        ctx.fireChannelActive();
    }

    /** Says why before closing; a flood beyond twice the bound is closed without a word. */
    private void turnAway(final ChannelHandlerContext ctx, final int now) {
        stats.refuse(ProblemType.EXHAUSTED);
        turnedAway = true;
        if (now > 2L * limits.maxConnections()) {
            ctx.close();
            return;
        }
        ctx.writeAndFlush(Unpooled.wrappedBuffer(FULL));
        timer = ctx.executor().schedule(() -> ctx.close(), TURN_AWAY_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        if (turnedAway) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (waiting && !partial) {
            partial = true;
            arm(ctx, limits.requestTimeoutMs());
        }
        ctx.fireChannelRead(message);
    }

    /** The request is complete: the clock stops until the response is ready. */
    void requestComplete() {
        waiting = false;
        partial = false;
        disarm();
    }

    /** The response is being written: the client has the idle time to read it. */
    void responding(final ChannelHandlerContext ctx) {
        disarm();
        timer = ctx.executor().schedule(() -> ctx.close(), limits.idleTimeoutMs(), TimeUnit.MILLISECONDS);
    }

    /** The response is written: the connection waits for the next request. */
    void responded(final ChannelHandlerContext ctx) {
        waiting = true;
        partial = false;
        arm(ctx, limits.idleTimeoutMs());
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx) {
        disarm();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        disarm();
        ctx.fireChannelInactive();
    }

    private void arm(final ChannelHandlerContext ctx, final long delayMs) {
        disarm();
        timer = ctx.executor().schedule(() -> {
            if (partial) {
                ctx.fireUserEventTriggered(Late.REQUEST);
            } else {
                ctx.close();
            }
        }, delayMs, TimeUnit.MILLISECONDS);
    }

    private void disarm() {
        final Future<?> armed = timer;
        if (armed != null) {
            armed.cancel(false);
            timer = null;
        }
    }
}
