package org.chevet.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * House style of the whole repository, so that no review has to speak of it. Runs in the first module, reads all
 * of them.
 */
class TidyTest {
    private static final int MAX_LINE = 120;
    private static final int MAX_LINES = 800;
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> MODULES = List.of("codec", "relay-core", "ops", "bench");
    private static final List<String> SUFFIXES = List.of(".java", ".js", ".mjs", ".css", ".html", ".xml", ".sh");
    private static final Set<String> BANNED_PACKAGES =
        Set.of("util", "utils", "common", "misc", "impl", "helper", "helpers");
    private static final Set<String> TOP_LEVEL =
        Set.of("relay-core", "codec", "bench", "ops", "pom.xml", "README.md", "LICENSE");

    /** What must not stand in Java source, and what to write instead. This file is the only one that may name them. */
    private static final Map<String, String> BANNED = new TreeMap<>(Map.of(
        "FIX" + "ME", "fix it, or open an issue and leave no mark",
        "TO" + "DO", "do it, or open an issue and leave no mark",
        "System.out.pr" + "int", "a logger; the command line prints through its own writer",
        "System.err.pr" + "int", "a logger; the command line prints through its own writer",
        ".printStack" + "Trace(", "log it with its context",
        "@Suppress" + "Warnings(\"all\")", "name the one warning and say why",
        "new Ran" + "dom()", "a seeded generator that comes in as an argument"));

    /** Sleeping is a test of the real network's privilege; everything else has virtual time. */
    private static final String SLEEP = "Thread.sl" + "eep(";
    private static final List<String> MAY_SLEEP = List.of("/ops/", "/bench/",
        // The one place where tests wait for real sockets and threads.
        "relay-core/src/test/java/org/chevet/relay/net/Await.java",
        // Blocks the caller's own thread until an acknowledgement comes, as its name says.
        "relay-core/src/main/java/org/chevet/relay/client/VitalsPublisher.java");

    @Test
    void sourcesAreTidy() throws IOException {
        final List<String> faults = new ArrayList<>();
        int files = 0;
        for (final Path file : sources()) {
            final String name = ROOT.relativize(file).toString();
            final List<String> lines = Files.readAllLines(file);
            files++;
            if (lines.size() > MAX_LINES) {
                faults.add(name + ": " + lines.size() + " lines, at most " + MAX_LINES + ": split it by subject");
            }
            for (int i = 0; i < lines.size(); i++) {
                checkLine(faults, name, i + 1, lines.get(i));
            }
            for (final Path part : ROOT.relativize(file).getParent()) {
                if (BANNED_PACKAGES.contains(part.toString())) {
                    faults.add(name + ": a package is named for its subject, not '" + part + "'");
                }
            }
        }
        assertTrue(files > 10, "found only " + files + " source files under " + ROOT);
        assertEquals("", String.join("\n", faults));
    }

    @Test
    void topLevelHoldsWhatTheDesignNames() throws IOException {
        final List<String> strangers = new ArrayList<>();
        try (Stream<Path> entries = Files.list(ROOT)) {
            entries.map(path -> path.getFileName().toString())
                .filter(name -> !name.startsWith(".") && !TOP_LEVEL.contains(name))
                .forEach(strangers::add);
        }
        assertEquals(List.of(), strangers);
    }

    private static void checkLine(final List<String> faults, final String name, final int number, final String line) {
        final String where = name + ":" + number + ": ";
        if (line.length() > MAX_LINE && !line.contains("http://") && !line.contains("https://")) {
            faults.add(where + line.length() + " columns, at most " + MAX_LINE);
        }
        if (line.indexOf('\t') >= 0) {
            faults.add(where + "tab: indent with spaces");
        }
        if (!line.equals(line.stripTrailing())) {
            faults.add(where + "white space at the end");
        }
        if (name.endsWith(".java") && !name.endsWith("/TidyTest.java")) {
            BANNED.forEach((banned, instead) -> {
                if (line.contains(banned)) {
                    faults.add(where + "'" + banned + "': " + instead);
                }
            });
            if (line.contains(SLEEP) && MAY_SLEEP.stream().noneMatch(("/" + name)::contains)) {
                faults.add(where + "'" + SLEEP + "': virtual time, or a deadline that is polled");
            }
        }
    }

    private static List<Path> sources() throws IOException {
        final List<Path> files = new ArrayList<>();
        for (final String module : MODULES) {
            try (Stream<Path> walk = Files.walk(ROOT.resolve(module))) {
                walk.filter(path -> SUFFIXES.stream().anyMatch(path.toString()::endsWith))
                    .filter(path -> !path.toString().contains("/target/"))
                    .filter(path -> !path.toString().contains("/node_modules/"))
                    .filter(Files::isRegularFile).forEach(files::add);
            }
        }
        return files;
    }
}
