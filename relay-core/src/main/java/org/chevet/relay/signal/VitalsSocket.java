package org.chevet.relay.signal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.lane.RelayDoor.VitalsLink;
import org.jspecify.annotations.Nullable;

/**
 * One vitals WebSocket on its lane's event loop: bytes of the network buffer become messages of the hub where they
 * are, and what the hub sends leaves as one write per batch. No object per message, no queue, no other thread.
 *
 * <p>Above the rate, reading stops, so that TCP holds the client back; nothing that was read is lost.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class VitalsSocket extends WebSocketEnd<VitalsLink> implements FrameReader.Sink, VitalsClient {
    private static final long RETRY_MS = 2;
    /** Bytes read before other sockets of the lane get their turn. */
    private static final int READ_BYTES = 32 * 1024;
    private static final int PING_FRAME = 0x89;
    private static final int PONG_FRAME = 0x8A;
    private static final int CLOSE_FRAME = 0x88;

    private final RelayDoor relay;
    private final TokenBucket messages;
    private final FrameReader reader;
    private final FrameBatch batch;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    /** What was read and could not be taken yet: the beginning of a frame, or all while reading is stopped. */
    private @Nullable ByteBuf carried;
    private boolean paused;
    private boolean ended;
    private boolean flushing;
    private long readNs;
    private long receivedMessages;
    private long receivedBytes;
    private long sentMessages;
    private long sentBytes;

    VitalsSocket(final SignalLimits limits, final SignalStats stats, final RelayDoor relay, final Door door,
        final LongSupplier clockMs, final Set<WebSocketEnd<?>> open, final FrameBatch batch) {
        super(limits, stats, door, clockMs, open);
        this.relay = relay;
        this.readNs = System.nanoTime();
        this.messages = new TokenBucket(limits.vitalsMessagesPerSecond(), readNs);
        this.reader = new FrameReader(limits.maxVitalsMessageBytes(), this);
        this.batch = batch;
        batch.retain();
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx) {
        ctx.channel().config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
            // Writable means empty: what does not go out now stays in the hub's rings, not here.
            .setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
    }

    @Override
    CompletionStage<Outcome<VitalsLink>> attach(final ChannelHandlerContext ctx, final Claims claims) {
        return relay.attachVitals(claims, this, ctx.channel().eventLoop());
    }

    @Override
    void attached(final ChannelHandlerContext ctx, final VitalsLink newLink) {
        // The socket may have filled and emptied before there was a link to tell.
        newLink.writable();
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    void detach(final VitalsLink from) {
        from.closed();
    }

    // ---- in

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        if (!(message instanceof ByteBuf in)) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            readNs = System.nanoTime();
            heard(readNs);
            take(ctx, in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext ctx) {
        endOfBatch();
        ctx.fireChannelReadComplete();
    }

    private void take(final ChannelHandlerContext ctx, final ByteBuf in) {
        while (carried != null && in.isReadable()) {
            final ByteBuf kept = carried;
            final int missing = paused ? in.readableBytes() : reader.needed() - kept.readableBytes();
            kept.writeBytes(in, Math.min(Math.max(1, missing), in.readableBytes()));
            takeCarried();
        }
        if (!in.isReadable()) {
            return;
        }
        in.skipBytes(read(in));
        if (in.isReadable()) {
            carried = ctx.alloc().directBuffer(Math.max(in.readableBytes(), reader.needed())).writeBytes(in);
        }
    }

    private void takeCarried() {
        final ByteBuf kept = carried;
        if (kept == null || paused) {
            return;
        }
        kept.skipBytes(read(kept));
        if (!kept.isReadable()) {
            carried = null;
            kept.release();
        } else {
            kept.discardReadBytes();
        }
    }

    private int read(final ByteBuf in) {
        final int length = in.readableBytes();
        FrameBatch.wrap(view, in, in.readerIndex(), length);
        return reader.read(view, 0, length);
    }

    private void endOfBatch() {
        if (receivedMessages == 0) {
            return;
        }
        stats().add(SignalCounter.WEBSOCKET_MESSAGES_RECEIVED, receivedMessages);
        stats().add(SignalCounter.WEBSOCKET_BYTES_RECEIVED, receivedBytes);
        receivedMessages = 0;
        receivedBytes = 0;
        final VitalsLink to = link();
        if (to != null) {
            to.endOfBatch();
        }
    }

    @Override
    public boolean takesMessages() {
        if (closing()) {
            return true;
        }
        if (!messages.take(readNs)) {
            pause();
            return false;
        }
        return true;
    }

    private void pause() {
        final ChannelHandlerContext ctx = context();
        if (paused || ctx == null) {
            return;
        }
        paused = true;
        ctx.channel().config().setAutoRead(false);
        stats().count(SignalCounter.WEBSOCKET_READS_PAUSED);
        ctx.executor().schedule(() -> resume(ctx), RETRY_MS, TimeUnit.MILLISECONDS);
    }

    private void resume(final ChannelHandlerContext ctx) {
        paused = false;
        if (ended) {
            return;
        }
        readNs = System.nanoTime();
        takeCarried();
        endOfBatch();
        if (!paused && !closing()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void onMessage(final DirectBuffer in, final int offset, final int length) {
        final VitalsLink to = link();
        if (to != null) {
            receivedMessages++;
            receivedBytes += length;
            to.receive(in, offset, length);
        }
    }

    @Override
    public void onText() {
        refuse(new ProblemException(ProblemType.MALFORMED_REQUEST,
            "messages of " + WebSocketUpgrade.VITALS + " are binary"));
    }

    @Override
    public void onPing(final DirectBuffer in, final int offset, final int length) {
        final ChannelHandlerContext ctx = context();
        if (ctx != null && !closing() && takesPing()) {
            final byte[] payload = new byte[length];
            in.getBytes(offset, payload);
            writeControl(ctx, PONG_FRAME, payload);
        }
    }

    @Override
    public void onClose(final int code) {
        final ChannelHandlerContext ctx = context();
        if (ctx != null) {
            peerCloses(ctx, code);
        }
    }

    @Override
    public void onTooLarge() {
        refuse(new ProblemException(ProblemType.TOO_LARGE, "a message is larger than "
            + limits().maxVitalsMessageBytes() + " bytes"));
    }

    @Override
    public void onBroken() {
        refuse(new ProblemException(ProblemType.MALFORMED_REQUEST, "the frame breaks RFC 6455"));
    }

    // ---- out

    @Override
    public boolean isWritable() {
        final ChannelHandlerContext ctx = context();
        return ctx != null && !ended && ctx.channel().isWritable();
    }

    @Override
    public int claim(final int maxLength) {
        final ChannelHandlerContext ctx = context();
        if (ctx == null) {
            throw new IllegalStateException("not started");
        }
        return batch.claim(ctx.channel(), maxLength);
    }

    @Override
    public MutableDirectBuffer buffer() {
        return batch.buffer();
    }

    @Override
    public void send(final int length) {
        batch.send(length);
        sentMessages++;
        sentBytes += length;
    }

    @Override
    public void flush() {
        final ChannelHandlerContext ctx = context();
        if (sentMessages == 0 || ctx == null) {
            return;
        }
        stats().add(SignalCounter.WEBSOCKET_MESSAGES_SENT, sentMessages);
        stats().add(SignalCounter.WEBSOCKET_BYTES_SENT, sentBytes);
        sentMessages = 0;
        sentBytes = 0;
        flushing = true;
        batch.flush(ctx.channel());
        flushing = false;
    }

    @Override
    public void close(final int code, final String reason) {
        final ChannelHandlerContext ctx = context();
        if (ctx != null) {
            // Not at once: the lane is in the middle of its work.
            ctx.executor().execute(() -> closeWith(code, reason));
        }
    }

    @Override
    public void channelWritabilityChanged(final ChannelHandlerContext ctx) {
        final VitalsLink to = link();
        // Within a flush the lane sees for itself whether more goes.
        if (to != null && !flushing && sentMessages == 0 && ctx.channel().isWritable() && !closing()) {
            to.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    void writePing(final ChannelHandlerContext ctx) {
        writeControl(ctx, PING_FRAME, new byte[0]);
    }

    @Override
    Future<?> writeClose(final ChannelHandlerContext ctx, final int code, final String reason) {
        final byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        final byte[] payload = new byte[code == FrameReader.NO_CODE ? 0 : 2 + text.length];
        if (payload.length > 0) {
            payload[0] = (byte) (code >>> Byte.SIZE);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
        }
        return writeControl(ctx, CLOSE_FRAME, payload);
    }

    private static Future<?> writeControl(final ChannelHandlerContext ctx, final int head, final byte[] payload) {
        final ByteBuf frame = ctx.alloc().directBuffer(2 + payload.length);
        frame.writeByte(head).writeByte(payload.length).writeBytes(payload);
        return ctx.writeAndFlush(frame);
    }

    // ---- the end

    @Override
    boolean holdsBack() {
        return paused;
    }

    @Override
    void ended() {
        if (!ended) {
            ended = true;
            batch.release();
        }
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        super.channelInactive(ctx);
        final ByteBuf kept = carried;
        carried = null;
        if (kept != null) {
            kept.release();
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (!(cause instanceof java.io.IOException)) {
            Faults.log("WebSocket", cause);
        }
        ctx.close();
    }
}
