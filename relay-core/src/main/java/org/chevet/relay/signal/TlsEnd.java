package org.chevet.relay.signal;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLException;

/** Counts handshakes, and keeps what strangers do to them out of the log. Stays behind the TLS handler for good. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel all the same
final class TlsEnd extends ChannelInboundHandlerAdapter {
    private final SignalStats stats;

    TlsEnd(final SignalStats stats) {
        this.stats = stats;
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            stats.count(done.isSuccess() ? SignalCounter.TLS_HANDSHAKES : SignalCounter.TLS_HANDSHAKES_FAILED);
            if (!done.isSuccess()) {
                ctx.close();
            }
            return;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (cause instanceof SSLException
            || (cause instanceof DecoderException && cause.getCause() instanceof SSLException)) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }
}
