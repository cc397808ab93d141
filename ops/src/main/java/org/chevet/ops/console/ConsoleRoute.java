package org.chevet.ops.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.chevet.relay.signal.HttpRoute;
import org.jspecify.annotations.Nullable;

/** The pages at {@code /}, {@code /practitioner} and {@code /site}, and what they load from {@code /console/}. */
public final class ConsoleRoute implements HttpRoute {
    private static final String FILES = "/console/";
    /** A file in a folder: names of plain letters, so that no path leaves the resources. */
    private static final Pattern FILE = Pattern.compile("([A-Za-z0-9_-]+/)?[A-Za-z0-9_.-]+\\.[a-z0-9]+");
    private static final Map<String, String> PAGES = Map.of("/", "index.html", "/practitioner", "practitioner.html",
        "/site", "site.html");
    private static final Map<String, String> TYPES = Map.ofEntries(
        Map.entry("html", "text/html; charset=utf-8"),
        Map.entry("js", "text/javascript; charset=utf-8"),
        Map.entry("css", "text/css; charset=utf-8"),
        Map.entry("svg", "image/svg+xml"),
        Map.entry("png", "image/png"),
        Map.entry("json", "application/json"),
        Map.entry("wav", "audio/wav"),
        Map.entry("md", "text/markdown; charset=utf-8"),
        Map.entry("txt", "text/plain; charset=utf-8"));
    private static final String BYTES = "application/octet-stream";
    /**
     * The pages run their own scripts alone and talk to this server alone; the token in the fragment of their address
     * is sent to nobody.
     */
    private static final String POLICY = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        + "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'self'";

    @Override
    public String path() {
        return "/";
    }

    @Override
    public Reply handle(final Request request) {
        final String file = file(request.path());
        if (file == null || !FILE.matcher(file).matches()) {
            return Reply.notFound();
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return new Reply(405, Map.of("allow", "GET, HEAD"), new byte[0]);
        }
        try (InputStream in = ConsoleRoute.class.getResourceAsStream(FILES + file)) {
            if (in == null) {
                return Reply.notFound();
            }
            return new Reply(200, Map.of("content-type",
                TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), BYTES),
                "cache-control", "no-cache", "content-security-policy", POLICY, "referrer-policy", "no-referrer",
                "x-content-type-options", "nosniff"), in.readAllBytes());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable String file(final String path) {
        return path.startsWith(FILES) ? path.substring(FILES.length()) : PAGES.get(path);
    }
}
