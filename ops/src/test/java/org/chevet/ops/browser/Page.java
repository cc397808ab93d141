package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One page of a {@link Chromium}. Safe on any thread, but meant for one test at a time. */
public final class Page implements Scripted {
    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(20);

    private final Chromium browser;
    private final String session;
    private final String target;
    private final List<String> console = new CopyOnWriteArrayList<>();

    Page(final Chromium browser, final String session, final String target) {
        this.browser = browser;
        this.session = session;
        this.target = target;
    }

    /** CDP session of the page. */
    String session() {
        return session;
    }

    /** Turns on what the page reports: console, exceptions, blocked requests. */
    void enable() {
        command("Page.enable", Chromium.JSON.createObjectNode());
        command("Runtime.enable", Chromium.JSON.createObjectNode());
        command("Log.enable", Chromium.JSON.createObjectNode());
    }

    /** Goes to an address and waits until the document and its modules are loaded. */
    public void navigate(final String url) {
        final JsonNode result = command("Page.navigate", Chromium.JSON.createObjectNode().put("url", url));
        final String error = result.path("errorText").asText("");
        if (!error.isEmpty()) {
            throw new IllegalStateException(url + ": " + error);
        }
        await("document.readyState === 'complete' && location.href !== 'about:blank'", LOAD_TIMEOUT);
    }

    /** Runs a script before those of every document that this page loads from now on. */
    public void beforeLoad(final String script) {
        command("Page.addScriptToEvaluateOnNewDocument", Chromium.JSON.createObjectNode().put("source", script));
    }

    @Override
    public JsonNode evaluate(final String expression) {
        final JsonNode result = command("Runtime.evaluate", Chromium.JSON.createObjectNode()
            .put("expression", expression).put("awaitPromise", true).put("returnByValue", true)
            .put("userGesture", true));
        final JsonNode thrown = result.path("exceptionDetails");
        if (!thrown.isMissingNode()) {
            throw new IllegalStateException(expression + ": "
                + thrown.path("exception").path("description").asText(thrown.path("text").asText()));
        }
        return result.path("result").path("value");
    }

    @Override
    public String shown() {
        return "console:\n" + String.join("\n", console);
    }

    /** Size of the window in CSS pixels and device pixels per CSS pixel. */
    public void viewport(final int width, final int height, final double scale) {
        command("Emulation.setDeviceMetricsOverride", Chromium.JSON.createObjectNode().put("width", width)
            .put("height", height).put("deviceScaleFactor", scale).put("mobile", false));
    }

    /** Emulates the preferred colour scheme, "light" or "dark". */
    public void colorScheme(final String scheme) {
        final ObjectNode parameters = Chromium.JSON.createObjectNode();
        parameters.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", scheme);
        command("Emulation.setEmulatedMedia", parameters);
    }

    /** Presses and releases a key as a keyboard does, for instance "Tab", "Enter" or "m". */
    public void press(final String key) {
        final int code = switch (key) {
            case "Tab" -> 9;
            case "Enter" -> 13;
            case "Escape" -> 27;
            default -> Character.toUpperCase(key.charAt(0));
        };
        final ObjectNode down = Chromium.JSON.createObjectNode().put("type", "keyDown").put("key", key)
            .put("windowsVirtualKeyCode", code);
        if (key.length() == 1) {
            down.put("text", key);
        } else if (key.equals("Enter")) {
            down.put("text", "\r");
        }
        command("Input.dispatchKeyEvent", down);
        command("Input.dispatchKeyEvent", Chromium.JSON.createObjectNode().put("type", "keyUp").put("key", key)
            .put("windowsVirtualKeyCode", code));
    }

