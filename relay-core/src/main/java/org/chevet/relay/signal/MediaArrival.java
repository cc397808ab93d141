package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.lane.MediaStreams;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection that began like media: waits for the whole first frame, which must be a check that names a peer
 * (RFC 6544 section 7.2), and brings the connection to the lane of that peer. On the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed move closes the channel, which is handled
final class MediaArrival {
    /** High byte of a frame length up to {@link FramedInput#MAX_FRAME}; no HTTP request and no TLS record begins so. */
    static final int MAX_FIRST_BYTE = 0x07;
    private static final int MAGIC_AT = FramedInput.HEAD + 4;
    private static final int MAGIC = 0x2112_A442;
    private static final int STUN_HEADER = 20;
    /** More than this before the first check is whole, and it is no client. */
    private static final int MAX_FIRST_READ = 64 * 1024;
    private static final int ROOM = 1024;
    /** What may wait here and, where it can be said, in the kernel: about 0.3 s of a video. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 * 1024, 48 * 1024);
    private static final long UNSENT_BYTES = 48 * 1024L;

    private final MediaEntry entry;
    private MediaGate.@Nullable Place place;
    private @Nullable ByteBuf gathered;

    MediaArrival(final MediaEntry entry) {
        this.entry = entry;
    }

    /**
     * Takes what was read; it is released.
     *
     * @return false when the connection is of no use; it must be closed
     */
    boolean take(final ChannelHandlerContext ctx, final ByteBuf bytes) {
        ByteBuf all = gathered;
        if (all == null) {
            all = ctx.alloc().directBuffer(Math.max(ROOM, bytes.readableBytes()));
            gathered = all;
        }
        try {
            all.writeBytes(bytes);
        } finally {
            bytes.release();
        }
        final int have = all.readableBytes();
        if (have < FramedInput.HEAD) {
            return await(ctx.channel());
        }
        final int size = all.getUnsignedShort(all.readerIndex());
        if (size < STUN_HEADER || size > FramedInput.MAX_FRAME || have > MAX_FIRST_READ
            || (have >= MAGIC_AT + Integer.BYTES && all.getInt(all.readerIndex() + MAGIC_AT) != MAGIC)) {
            return false;
        }
        if (have < FramedInput.HEAD + size) {
            return await(ctx.channel());
        }
        final UnsafeBuffer view = new UnsafeBuffer(0, 0);
        FrameBatch.wrap(view, all, all.readerIndex(), have);
        final MediaStreams streams = entry.door().streamsOf(view, FramedInput.HEAD, size);
        if (streams == null || !(streams.loop() instanceof EventLoop lane)) {
            return false;
        }
        final MediaGate.Place proving = entry.prove(ctx.channel());
        if (proving == null) {
            return false;
        }
        if (place != null) {
            place.giveBack();
        }
        gathered = null;
        move(ctx.channel(), streams, lane, proving, all);
        return true;
    }

    /** Only who does not bring its whole check at once needs a place to wait in. */
    private boolean await(final Channel channel) {
        if (place == null) {
            place = entry.await(channel);
        }
        return place != null;
    }

    /** The connection closed, or moves on: what waits is of no more use. */
    void end() {
        final ByteBuf all = gathered;
        if (all != null) {
            gathered = null;
            all.release();
        }
    }

    private void move(final Channel channel, final MediaStreams streams, final EventLoop lane,
        final MediaGate.Place proving, final ByteBuf first) {
        channel.config().setAutoRead(false);
        channel.config().setWriteBufferWaterMark(WATER_MARK);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        }
        channel.pipeline().remove(ConnectionGuard.class);
        channel.pipeline().remove(FirstBytes.class);
        entry.stats().count(SignalCounter.MEDIA_CONNECTIONS);
        channel.deregister().addListener(off -> lane.register(channel).addListener(on -> {
            if (off.isSuccess() && on.isSuccess() && channel.isActive()) {
                final MediaConnection connection = new MediaConnection(streams, proving, entry.stats());
                channel.pipeline().addLast(connection);
                connection.start(channel.pipeline().context(connection), first);
            } else {
                first.release();
                channel.close();
            }
        }));
    }
}
