package org.chevet.ops.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the documents show was run, and what they link to exists. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

    @Test
    @Tag("REQ-O22")
    void theLinesThatEmbedARelayWork() throws Exception {
        final byte[] secret = new byte[32];
        // README begins
        RelayConfig config = RelayConfig.defaults().withTokenKey("main", secret).withPorts(0, 0);
        try (Relay relay = Relay.start(config)) {
            relay.open("consultation-1").toCompletableFuture().join();
            String token = relay.issueToken(new Claims("dr-1", "consultation-1", Role.PRACTITIONER, "Dr Martin",
                Grants.defaultsOf(Role.PRACTITIONER), System.currentTimeMillis() + 3_600_000));
            // Hand the token to the browser: it joins at http://.../practitioner#t=<token>
            // README ends
            assertEquals(3, token.split("\\.", -1).length);
            assertTrue(relay.httpPort() > 0);
        }
    }

    @Test
    void theReadmeShowsThoseLines() throws IOException {
        final List<String> source =
            Files.readAllLines(Path.of("src/test/java/org/chevet/ops/docs/ReadmeTest.java"));
        final int from = indexOf(source, "// README begins");
        final int to = indexOf(source, "// README ends");
        final String shown = source.subList(from + 1, to).stream()
            .map(line -> line.length() < 8 ? line : line.substring(8)).collect(Collectors.joining("\n"));
        final String readme = Files.readString(ROOT.resolve("README.md"));
        assertTrue(readme.contains("```java\n" + shown + "\n}\n```"), shown);
    }

    @Test
    void everyEventOfASessionIsToldInTheDocument() throws IOException {
        final String source = Files.readString(Path.of("src/main/resources/console/chevet.js"));
        final Stream<String> emitted = Pattern.compile("this\\.emit\\('(\\w+)'").matcher(source).results()
            .map(result -> result.group(1));
        final Stream<String> passedOn = Pattern.compile("for \\(const event of \\[([^]]+)]").matcher(source)
            .results().flatMap(list -> Pattern.compile("\\w+").matcher(list.group(1)).results())
            .map(result -> result.group());
        final String document = Files.readString(Path.of("docs/console.md"));
        final String table = document.substring(document.indexOf("## Events of a session"),
            document.indexOf("## Stills"));
        final List<String> events = Stream.concat(emitted, passedOn).distinct().sorted().toList();
        assertTrue(events.containsAll(List.of("warning", "speakers", "chat")), events.toString());
        assertEquals(List.of(), events.stream().filter(event -> !table.contains("`" + event + "`")).toList());
    }

    @Test
    void linksInDocumentsLeadSomewhere() throws IOException {
        int links = 0;
        for (final Path document : List.of(ROOT.resolve("README.md"), ROOT.resolve(".github/CONTRIBUTING.md"),
            Path.of("docs/CHANGELOG.md"), Path.of("docs/configuration.md"))) {
            final Matcher matcher = LINK.matcher(Files.readString(document));
            while (matcher.find()) {
                if (!matcher.group(1).contains("://")) {
                    assertTrue(Files.exists(document.resolveSibling(matcher.group(1))),
                        document + " links to " + matcher.group(1));
                    links++;
                }
            }
        }
        assertTrue(links >= 6, "only " + links + " links");
    }

    @Test
    void decisionsAreNumberedWithoutHolesAndSayWhy() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("docs/adr"))) {
            final List<Path> decisions = files.sorted().toList();
            for (int i = 0; i < decisions.size(); i++) {
                final String text = Files.readString(decisions.get(i));
                final String number = "%04d".formatted(i + 1);
                assertTrue(decisions.get(i).getFileName().toString().startsWith(number + "-"), decisions.toString());
                assertTrue(text.startsWith("# " + number + ". "), text);
                assertTrue(text.contains("\n## Why\n") && text.contains("\n## Decision\n"), text);
            }
            assertFalse(decisions.isEmpty());
        }
    }

    private static int indexOf(final List<String> lines, final String comment) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(comment)) {
                return i;
            }
        }
        throw new AssertionError("no line " + comment);
    }
}
