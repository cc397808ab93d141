package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides by its first byte what a TCP connection speaks: 0x16 is a TLS handshake record (RFC 8446 section 5.1), up
 * to 0x07 the length of a framed check (RFC 4571), which is never inside TLS, anything else HTTP, which refuses what
 * is not. Leaves the pipeline then.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class FirstBytes extends ChannelInboundHandlerAdapter {
    private static final int TLS_HANDSHAKE = 0x16;
    private static final byte[] NOT_PLAIN = String.join("\r\n", "HTTP/1.1 400 Bad Request", "content-type: text/plain",
        "content-length: 29", "connection: close", "", "This port speaks HTTPS only.\n")
        .getBytes(StandardCharsets.US_ASCII);

    private final @Nullable TlsContext tls;
    private final SignalStats stats;
    private final Consumer<ChannelHandlerContext> http;
    private final @Nullable MediaEntry media;
    private @Nullable MediaArrival arrival;
    private boolean refused;

    /**
     * Looks at a new connection.
     *
     * @param tls certificate of the port, null when it speaks plain HTTP
     * @param media lets media in, null when the port takes none
     * @param http puts the HTTP handlers at the end of the pipeline
     */
    FirstBytes(final @Nullable TlsContext tls, final SignalStats stats, final @Nullable MediaEntry media,
        final Consumer<ChannelHandlerContext> http) {
        this.tls = tls;
        this.stats = stats;
        this.media = media;
        this.http = http;
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        if (refused || !(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (arrival != null || begins(bytes)) {
            if (arrival != null && !arrival.take(ctx, bytes)) {
                refuse(ctx);
            }
            return;
        }
        final TlsContext context = tls;
        if (context != null && bytes.getUnsignedByte(bytes.readerIndex()) != TLS_HANDSHAKE) {
            stats.refuse(ProblemType.MALFORMED_REQUEST);
            refused = true;
            bytes.release();
            ctx.writeAndFlush(Unpooled.wrappedBuffer(NOT_PLAIN)).addListener(ChannelFutureListener.CLOSE);
        } else {
            if (context != null) {
                ctx.pipeline().addLast(context.current().newHandler(ctx.alloc()), new TlsEnd(stats));
            }
            http.accept(ctx);
            ctx.fireChannelRead(message);
            ctx.pipeline().remove(this);
        }
    }

    /** True when this is media. */
    private boolean begins(final ByteBuf bytes) {
        final MediaEntry entry = media;
        if (entry == null || bytes.getUnsignedByte(bytes.readerIndex()) > MediaArrival.MAX_FIRST_BYTE) {
            return false;
        }
        arrival = entry.arrival();
        return true;
    }

    private void refuse(final ChannelHandlerContext ctx) {
        stats.count(SignalCounter.MEDIA_CONNECTIONS_REFUSED);
        refused = true;
        ctx.close();
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx) {
        if (arrival != null) {
            arrival.end();
        }
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        if (event == ConnectionGuard.Late.REQUEST) {
            if (arrival != null && !refused) {
                refuse(ctx);
            } else {
                ctx.close();
            }
            return;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (!(cause instanceof IOException)) {
            Faults.log("first bytes", cause);
        }
        ctx.close();
    }
}
