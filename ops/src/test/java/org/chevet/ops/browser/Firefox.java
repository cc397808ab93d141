package org.chevet.ops.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A headless Firefox with a profile of its own, driven over WebDriver BiDi.
 *
 * <p>Camera and microphone are Firefox's fake devices. The origin given at the start has both permissions, without
 * which Firefox gathers no loopback candidates. One test thread; {@link #close} ends the processes this object started
 * and no other, and removes the profile.
 */
public final class Firefox implements AutoCloseable {
    private static final Path PLACE = Path.of("/usr/bin/firefox-esr");
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(60);
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
    private static final JsonMapper JSON = BrowserProcess.JSON;

    private final BrowserProcess process;

    private Firefox(final List<String> command, final Path profile) throws IOException {
        process = BrowserProcess.start(command, profile, LISTENING, "/session", event -> { });
    }

    /** Starts a browser in which {@code origin} may use camera and microphone; skips the calling test without one. */
    public static Firefox start(final String origin) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(PLACE), "skipped: no " + PLACE + " (apt install firefox-esr)");
        final Path profile = Files.createTempDirectory("chevet-firefox-");
        Files.write(profile.resolve("user.js"), PREFERENCES);
        final Firefox firefox = new Firefox(List.of(PLACE.toString(), "--headless", "--no-remote", "--profile",
            profile.toString(), "--remote-debugging-port", "0", "--remote-allow-system-access"), profile);
        try {
            firefox.command("session.new", JSON.createObjectNode().set("capabilities", JSON.createObjectNode()));
            firefox.permit(origin);
        } catch (IllegalStateException e) {
            firefox.close();
            throw e;
        }
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
        return process.command(null, method, parameters, COMMAND_TIMEOUT);
    }

    /** Ends the browser: its own process tree only. */
    @Override
    public void close() {
        process.close();
    }

    /** One page. */
    public final class Tab implements Scripted {
        private final String context;

        private Tab(final String context) {
            this.context = context;
        }

        @Override
        public JsonNode evaluate(final String expression) {
            return Firefox.this.evaluate(context, expression);
        }

        @Override
        public String shown() {
            return "the page shows: " + evaluate("document.body.innerText").asText();
        }

        /** Clicks the first element of a CSS selector once it is there and enabled. */
        public void click(final String selector) {
            await("(() => { const e = document.querySelector('" + selector + "'); if (!e || e.disabled) return false;"
                + " e.click(); return true; })()", COMMAND_TIMEOUT);
        }

        /** Closes the tab. */
        @Override
        public void close() {
            command("browsingContext.close", JSON.createObjectNode().put("context", context));
        }
    }
}
