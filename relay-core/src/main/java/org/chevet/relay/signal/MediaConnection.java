package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.MediaStreams;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection that carries media (RFC 6544, framed by RFC 4571), on the thread of its lane.
 *
 * <p>What the client does not take is dropped by the lane and counted: media that waits in a queue is worth nothing.
 * A connection that no check has authenticated after {@link #VALIDATION_MS} is closed, and so is one whose peer is
 * gone.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class MediaConnection extends ChannelInboundHandlerAdapter implements MediaStreams.End, FramedInput.Sink {
    /** How long a connection may wait for an authenticated check, in milliseconds. */
    static final long VALIDATION_MS = 10_000;
    private static final long WAITING_CHECK_MS = 500;
    private static final int BATCH_BYTES = 16 * 1024;

    private final MediaStreams streams;
    private final MediaGate.Place place;
    private final SignalStats stats;
    private final FramedInput input = new FramedInput(this);
    private final UnsafeBuffer inView = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer outView = new UnsafeBuffer(0, 0);
    private @Nullable ChannelHandlerContext context;
    private @Nullable TransportAddress from;
    private @Nullable ByteBuf batch;
    private @Nullable Future<?> timer;
    private int socket = MediaStreams.NONE;
    private long waitedMs;
    private boolean bound;
    private boolean refused;

    MediaConnection(final MediaStreams streams, final MediaGate.Place place, final SignalStats stats) {
        this.streams = streams;
        this.place = place;
        this.stats = stats;
    }

    /** Begins with what was read already; the buffer is released. On the lane's thread. */
    void start(final ChannelHandlerContext ctx, final ByteBuf first) {
        context = ctx;
        try {
            final InetSocketAddress remote = (InetSocketAddress) ctx.channel().remoteAddress();
            socket = remote == null ? MediaStreams.NONE : streams.attach(this);
            if (remote == null || socket == MediaStreams.NONE) {
                refuse(ctx);
                return;
            }
            from = TransportAddress.ofBytes(remote.getAddress().getAddress(), remote.getPort());
            feed(ctx, first);
        } finally {
            first.release();
        }
        streams.endOfBatch();
        check();
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        try {
            if (message instanceof ByteBuf bytes && socket != MediaStreams.NONE) {
                feed(ctx, bytes);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext ctx) {
        if (socket != MediaStreams.NONE) {
            streams.endOfBatch();
        }
    }

    private void feed(final ChannelHandlerContext ctx, final ByteBuf bytes) {
        FrameBatch.wrap(inView, bytes, bytes.readerIndex(), bytes.readableBytes());
        if (!input.feed(inView, 0, bytes.readableBytes())) {
            refuse(ctx);
        }
    }

    private void refuse(final ChannelHandlerContext ctx) {
        if (!refused) {
            refused = true;
            stats.count(SignalCounter.MEDIA_CONNECTIONS_REFUSED);
        }
        ctx.close();
    }

    @Override
    public void onFrame(final DirectBuffer in, final int offset, final int length) {
        final TransportAddress remote = from;
        if (remote != null && socket != MediaStreams.NONE) {
            streams.receive(socket, remote, in, offset, length);
        }
    }

    @Override
    public boolean send(final DirectBuffer in, final int offset, final int length) {
        final ChannelHandlerContext ctx = context;
        if (ctx == null || !ctx.channel().isWritable()) {
            return false;
        }
        ByteBuf out = batch;
        if (out != null && out.writableBytes() < FramedInput.HEAD + length) {
            ctx.write(out, ctx.voidPromise());
            batch = null;
            out = null;
        }
        if (out == null) {
            out = ctx.alloc().directBuffer(BATCH_BYTES);
            batch = out;
        }
        out.writeShort(length);
        FrameBatch.wrap(outView, out, out.writerIndex(), length);
        outView.putBytes(0, in, offset, length);
        out.writerIndex(out.writerIndex() + length);
        return true;
    }

    @Override
    public void flush() {
        final ByteBuf out = batch;
        final ChannelHandlerContext ctx = context;
        if (ctx != null) {
            batch = null;
            if (out != null) {
                ctx.write(out, ctx.voidPromise());
            }
            ctx.flush();
        }
    }

    @Override
    public void close() {
        final ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        leave();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx) {
        leave();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (!(cause instanceof IOException)) {
            Faults.log("media connection", cause);
        }
        ctx.close();
    }

    /** Looks often until a check was authenticated, then seldom. */
    private void check() {
        final ChannelHandlerContext ctx = context;
        if (ctx == null || socket == MediaStreams.NONE) {
            return;
        }
        final boolean isBound = streams.isBound(socket);
        if (isBound) {
            bound = true;
            place.giveBack();
        } else if (bound) {
            ctx.close();
            return;
        } else if (waitedMs >= VALIDATION_MS) {
            refuse(ctx);
            return;
        }
        waitedMs += WAITING_CHECK_MS;
        timer = ctx.executor().schedule(this::check, bound ? VALIDATION_MS : WAITING_CHECK_MS, TimeUnit.MILLISECONDS);
    }

    private void leave() {
        place.giveBack();
        final Future<?> armed = timer;
        if (armed != null) {
            armed.cancel(false);
            timer = null;
        }
        if (socket != MediaStreams.NONE) {
            streams.detach(socket);
            socket = MediaStreams.NONE;
        }
        final ByteBuf out = batch;
        if (out != null) {
            batch = null;
            out.release();
        }
        context = null;
    }
}
