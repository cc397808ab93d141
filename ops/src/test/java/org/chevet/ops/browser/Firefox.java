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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A headless Firefox with a profile of its own, driven over WebDriver BiDi with the JDK's WebSocket.
 *
 * <p>Camera and microphone are Firefox's fake devices. The origin given at the start has both permissions, without
 * which Firefox gathers no loopback candidates. One test thread; {@link #close} ends the processes this object started
 * and no other, and removes the profile.
 */
public final class Firefox implements AutoCloseable {
    private static final Path PLACE = Path.of("/usr/bin/firefox-esr");
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_MS = 50;
    private static final String LISTENING = "WebDriver BiDi listening on ";
    private static final String CHROME = "chrome";
    private static final List<String> PREFERENCES = List.of(
        "user_pref('media.navigator.streams.fake', true);",
        "user_pref('media.navigator.permission.disabled', true);",
        "user_pref('media.peerconnection.ice.loopback', true);",
        "user_pref('media.autoplay.default', 0);",
        "user_pref('datareporting.policy.dataSubmissionEnabled', false);",
        "user_pref('toolkit.telemetry.reportingpolicy.firstRun', false);",
        "user_pref('app.update.enabled', false);",
        "user_pref('browser.shell.checkDefaultBrowser', false);");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger nextId = new AtomicInteger(1);
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final WebSocket socket;

    private Firefox(final Process process, final Path profile) throws IOException {
        this.process = process;
        this.profile = profile;
        try {
            socket = client.newWebSocketBuilder().buildAsync(endpoint(), new Receiver()).join();
            command("session.new", JSON.createObjectNode().set("capabilities", JSON.createObjectNode()));
        } catch (IOException | CompletionException e) {
            stop();
            throw new IOException("Firefox did not open its BiDi port", e);
        }
    }

    /** Starts a browser in which {@code origin} may use camera and microphone; skips the calling test without one. */
    public static Firefox start(final String origin) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(PLACE), "skipped: no " + PLACE + " (apt install firefox-esr)");
        final Path profile = Files.createTempDirectory("chevet-firefox-");
        Files.write(profile.resolve("user.js"), PREFERENCES);
        final Process process = new ProcessBuilder(PLACE.toString(), "--headless", "--no-remote", "--profile",
            profile.toString(), "--remote-debugging-port", "0", "--remote-allow-system-access")
            .redirectErrorStream(true).start();
        final Firefox firefox = new Firefox(process, profile);
        firefox.permit(origin);
        return firefox;
    }

    /** Opens a page in a tab of its own and waits until it has loaded. */
    public Tab open(final String url) {
        final String context = command("browsingContext.create", JSON.createObjectNode().put("type", "tab"))
            .path("context").asText();
        command("browsingContext.navigate", JSON.createObjectNode().put("context", context).put("url", url)
            .put("wait", "complete"));
        return new Tab(context);
    }

    private void permit(final String origin) {
        final JsonNode windows =
            command("browsingContext.getTree", JSON.createObjectNode().put("moz:scope", CHROME)).path("contexts");
        evaluate(windows.path(0).path("context").asText(), """
            (() => {
              const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin('%s');
              for (const device of ['camera', 'microphone']) {
                Services.perms.addFromPrincipal(principal, device, Services.perms.ALLOW_ACTION);
              }
              return 1;
            })()""".formatted(origin));
    }

    private JsonNode evaluate(final String context, final String expression) {
        final ObjectNode parameters = JSON.createObjectNode()
            .put("expression", "(async () => JSON.stringify(await (" + expression + ") ?? null))()")
            .put("awaitPromise", true).put("userActivation", true);
        parameters.putObject("target").put("context", context);
        final JsonNode result = command("script.evaluate", parameters);
        if (!result.path("type").asText().equals("success")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails").path("text").asText());
        }
        try {
            return JSON.readTree(result.path("result").path("value").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode command(final String method, final JsonNode parameters) {
        final int id = nextId.getAndIncrement();
        final ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        final CompletableFuture<JsonNode> result = new CompletableFuture<>();
        pending.put(id, result);
        socket.sendText(message.toString(), true).join();
        try {
            return result.get(COMMAND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(method + " took longer than " + COMMAND_TIMEOUT, e);
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
    private URI endpoint() throws IOException {
        final CompletableFuture<URI> found = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader lines = process.inputReader()) {
                lines.lines().filter(line -> line.startsWith(LISTENING))
                    .forEach(line -> found.complete(URI.create(line.substring(LISTENING.length()) + "/session")));
            } catch (IOException | UncheckedIOException e) {
                found.completeExceptionally(e);
            }
            found.completeExceptionally(new IOException("Firefox ended"));
        });
        try {
            return found.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("no address from Firefox within " + START_TIMEOUT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Firefox starts", e);
        }
    }

    private void dispatch(final String text) {
        try {
            final JsonNode message = JSON.readTree(text);
            final CompletableFuture<JsonNode> result = pending.get(message.path("id").asInt(-1));
            if (result == null) {
                return;
            }
            if (message.path("type").asText().equals("error")) {
                result.completeExceptionally(new IOException(message.path("message").asText()));
            } else {
                result.complete(message.path("result"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One page. */
    public final class Tab implements AutoCloseable {
        private final String context;

        private Tab(final String context) {
            this.context = context;
        }

        /** Evaluates an expression as if the user had clicked, waits for its promise and returns the JSON value. */
        public JsonNode evaluate(final String expression) {
            return Firefox.this.evaluate(context, expression);
        }

        /**
         * Evaluates an expression every 50 ms until it is truthy.
         *
         * @throws IllegalStateException with the expression and its last value when the time is over
         */
        public JsonNode await(final String expression, final Duration timeout) {
            final long deadlineNs = System.nanoTime() + timeout.toNanos();
            JsonNode value;
            do {
                value = evaluate("(async () => (await (" + expression + ")) || null)()");
                if (!value.isNull()) {
                    return value;
                }
                pause();
            } while (System.nanoTime() < deadlineNs);
            throw new IllegalStateException("not within " + timeout + ": " + expression + "; the page shows: "
                + evaluate("document.body.innerText"));
        }

        /** Clicks the first element of a CSS selector once it is there and enabled. */
        public void click(final String selector) {
            await("(() => { const e = document.querySelector('" + selector + "'); if (!e || e.disabled) return false;"
                + " e.click(); return true; })()", START_TIMEOUT);
        }

        /** Closes the tab. */
        @Override
        public void close() {
            command("browsingContext.close", JSON.createObjectNode().put("context", context));
        }

        private static void pause() {
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
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
    }
}
