package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides by its first byte what a TCP connection speaks: 0x16 is a TLS handshake record (RFC 8446 section 5.1),
 * anything else HTTP, which refuses what is not. Leaves the pipeline then.
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
    private boolean refused;

    /**
     * Looks at a new connection.
     *
     * @param tls certificate of the port, null when it speaks plain HTTP
     * @param http puts the HTTP handlers at the end of the pipeline
     */
    FirstBytes(final @Nullable TlsContext tls, final SignalStats stats, final Consumer<ChannelHandlerContext> http) {
        this.tls = tls;
        this.stats = stats;
        this.http = http;
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        if (refused || !(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ReferenceCountUtil.release(message);
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

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        if (event == ConnectionGuard.Late.REQUEST) {
            ctx.close();
            return;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        ctx.close();
    }
}