    /** Presses the mouse button on the middle of the first element of a CSS selector: a real user gesture. */
    public void click(final String selector) {
        final JsonNode box = await("(() => { const e = document.querySelector(" + quote(selector) + ");"
            + " if (!e || e.disabled) return null; e.scrollIntoView({block: 'nearest'});"
            + " const r = e.getBoundingClientRect();"
            + " return r.width ? {x: r.x + r.width / 2, y: r.y + r.height / 2} : null; })()", LOAD_TIMEOUT);
        for (final String type : List.of("mousePressed", "mouseReleased")) {
            command("Input.dispatchMouseEvent", Chromium.JSON.createObjectNode().put("type", type)
                .put("x", box.path("x").asDouble()).put("y", box.path("y").asDouble()).put("button", "left")
                .put("clickCount", 1));
        }
    }

    /**
     * Moves the mouse over an element: presses at the first place and releases at the last one, or only hovers.
     *
     * @param places parts of the element's box, 0 to 1, from left to right and from top to bottom: x, y, x, y
     */
    public void drag(final String selector, final boolean pressed, final double... places) {
        final JsonNode box = await("(() => { const r = document.querySelector(" + quote(selector) + ")"
            + ".getBoundingClientRect(); return r.width ? {x: r.x, y: r.y, w: r.width, h: r.height} : null; })()",
            LOAD_TIMEOUT);
        for (int i = 0; i < places.length; i += 2) {
            final double x = box.path("x").asDouble() + places[i] * box.path("w").asDouble();
            final double y = box.path("y").asDouble() + places[i + 1] * box.path("h").asDouble();
            if (i == 0 && pressed) {
                mouse("mousePressed", x, y, true);
            }
            mouse("mouseMoved", x, y, pressed);
            if (i == places.length - 2 && pressed) {
                mouse("mouseReleased", x, y, true);
            }
        }
    }

    private void mouse(final String type, final double x, final double y, final boolean pressed) {
        command("Input.dispatchMouseEvent", Chromium.JSON.createObjectNode().put("type", type).put("x", x).put("y", y)
            .put("button", pressed ? "left" : "none").put("buttons", pressed ? 1 : 0).put("clickCount", 1));
    }

    /** Writes a PNG of what the window shows; makes the folders. */
    public Path screenshot(final Path file) throws IOException {
        final JsonNode result = command("Page.captureScreenshot",
            Chromium.JSON.createObjectNode().put("format", "png"));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(result.path("data").asText()));
        return file;
    }

    /** What the page wrote to its console since it was opened, one line each: level, text. */
    public List<String> console() {
        return List.copyOf(console);
    }

    /** Console lines that are errors: exceptions, blocked resources, failed requests. */
    public List<String> errors() {
        return console.stream().filter(line -> line.startsWith("error ")).toList();
    }

    /** A JavaScript string literal. */
    public static String quote(final String text) {
        return Chromium.JSON.getNodeFactory().textNode(text).toString();
    }

    /** Closes the page as a user would: its pagehide handlers run. */
    @Override
    public void close() {
        browser.command(null, "Target.closeTarget", Chromium.JSON.createObjectNode().put("targetId", target));
        browser.forget(this);
    }

    /** Called on the connection's thread for each event of the page. */
    void event(final String method, final JsonNode parameters) {
        switch (method) {
            case "Runtime.consoleAPICalled" -> {
                final StringBuilder line = new StringBuilder(parameters.path("type").asText());
                for (final JsonNode argument : parameters.path("args")) {
                    line.append(' ').append(argument.has("value") ? argument.get("value").asText()
                        : argument.path("description").asText());
                }
                console.add(line.toString());
            }
            case "Runtime.exceptionThrown" -> console.add("error "
                + parameters.path("exceptionDetails").path("exception").path("description")
                    .asText(parameters.path("exceptionDetails").path("text").asText()));
            case "Log.entryAdded" -> console.add(parameters.path("entry").path("level").asText() + " "
                + parameters.path("entry").path("text").asText() + " " + parameters.path("entry").path("url").asText());
            default -> {
            }
        }
    }

    private JsonNode command(final String method, final ObjectNode parameters) {
        return browser.command(session, method, parameters);
    }
}
