package org.chevet.ops.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chevet.ops.docs.InteropTable.Limit;
import org.chevet.ops.docs.InteropTable.Shown;
import org.chevet.ops.interop.Interop;
import org.junit.jupiter.api.Test;

/** The matrix of clients says what the tests show, no more and no less. */
class InteropDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/interop.md");
    private static final Path SOURCES = Path.of("src/test/java");
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z]+Test)\\.([A-Za-z0-9]+)`");

    @Test
    void theMatrixIsWhatTheTestsShow() throws IOException {
        final String document = Files.readString(DOCUMENT);
        assertEquals(InteropTable.replaced(document, InteropTable.matrix(InteropTable.promised(SOURCES))), document,
            "run the tests, then: java ops/src/test/java/org/chevet/ops/docs/InteropTable.java");
    }

    @Test
    void theSourcesAreReadAsTheCompilerReadsThem() throws IOException {
        final JavaClasses tests = new ClassFileImporter().withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("org.chevet.ops");
        final Set<Shown> compiled = new TreeSet<>();
        tests.stream().filter(type -> !type.isNestedClass()).flatMap(type -> type.getMethods().stream())
            .filter(method -> method.isAnnotatedWith(Interop.class)).forEach(method -> {
                final Interop shown = method.getAnnotationOfType(Interop.class);
                for (final String feature : shown.features()) {
                    compiled.add(new Shown(shown.client(), feature,
                        method.getOwner().getSimpleName() + "." + method.getName()));
                }
            });
        assertFalse(compiled.isEmpty());
        assertEquals(compiled, InteropTable.promised(SOURCES));
    }

    @Test
    void featuresAreColumnsAndLimitsAreNotRefutedByATest() throws IOException {
        final Set<Shown> promised = InteropTable.promised(SOURCES);
        for (final Shown one : promised) {
            assertTrue(InteropTable.FEATURES.contains(one.feature()), one.toString());
        }
        for (final Limit limit : InteropTable.LIMITS) {
            assertTrue(InteropTable.FEATURES.contains(limit.feature()), limit.toString());
            assertTrue(promised.stream().anyMatch(one -> one.client().equals(limit.client())), limit.toString());
            assertTrue(promised.stream().noneMatch(one -> one.client().equals(limit.client())
                && one.feature().equals(limit.feature())), limit.toString());
        }
    }

    @Test
    void everyNamedTestExists() throws IOException {
        final List<MatchResult> named = NAMED.matcher(Files.readString(DOCUMENT)).results().toList();
        assertTrue(named.size() >= 5, "tests named: " + named.size());
        final List<String> missing = new ArrayList<>();
        for (final MatchResult test : named) {
            if (!exists(test.group(1) + ".java", "void " + test.group(2) + "(")) {
                missing.add(test.group());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void onlyWhatPassedGetsIntoTheMatrix() {
        final Set<Shown> passed = InteropTable.passed(List.of("A\taudio\tpassed\tOneTest.a",
            "A\tvideo\tskipped\tOneTest.a", "B\tTURN\tfailed\tOneTest.b", "B\taudio\tpassed\tOneTest.b"));
        final String matrix = InteropTable.matrix(passed);
        assertTrue(matrix.contains("\n| A | yes (1) |  |  |  |  |  |  |\n| B | yes (2) |  |  |  |  |  |  |\n"), matrix);
        assertTrue(matrix.endsWith("\nTests:\n\n1. `OneTest.a`\n2. `OneTest.b`\n"), matrix);
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
