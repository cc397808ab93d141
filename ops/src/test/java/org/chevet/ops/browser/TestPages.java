package org.chevet.ops.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.chevet.relay.signal.HttpRoute;
import org.junit.jupiter.api.Assumptions;

/**
 * Pages and modules of the tests under {@code /test/}: what lies in {@code browser} of the test resources, and packages
 * from npm under {@code /test/npm/}, which {@code .ci/run} puts into {@code target/npm}. Without a content security
 * policy. Safe on any thread.
 */
final class TestPages implements HttpRoute {
    /** The page without content. */
    static final String EMPTY = "/test/empty.html";
    private static final String PREFIX = "/test/";
    private static final String NPM = "npm/";
    private static final Path PACKAGES = Path.of("target/npm/node_modules");
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8",
        "js", "text/javascript; charset=utf-8", "json", "application/json");

    /** Skips the calling test, with the reason, where a package from npm is not there. */
    static void require(final String name, final String version) {
        Assumptions.assumeTrue(Files.isRegularFile(PACKAGES.resolve(name).resolve("package.json")),
            "skipped: no " + name + " (npm install --no-save --no-package-lock --prefix ops/target/npm " + name + "@"
                + version + ")");
    }

    @Override
    public String path() {
        return PREFIX;
    }

    @Override
    public Reply handle(final Request request) {
        final String name = request.path().substring(PREFIX.length());
        final String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        try {
            if (type != null && name.startsWith(NPM)) {
                final Path file = PACKAGES.resolve(name.substring(NPM.length()));
                return Files.isRegularFile(file) ? Reply.of(200, type, Files.readAllBytes(file)) : Reply.notFound();
            }
            try (InputStream in = TestPages.class.getResourceAsStream("/browser/" + name)) {
                return in == null || type == null ? Reply.notFound() : Reply.of(200, type, in.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
