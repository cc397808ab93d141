package org.chevet.ops.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each client that is said to work has a test of that name. */
class InteropDocumentTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z]+Test)\\.([A-Za-z0-9]+)`");

    @Test
    void everyNamedTestExists() throws IOException {
        final List<MatchResult> named = NAMED.matcher(Files.readString(Path.of("docs/interop.md"))).results().toList();
        assertTrue(named.size() >= 5, "tests named: " + named.size());
        final List<String> missing = new ArrayList<>();
        for (final MatchResult test : named) {
            if (!exists(test.group(1) + ".java", "void " + test.group(2) + "(")) {
                missing.add(test.group());
            }
        }
        assertEquals(List.of(), missing);
    }

    private static boolean exists(final String file, final String method) throws IOException {
        for (final String module : List.of("relay-core", "ops")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src/test/java"))) {
                for (final Path path : files.filter(one -> one.endsWith(file)).toList()) {
                    if (Files.readString(path).contains(method)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
