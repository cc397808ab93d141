package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium with a profile of its own, driven over the Chrome DevTools Protocol.
 *
 * <p>Camera and microphone are Chromium's fake devices (a rolling picture with a beep each second) and every permission
 * is granted, which also keeps its ICE candidates free of mDNS names. Safe on any thread; {@link #close} ends the
 * processes this object started and no other, and removes the profile.
 */
public final class Chromium implements AutoCloseable {
    /** Where Chromium may be, first match wins; the system property {@code chevet.chromium} comes before them. */
    private static final List<String> PLACES = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable");
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
    private static final String LISTENING = "DevTools listening on ";
    static final JsonMapper JSON = BrowserProcess.JSON;

    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final BrowserProcess process;

    private Chromium(final List<String> command, final Path profile) throws IOException {
        process = BrowserProcess.start(command, profile, LISTENING, "", this::event);
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
        return new Chromium(command, profile);
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

    /** Sends one command to a page, or to the browser, and waits for its result. */
    JsonNode command(final @Nullable String session, final String method, final ObjectNode parameters) {
        return process.command(session, method, parameters, COMMAND_TIMEOUT);
    }

    /** Forgets a page that was closed. */
    void forget(final Page page) {
        pages.remove(page.session());
    }

    /** Ends the browser: its own process tree only. */
    @Override
    public void close() {
        process.close();
    }

    private static @Nullable Path find() {
        final String named = System.getProperty("chevet.chromium", "");
        if (!named.isEmpty()) {
            return Files.isExecutable(Path.of(named)) ? Path.of(named) : null;
        }
        return PLACES.stream().map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
    }

    private void event(final JsonNode message) {
        final Page page = pages.get(message.path("sessionId").asText());
        if (page != null) {
            page.event(message.path("method").asText(), message.path("params"));
        }
    }
}
