package org.chevet.ops.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chevet.relay.signal.HttpRoute.Reply;
import org.chevet.relay.signal.HttpRoute.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleRouteTest {
    private static final Path RESOURCES = Path.of("src/main/resources/console");
    private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"#]+)\"|from '\\./([^']+)'");
    private final ConsoleRoute route = new ConsoleRoute();

    @ParameterizedTest
    @CsvSource({"/, text/html; charset=utf-8", "/practitioner, text/html; charset=utf-8",
        "/site, text/html; charset=utf-8", "/console/chevet.js, text/javascript; charset=utf-8",
        "/console/style.css, text/css; charset=utf-8", "/console/logo.svg, image/svg+xml",
        "/console/recordings/circor-40840-mv.wav, audio/wav"})
    void servesPagesAndFilesWithTheirTypeAndSecurityHeaders(final String path, final String type) {
        final Reply reply = get(path, Map.of());
        assertEquals(200, reply.status());
        assertEquals(type, reply.headers().get("content-type"));
        assertEquals("nosniff", reply.headers().get("x-content-type-options"));
        final String policy = reply.headers().getOrDefault("content-security-policy", "");
        assertTrue(policy.contains("default-src 'none'"), policy);
        assertFalse(policy.contains("unsafe"), policy);
        assertTrue(reply.body().length > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/console/nothing.js", "/console/", "/console/recordings", "/logback.xml",
        "/console/../logback.xml", "/console//logo.svg", "/practitioner/", "/console/practitioner", "/console/.hidden",
        "/practitioner.html", "/console/..%2f"})
    void answersNotFoundForWhatIsNotThere(final String path) {
        assertEquals(404, get(path, Map.of()).status());
    }

    @Test
    void answersNotModifiedToTheSameEtagOnly() {
        final String etag = get("/site", Map.of()).headers().getOrDefault("etag", "");
        final Reply same = get("/site", Map.of("if-none-match", etag));
        assertEquals(304, same.status());
        assertEquals(0, same.body().length);
        assertEquals(200, get("/site", Map.of("if-none-match", "\"other\"")).status());
    }

    @Test
    void refusesOtherMethods() {
        final Reply reply = route.handle(new Request("POST", "/site", Map.of(), Map.of(), new byte[0]));
        assertEquals(405, reply.status());
        assertEquals("GET, HEAD", reply.headers().get("allow"));
    }

    @Test
    void everyFileThatAPageOrModuleNamesExistsAndNoneIsElsewhere() throws IOException {
        int links = 0;
        try (Stream<Path> files = Files.list(RESOURCES)) {
            for (final Path file : files.filter(path -> path.toString().matches(".*\\.(html|js)")).toList()) {
                final Matcher matcher = LINK.matcher(Files.readString(file));
                while (matcher.find()) {
                    final String link = matcher.group(1) != null ? matcher.group(1) : "/console/" + matcher.group(2);
                    assertFalse(link.contains("://"), link);
                    assertEquals(200, get(link, Map.of()).status(), file + " names " + link);
                    links++;
                }
            }
        }
        assertTrue(links > 40, "only " + links);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/practitioner", "/site"})
    void pagesHoldNoInlineScriptOrStyle(final String path) {
        final String html = new String(get(path, Map.of()).body(), StandardCharsets.UTF_8);
        assertFalse(Pattern.compile("<script(?![^>]*src=)").matcher(html).find());
        assertFalse(Pattern.compile("\\s(style|on[a-z]+)=\"").matcher(html).find());
    }

    private Reply get(final String path, final Map<String, String> headers) {
        return route.handle(new Request("GET", path, Map.of(), headers, new byte[0]));
    }
}
