package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium with a profile of its own, driven over the Chrome DevTools Protocol with the JDK's WebSocket.
 *
 * <p>Camera and microphone are Chromium's fake devices (a rolling picture with a beep each second) and every permission
 * is granted, which also keeps its ICE candidates free of mDNS names. Safe on any thread; {@link #close} ends the
 * processes this object started and no other, and removes the profile.
 */
public final class Chromium implements AutoCloseable {
    /** Where Chromium may be, first match wins; the system property {@code chevet.chromium} comes before them. */
    private static final List<String> PLACES = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable");
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
    private static final String PORT_FILE = "DevToolsActivePort";
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger nextId = new AtomicInteger(1);
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final Object sendLock = new Object();
    private final WebSocket socket;

    private Chromium(final Process process, final Path profile) throws IOException {
        this.process = process;
        this.profile = profile;
        try {
            socket = client.newWebSocketBuilder().buildAsync(endpoint(), new Receiver()).join();
        } catch (IOException | CompletionException e) {
            stop();
            throw new IOException("Chromium did not open its debugging port", e);
        }
    }

    /** Skips the calling test, with the reason, where there is no Chromium; else its path. */
    public static Path require() {
        final Path path = find();
        Assumptions.assumeTrue(path != null, "skipped: no Chromium in " + PLACES + " (apt install chromium)");
        if (path == null) {
            throw new IllegalStateException("unreachable: the assumption failed");
        }
        return path;
    }

    /**
     * Starts a browser; skips the calling test where there is none.
     *
     * @param flags more command line flags, for instance {@code --use-file-for-fake-audio-capture=FILE}
     */
    public static Chromium start(final String... flags) throws IOException {
        final Path binary = require();
        final Path profile = Files.createTempDirectory("chevet-chromium-");
        final List<String> command = new ArrayList<>(List.of(binary.toString(), "--headless=new", "--no-sandbox",
            "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-default-apps", "--disable-extensions", "--metrics-recording-only", "--mute-audio",
            "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows", "--autoplay-policy=user-gesture-required",
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            "--allow-loopback-in-peer-connection", "--remote-debugging-port=0", "--user-data-dir=" + profile));
        command.addAll(List.of(flags));
        command.add("about:blank");
        final Process process = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return new Chromium(process, profile);
    }

    /** Opens a page and waits until it has loaded. */
    public Page open(final String url) {
        final Page page = open();
        page.navigate(url);
        return page;
    }

    /** Opens an empty page. */
    public Page open() {
        // A window of its own: a page behind another one is hidden and gets no animation frames.
        final String target = command(null, "Target.createTarget",
            JSON.createObjectNode().put("url", "about:blank").put("newWindow", true)).path("targetId").asText();
        final String session = command(null, "Target.attachToTarget",
            JSON.createObjectNode().put("targetId", target).put("flatten", true)).path("sessionId").asText();
        final Page page = new Page(this, session, target);
        pages.put(session, page);
        page.enable();
        return page;
    }

    /** Sends one command and waits for its result. */
    JsonNode command(final @Nullable String session, final String method, final ObjectNode parameters) {
        return command(session, method, parameters, COMMAND_TIMEOUT);
    }

    /** Sends one command and waits for its result, at most {@code timeout}. */
    JsonNode command(final @Nullable String session, final String method, final ObjectNode parameters,
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

    /** Forgets a page that was closed. */
    void forget(final Page page) {
        pages.remove(page.session());
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
        deleteProfile();
    }

    private void deleteProfile() {
        try (Stream<Path> walk = Files.walk(profile)) {
            walk.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            profile.toFile().deleteOnExit();
        }
    }

    private static @Nullable Path find() {
        final String named = System.getProperty("chevet.chromium", "");
        if (!named.isEmpty()) {
            return Files.isExecutable(Path.of(named)) ? Path.of(named) : null;
        }
        return PLACES.stream().map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
    }

    private URI endpoint() throws IOException {
        final Path file = profile.resolve(PORT_FILE);
        final long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadlineNs && process.isAlive()) {
            if (Files.exists(file)) {
                final List<String> lines = Files.readAllLines(file);
                if (lines.size() >= 2) {
                    return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
                }
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while Chromium starts", e);
            }
        }
        throw new IOException(process.isAlive() ? "no " + PORT_FILE + " after " + START_TIMEOUT
            : "Chromium ended with code " + process.exitValue());
    }

    private void dispatch(final String text) {
        final JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (message.has("id")) {
            final CompletableFuture<JsonNode> result = pending.get(message.get("id").asInt());
            if (result == null) {
                return;
            }
            if (message.has("error")) {
                result.completeExceptionally(new IOException(message.get("error").toString()));
            } else {
                result.complete(message.path("result"));
            }
        } else {
            final Page page = pages.get(message.path("sessionId").asText());
            if (page != null) {
                page.event(message.path("method").asText(), message.path("params"));
            }
        }
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
            pending.values().forEach(result -> result.completeExceptionally(error));
        }

        @Override
        public @Nullable CompletionStage<?> onClose(final WebSocket from, final int code, final String reason) {
            final IOException closed = new IOException("Chromium closed the debugging connection");
            pending.values().forEach(result -> result.completeExceptionally(closed));
            return null;
        }
    }
}
