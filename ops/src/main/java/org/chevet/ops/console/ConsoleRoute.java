package org.chevet.ops.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.chevet.relay.signal.HttpRoute;

/**
 * Serves the console: {@code /}, {@code /practitioner} and {@code /site} are pages, {@code /console/} holds their
 * modules, styles and recordings. Everything comes from the class path and is kept in memory after its first request.
 *
 * <p>The pages run under a strict content security policy: no inline script, nothing from another origin. Files are
 * revalidated with their ETag at each visit (RFC 9110 section 13.1.2), so that an upgraded relay never meets old
 * modules. Safe on any thread.
 */
public final class ConsoleRoute implements HttpRoute {
    private static final String FOLDER = "/console/";
    private static final Map<String, String> PAGES = Map.of("/", "index.html", "/practitioner", "practitioner.html",
        "/site", "site.html");
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8",
        "js", "text/javascript; charset=utf-8", "css", "text/css; charset=utf-8", "svg", "image/svg+xml",
        "wav", "audio/wav", "i16le", "application/octet-stream", "md", "text/plain; charset=utf-8");
    private static final Map<String, String> SECURITY = Map.of(
        "content-security-policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options", "nosniff",
        "x-frame-options", "DENY",
        "referrer-policy", "no-referrer",
        "cross-origin-opener-policy", "same-origin",
        "permissions-policy", "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()");

    /** By name; only files that exist enter, so that its size is bounded by what is on the class path. */
    private final Map<String, Asset> assets = new ConcurrentHashMap<>();

    /** All that nobody else serves. */
    @Override
    public String path() {
        return "/";
    }

    @Override
    public Reply handle(final Request request) {
        final String name = PAGES.getOrDefault(request.path(),
            request.path().startsWith(FOLDER) ? request.path().substring(FOLDER.length()) : "");
        final Optional<Asset> found = asset(name);
        if (found.isEmpty()) {
            return Reply.notFound();
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return new Reply(405, Map.of("allow", "GET, HEAD"), new byte[0]);
        }
        final Asset asset = found.get();
        final Map<String, String> headers = new HashMap<>(SECURITY);
        headers.put("etag", asset.etag);
        headers.put("cache-control", "no-cache");
        if (asset.etag.equals(request.headers().get("if-none-match"))) {
            return new Reply(304, headers, new byte[0]);
        }
        headers.put("content-type", asset.contentType);
        return new Reply(200, headers, asset.body);
    }

    private Optional<Asset> asset(final String name) {
        final String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        // The server refuses "..", an empty segment and backslashes; a name is checked here once more.
        if (type == null || name.contains("..") || name.startsWith("/")) {
            return Optional.empty();
        }
        final Asset known = assets.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        try (InputStream in = ConsoleRoute.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                return Optional.empty();
            }
            final byte[] body = in.readAllBytes();
            final Asset asset = new Asset(type, etagOf(body), body);
            assets.put(name, asset);
            return Optional.of(asset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String etagOf(final byte[] body) {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
            return "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A file in memory; its body is handed out and never changed. */
    private static final class Asset {
        final String contentType;
        final String etag;
        final byte[] body;

        Asset(final String contentType, final String etag, final byte[] body) {
            this.contentType = contentType;
            this.etag = etag;
            this.body = body;
        }
    }
}
