package org.chevet.relay.signal;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
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

    private final SignalLimits limits;
    private final SignalStats stats;
    private final AtomicInteger open;
    private @Nullable Future<?> timer;
    private boolean partial;
    private boolean waiting = true;

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
        final boolean full = open.incrementAndGet() > limits.maxConnections();
        ctx.channel().closeFuture().addListener(closed -> {
            open.decrementAndGet();
            stats.count(SignalCounter.HTTP_CONNECTIONS_CLOSED);
        });
        if (full) {
            stats.refuse(ProblemType.EXHAUSTED);
            ctx.writeAndFlush(Unpooled.wrappedBuffer(FULL)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        arm(ctx, limits.requestTimeoutMs());
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
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
