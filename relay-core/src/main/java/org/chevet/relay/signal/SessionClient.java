package org.chevet.relay.signal;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import org.chevet.relay.lane.Refusal;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.lane.SessionRequest;

/** What a lane sees of a session WebSocket. Lane thread; the channel hands over to its event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which is handled
final class SessionClient implements LinkClient {
    /** A lane that writes past "not writable" is bounded here: the client is too slow and loses its connection. */
    static final long MAX_UNSENT_BYTES = 8L * 1024 * 1024;

    private final Channel channel;
    private final SignalStats stats;
    private final SessionSocket socket;
    private final SessionMedia media;
    private volatile boolean ended;

    SessionClient(final Channel channel, final SignalStats stats, final SessionSocket socket,
        final SessionMedia media) {
        this.channel = channel;
        this.stats = stats;
        this.socket = socket;
        this.media = media;
    }

    /** Nothing is sent from now on. */
    void end() {
        ended = true;
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void sendText(final String message) {
        send(new TextWebSocketFrame(message));
    }

    @Override
    public void sendError(final SessionRequest request, final Refusal refusal) {
        sendText(media.error(request.id(), request.type(), Problems.of(refusal)));
    }

    @Override
    public void flush() {
        if (!ended) {
            channel.flush();
        }
    }

    @Override
    public void close(final int code, final String reason) {
        channel.flush();
        channel.eventLoop().execute(() -> socket.closeWith(code, reason));
    }

    private void send(final TextWebSocketFrame frame) {
        if (ended) {
            frame.release();
            return;
        }
        if (channel.bytesBeforeWritable() > MAX_UNSENT_BYTES) {
            frame.release();
            channel.eventLoop().execute(() -> socket.refuse(
                new ProblemException(ProblemType.TOO_MANY_REQUESTS, "this connection is too slow for what it asked")));
            return;
        }
        stats.count(SignalCounter.WEBSOCKET_MESSAGES_SENT);
        stats.add(SignalCounter.WEBSOCKET_BYTES_SENT, frame.content().readableBytes());
        channel.write(frame, channel.voidPromise());
    }
}
