package org.chevet.relay.client;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /v1/vitals} over the JDK's WebSocket (RFC 6455), subprotocol chevet.vitals.v1, Bearer token. Thread-safe. */
public final class WebSocketTransport implements VitalsTransport {
    /** Name of the subprotocol. */
    public static final String SUBPROTOCOL = "chevet.vitals.v1";
    private static final int ABNORMAL = 1006;
    private static final int MAX_MESSAGE_BYTES = 2 << 20;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http;
    private final URI uri;
    private final Supplier<String> token;
    private final AtomicReference<@Nullable Connection> current = new AtomicReference<>();

    /**
     * A transport that is not connected yet.
     *
     * @param uri {@code ws://host:port/v1/vitals} or {@code wss:}
     * @param token gives the signed token for each connection
     */
    public WebSocketTransport(final URI uri, final Supplier<String> token) {
        this.uri = uri;
        this.token = token;
        http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the outcome is the listener's: onOpen or onClosed
    public void connect(final Listener listener) {
        final Connection connection = new Connection(listener);
        current.set(connection);
        http.newWebSocketBuilder().header("Authorization", "Bearer " + token.get()).subprotocols(SUBPROTOCOL)
            .connectTimeout(CONNECT_TIMEOUT).buildAsync(uri, connection)
            .whenComplete((socket, failure) -> {
                if (failure != null) {
                    connection.gone(ABNORMAL, String.valueOf(failure.getMessage()));
                }
            });
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the outcome is done or the listener's onClosed
    public void send(final byte[] message, final Runnable done) {
        final Connection connection = current.get();
        final WebSocket socket = connection == null ? null : connection.socket;
        if (connection == null || socket == null) {
            return;
        }
        socket.sendBinary(ByteBuffer.wrap(message), true).whenComplete((ignored, failure) -> {
            if (failure == null) {
                done.run();
            } else {
                connection.gone(ABNORMAL, String.valueOf(failure.getMessage()));
            }
        });
    }

    @Override
    public void close() {
        final Connection connection = current.getAndSet(null);
        if (connection != null) {
            connection.abort();
        }
    }

    @Override
    public void shutdown() {
        close();
        http.shutdownNow();
    }

    /** One WebSocket and what it has received of a message so far. */
    private static final class Connection implements WebSocket.Listener {
        private final Listener listener;
        private final AtomicBoolean gone = new AtomicBoolean();
        private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
        private volatile @Nullable WebSocket socket;

        Connection(final Listener listener) {
            this.listener = listener;
        }

        void gone(final int code, final String reason) {
            if (gone.compareAndSet(false, true)) {
                listener.onClosed(code, reason);
            }
        }

        void abort() {
            final WebSocket open = socket;
            if (open != null) {
                open.abort();
            }
            gone(ABNORMAL, "closed by this client");
        }

        @Override
        public void onOpen(final WebSocket webSocket) {
            socket = webSocket;
            if (gone.get()) {
                webSocket.abort();
                return;
            }
            listener.onOpen();
            webSocket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(final WebSocket webSocket, final ByteBuffer data,
            final boolean last) {
            if (partial.size() + data.remaining() > MAX_MESSAGE_BYTES) {
                webSocket.abort();
                gone(ABNORMAL, "the relay sent a message above " + MAX_MESSAGE_BYTES + " bytes");
                return null;
            }
            final byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            partial.write(bytes, 0, bytes.length);
            if (last) {
                final byte[] message = partial.toByteArray();
                partial.reset();
                if (!gone.get()) {
                    listener.onMessage(message);
                }
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(final WebSocket webSocket, final int code, final String reason) {
            gone(code, reason);
            return null;
        }

        @Override
        public void onError(final WebSocket webSocket, final Throwable error) {
            gone(ABNORMAL, String.valueOf(error.getMessage()));
        }
    }
}
