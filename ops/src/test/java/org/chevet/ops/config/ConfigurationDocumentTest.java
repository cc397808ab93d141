package org.chevet.ops.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The documentation says what the code does. */
class ConfigurationDocumentTest {
    private static final Path EXAMPLE = Path.of("deploy/chevet.example.yaml");

    @Test
    void theDocumentHoldsTheTableOfTheCode() throws IOException {
        final String document = Files.readString(Path.of("docs/configuration.md"));
        assertTrue(document.contains(Settings.markdown()),
            "ops/docs/configuration.md is not up to date; 'ops/bin/chevet config keys' prints\n" + Settings.markdown());
    }

    @Test
    void theExampleLoadsAndGivesTheDefaults() throws IOException {
        final String text = Files.readString(EXAMPLE);
        final ServerConfig example = ConfigReader.read("chevet.example.yaml", text, Map.of(), true);
        final ServerConfig defaults = ConfigReader.read("", "", Map.of(), true);
        assertEquals(defaults.relay().toString(), example.relay().toString());
        assertEquals(defaults.drainSeconds(), example.drainSeconds());
    }

    @Test
    void theExampleNamesEveryKey() throws IOException {
        final String text = Files.readString(EXAMPLE);
        // Keys without a useful default stand there as a comment: read them too.
        final String all = text.lines().map(line -> line.replaceFirst("^( *)#:", "$1"))
            .collect(Collectors.joining("\n"));
        final var named = new TreeSet<>(YamlValues.read("chevet.example.yaml", all).keySet());
        final var known = new TreeSet<String>();
        Settings.all().forEach(setting -> known.add(setting.path()));
        assertEquals(known, named);
    }
}
