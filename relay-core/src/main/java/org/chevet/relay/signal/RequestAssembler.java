package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes one complete request of the decoder's parts, within the bounds, and hands it to the {@link Dispatcher}.
 *
 * <p>Takes one request at a time: reading stops until its response is written.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class RequestAssembler extends ChannelInboundHandlerAdapter {
    private final SignalLimits limits;
    private final ConnectionGuard guard;
    private final Dispatcher dispatcher;
    private @Nullable HttpRequest head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final TokenBucket rate;
    private boolean discarding;

    RequestAssembler(final SignalLimits limits, final ConnectionGuard guard, final Dispatcher dispatcher) {
        this.limits = limits;
        this.guard = guard;
        this.dispatcher = dispatcher;
        this.rate = new TokenBucket(limits.requestsPerSecond(), System.nanoTime());
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        try {
            if (discarding) {
                return;
            }
            if (message instanceof HttpRequest request) {
                begin(ctx, request);
            }
            if (!discarding && message instanceof HttpContent content) {
                append(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        if (event == ConnectionGuard.Late.REQUEST) {
            refuse(ctx, ProblemType.REQUEST_TIMEOUT,
                "the request was not complete after " + limits.requestTimeoutMs() + " ms");
            return;
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        // The peer reset the connection, or a bug: either way the connection is of no more use.
        if (!(cause instanceof java.io.IOException)) {
            Faults.log("HTTP connection", cause);
        }
        ctx.close();
    }

    private void begin(final ChannelHandlerContext ctx, final HttpRequest request) {
        body.reset();
        head = request;
        final DecoderResult result = request.decoderResult();
        if (result.isFailure()) {
            refuseUndecoded(ctx, result.cause());
            return;
        }
        final long length = HttpUtil.getContentLength(request, 0L);
        if (length > limits.maxBodyBytes()) {
            tooLarge(ctx);
        } else if (HttpUtil.is100ContinueExpected(request)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE,
                Unpooled.EMPTY_BUFFER));
        }
    }

    private void append(final ChannelHandlerContext ctx, final HttpContent content) {
        final HttpRequest request = head;
        if (request == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            refuseUndecoded(ctx, content.decoderResult().cause());
            return;
        }
        final ByteBuf bytes = content.content();
        if (body.size() + bytes.readableBytes() > limits.maxBodyBytes()) {
            tooLarge(ctx);
            return;
        }
        body.writeBytes(io.netty.buffer.ByteBufUtil.getBytes(bytes));
        if (content instanceof LastHttpContent) {
            head = null;
            guard.requestComplete();
            ctx.channel().config().setAutoRead(false);
            dispatcher.dispatch(ctx, guard, request, body.toByteArray(), rate.take(System.nanoTime()));
        }
    }

    private void refuseUndecoded(final ChannelHandlerContext ctx, final Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            refuse(ctx, ProblemType.URI_TOO_LONG, "the request line is longer than " + limits.maxHeaderBytes()
                + " bytes");
        } else if (cause instanceof TooLongHttpHeaderException) {
            refuse(ctx, ProblemType.HEADERS_TOO_LARGE, "the headers are larger than " + limits.maxHeaderBytes()
                + " bytes");
        } else {
            refuse(ctx, ProblemType.MALFORMED_REQUEST, "the bytes are not an HTTP/1.1 request");
        }
    }

    private void tooLarge(final ChannelHandlerContext ctx) {
        refuse(ctx, ProblemType.TOO_LARGE, "the body is larger than " + limits.maxBodyBytes() + " bytes");
    }

    /** Answers and ends the connection; what still arrives is thrown away, so that the answer can be read. */
    private void refuse(final ChannelHandlerContext ctx, final ProblemType type, final String detail) {
        discarding = true;
        guard.requestComplete();
        dispatcher.refuseAndClose(ctx, head, new ProblemException(type, detail));
    }
}
