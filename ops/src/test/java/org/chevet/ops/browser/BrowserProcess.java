package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A browser that a test started: its process, its profile folder and the WebSocket it is driven by.
 *
 * <p>Chrome DevTools Protocol and WebDriver BiDi share what is here: the browser names its address in a line of its
 * output, a command is a JSON object with {@code id}, {@code method} and {@code params}, its answer has the same
 * {@code id} and either {@code result} or {@code error}, and what has no {@code id} is an event. Safe on any thread;
 * {@link #close} ends the processes this object started and no other, and removes the profile.
 */
final class BrowserProcess implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Process process;
    private final Path profile;
    private final Consumer<JsonNode> events;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger nextId = new AtomicInteger(1);
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final Object sendLock = new Object();
    private final WebSocket socket;

    private BrowserProcess(final Process process, final Path profile, final String listening, final String path,
        final Consumer<JsonNode> events) throws IOException {
        this.process = process;
        this.profile = profile;
        this.events = events;
        try {
            socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(address(process, listening) + path), new Receiver()).join();
        } catch (IOException | CompletionException e) {
            stop();
            throw new IOException("the browser did not open its debugging connection", e);
        }
    }

    /**
     * Starts a browser and connects to it.
     *
     * @param command binary and arguments
     * @param profile the folder it uses, removed at the end
     * @param listening what stands before the address in the line that names it
     * @param path what is added to that address
     * @param events gets what the browser says unasked, on the connection's thread
     */
    static BrowserProcess start(final List<String> command, final Path profile, final String listening,
        final String path, final Consumer<JsonNode> events) throws IOException {
        return new BrowserProcess(new ProcessBuilder(command).redirectErrorStream(true).start(), profile, listening,
            path, events);
    }

    /**
     * Sends one command and waits for its result.
     *
     * @param session of a page, or null for the browser
     * @throws IllegalStateException when the browser refuses, goes away or takes longer than {@code timeout}
     */
    JsonNode command(final @Nullable String session, final String method, final JsonNode parameters,
        final Duration timeout) {
        final int id = nextId.getAndIncrement();
        final ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        if (session != null) {
            message.put("sessionId", session);
        }
        final CompletableFuture<JsonNode> result = new CompletableFuture<>();
        pending.put(id, result);
        synchronized (sendLock) {
            socket.sendText(message.toString(), true).join();
        }
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(method + " took longer than " + timeout, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(method + " failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + method, e);
        } finally {
            pending.remove(id);
        }
    }

    /** Ends the browser: its own process tree only. */
    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
        stop();
    }

    private void stop() {
        // The descendants are read first: once the parent is gone they have another one.
        final List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(process.toHandle());
        tree.forEach(ProcessHandle::destroyForcibly);
        for (final ProcessHandle handle : tree) {
            handle.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(late -> handle).join();
        }
        try (Stream<Path> walk = Files.walk(profile)) {
            walk.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            profile.toFile().deleteOnExit();
        }
    }

    /** Reads what the browser says until that is its address; the rest is read on, so that it never waits for us. */
    private static String address(final Process process, final String listening) throws IOException {
        final CompletableFuture<String> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("browser-output").start(() -> {
            try (BufferedReader lines = process.inputReader()) {
                lines.lines().filter(line -> line.startsWith(listening))
                    .forEach(line -> found.complete(line.substring(listening.length()).strip()));
            } catch (IOException | UncheckedIOException e) {
                found.completeExceptionally(e);
            }
            found.completeExceptionally(new IOException("the browser ended"));
        });
        try {
            return found.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("no line '" + listening + "' within " + START_TIMEOUT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the browser starts", e);
        }
    }

    private void dispatch(final String text) {
        final JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!message.has("id")) {
            events.accept(message);
            return;
        }
        final CompletableFuture<JsonNode> result = pending.get(message.path("id").asInt());
        if (result == null) {
            return;
        }
        if (message.has("error")) {
            result.completeExceptionally(new IOException(text));
        } else {
            result.complete(message.path("result"));
        }
    }

    private void fail(final Throwable error) {
        pending.values().forEach(result -> result.completeExceptionally(error));
    }

    /** Joins the parts of each text message. */
    private final class Receiver implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(final WebSocket from, final CharSequence data, final boolean last) {
            text.append(data);
            if (last) {
                final String message = text.toString();
                text.setLength(0);
                dispatch(message);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(final WebSocket from, final Throwable error) {
            fail(error);
        }

        @Override
        public @Nullable CompletionStage<?> onClose(final WebSocket from, final int code, final String reason) {
            fail(new IOException("the browser closed the debugging connection"));
            return null;
        }
    }
}
