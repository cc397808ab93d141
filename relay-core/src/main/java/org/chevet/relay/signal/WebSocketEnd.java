package org.chevet.relay.signal;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.token.TokenVerifier;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of WebSocket do alike: attach to a lane, end with the token, notice silence, close with a code and a
 * sentence. On the connection's event loop.
 *
 * @param <L> the lane's end
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
abstract class WebSocketEnd<L> extends ChannelInboundHandlerAdapter {
    /** How long the peer may take to answer a close frame. */
    static final long CLOSE_LINGER_MS = 2_000;
    private static final int PINGS_PER_SECOND = 10;
    private static final int MAX_REASON_BYTES = 123;

    private final SignalLimits limits;
    private final SignalStats stats;
    private final Door door;
    private final LongSupplier clockMs;
    private final Set<WebSocketEnd<?>> open;
    private final TokenBucket pings;
    private final List<Future<?>> timers = new ArrayList<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable L link;
    private boolean closing;
    private boolean gone;
    private long heardNs;

    WebSocketEnd(final SignalLimits limits, final SignalStats stats, final Door door, final LongSupplier clockMs,
        final Set<WebSocketEnd<?>> open) {
        this.limits = limits;
        this.stats = stats;
        this.door = door;
        this.clockMs = clockMs;
        this.open = open;
        this.heardNs = System.nanoTime();
        this.pings = new TokenBucket(PINGS_PER_SECOND, heardNs);
    }

    /** Asks the lane for a link. */
    abstract CompletionStage<Outcome<L>> attach(ChannelHandlerContext ctx, Claims claims);

    /** The link is there: reading may begin. */
    abstract void attached(ChannelHandlerContext ctx, L newLink);

    /** Tells a lane that the WebSocket is gone. */
    abstract void detach(L from);

    abstract void writePing(ChannelHandlerContext ctx);

    /** Writes and flushes a close frame; {@link FrameReader#NO_CODE} for one without a code. */
    abstract Future<?> writeClose(ChannelHandlerContext ctx, int code, String reason);

    /** Nothing more is handed to the lane or sent for it: what waits is dropped. */
    abstract void ended();

    /** It is going to be closed for this reason. */
    void refusing(final ProblemType reason) {
        // Most do not mind why.
    }

    /** True while the relay itself does not read. */
    abstract boolean holdsBack();

    /** Begins: attaches to the lane, or closes with the problem of the handshake. */
    void start(final ChannelHandlerContext ctx, final @Nullable Claims claims,
        final @Nullable ProblemException problem) {
        context = ctx;
        open.add(this);
        if (problem != null || claims == null) {
            refuse(problem == null ? Problems.internal() : problem);
            return;
        }
        final CompletionStage<Outcome<L>> asked = attach(ctx, claims);
        door.ask(asked, ctx.executor()).whenComplete((made, failure) -> {
            if (failure != null) {
                // A link that comes after its time limit has no owner any more.
                asked.thenAccept(late -> {
                    if (late.value() != null) {
                        detach(late.value());
                    }
                });
                refuse(Door.problemOf(failure));
            } else if (gone || closing) {
                detach(made);
            } else {
                link = made;
                watch(ctx, claims);
                attached(ctx, made);
            }
        });
    }

    private void watch(final ChannelHandlerContext ctx, final Claims claims) {
        heardNs = System.nanoTime();
        final long lifeMs = claims.expiresAtMs() + TokenVerifier.CLOCK_SKEW_MS - clockMs.getAsLong();
        timers.add(ctx.executor().schedule(
            () -> refuse(new ProblemException(ProblemType.TOKEN_EXPIRED, "the token has expired")),
            Math.max(0, lifeMs), TimeUnit.MILLISECONDS));
        timers.add(ctx.executor().scheduleAtFixedRate(this::checkAlive, limits.pingIntervalMs(),
            limits.pingIntervalMs(), TimeUnit.MILLISECONDS));
    }

    private void checkAlive() {
        final ChannelHandlerContext ctx = context;
        if (ctx == null || closing || holdsBack()) {
            return;
        }
        final long silentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNs);
        if (silentMs >= limits.silenceTimeoutMs()) {
            refuse(new ProblemException(ProblemType.SILENT,
                "nothing was heard for " + limits.silenceTimeoutMs() + " ms"));
        } else if (silentMs >= limits.pingIntervalMs() / 2) {
            writePing(ctx);
        }
    }

    final SignalLimits limits() {
        return limits;
    }

    final SignalStats stats() {
        return stats;
    }

    /** Null before the start. */
    final @Nullable ChannelHandlerContext context() {
        return context;
    }

    /** Null before it is attached and after the end. */
    final @Nullable L link() {
        return link;
    }

    final boolean closing() {
        return closing;
    }

    /** Something came from the peer. */
    final void heard(final long nowNs) {
        heardNs = nowNs;
    }

    /** True when a ping may be answered; the WebSocket is being closed otherwise. */
    final boolean takesPing() {
        if (!pings.take(System.nanoTime())) {
            refuse(new ProblemException(ProblemType.TOO_MANY_REQUESTS, "more than " + PINGS_PER_SECOND
                + " pings a second"));
            return false;
        }
        return true;
    }

    /** The relay stops. Any thread. */
    final void goAway() {
        final ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.executor().execute(() -> refuse(
                new ProblemException(ProblemType.GOING_AWAY, "the relay is shutting down")));
        }
    }

    /** Counts the reason and closes with its code and sentence. */
    final void refuse(final ProblemException problem) {
        if (!closing && !gone) {
            stats.refuse(problem.type());
            refusing(problem.type());
            closeWith(problem.type().closeCode(), problem.detail());
        }
    }

    /** Sends a close frame, tells the lane, and gives the peer a moment to answer. */
    final void closeWith(final int code, final String reason) {
        final ChannelHandlerContext ctx = context;
        if (closing || gone || ctx == null) {
            return;
        }
        closing = true;
        release();
        ctx.channel().config().setAutoRead(true);
        writeClose(ctx, code, shortened(reason));
        ctx.executor().schedule(() -> ctx.close(), CLOSE_LINGER_MS, TimeUnit.MILLISECONDS);
    }

    /** The peer closes, or answers our close. */
    final void peerCloses(final ChannelHandlerContext ctx, final int code) {
        if (closing) {
            ctx.close();
            return;
        }
        closing = true;
        release();
        writeClose(ctx, code, "").addListener(done -> ctx.close());
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        gone = true;
        release();
        open.remove(this);
        stats.count(SignalCounter.WEBSOCKETS_CLOSED);
        ctx.fireChannelInactive();
    }

    private void release() {
        timers.forEach(timer -> timer.cancel(false));
        timers.clear();
        final L attached = link;
        link = null;
        ended();
        if (attached != null) {
            detach(attached);
        }
    }

    /** A close reason has at most 123 bytes (RFC 6455 section 5.5). */
    private static String shortened(final String reason) {
        String text = reason;
        while (text.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
            text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
        }
        return text;
    }
}
