package org.chevet.ops.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chevet.relay.signal.HttpRoute.Reply;
import org.chevet.relay.signal.HttpRoute.Request;
import org.junit.jupiter.api.Test;

/** Everything a page asks for is there, and nothing else. */
class ConsoleRouteTest {
    private static final Path RESOURCES = Path.of("src/main/resources/console");
    private static final Pattern REFERENCE =
        Pattern.compile("(?:src|href)=\"(/[^\"#]*)\"|from '(\\.?/[^']+\\.js)'|addModule\\('([^']+)'");

    private final ConsoleRoute route = new ConsoleRoute();

    @Test
    void whatPagesAndScriptsLoadIsServedWithItsType() throws IOException {
        int references = 0;
        try (Stream<Path> files = Files.list(RESOURCES)) {
            for (final Path file : files.filter(path -> path.toString().matches(".*\\.(html|js)")).toList()) {
                final Matcher matcher = REFERENCE.matcher(Files.readString(file));
                while (matcher.find()) {
                    final String found = Stream.of(1, 2, 3).map(matcher::group).filter(name -> name != null)
                        .findFirst().orElseThrow();
                    final String path = found.startsWith("./") ? "/console/" + found.substring(2) : found;
                    if (!path.startsWith("/console/")) {
                        continue;
                    }
                    final Reply reply = get(path);
                    assertEquals(200, reply.status(), path + " in " + file);
                    final String type = reply.headers().getOrDefault("content-type", "");
                    assertTrue(!path.endsWith(".js") || type.startsWith("text/javascript"), path + " " + type);
                    references++;
                }
            }
        }
        assertTrue(references > 20, "only " + references);
    }

    @Test
    void thePractitionersPageIsHtmlThatRunsOnlyItsOwnScripts() {
        final Reply reply = get("/practitioner");
        assertEquals(200, reply.status());
        assertTrue(new String(reply.body(), StandardCharsets.UTF_8).startsWith("<!doctype html>"));
        assertTrue(reply.headers().getOrDefault("content-security-policy", "").startsWith("default-src 'self'"));
        assertEquals("no-referrer", reply.headers().get("referrer-policy"));
    }

    @Test
    void nothingOutsideOfTheConsoleIsServed() {
        for (final String path : List.of("/console/../logback.xml", "/console//practitioner.html", "/logback.xml",
            "/console/", "/console/..%2f", "/console/missing.js", "/console/.hidden", "/practitioner.html")) {
            assertEquals(404, get(path).status(), path);
        }
        assertEquals(405, route.handle(new Request("POST", "/practitioner", Map.of(), Map.of(), new byte[0]))
            .status());
    }

    private Reply get(final String path) {
        return route.handle(new Request("GET", path, Map.of(), Map.of(), new byte[0]));
    }
}
