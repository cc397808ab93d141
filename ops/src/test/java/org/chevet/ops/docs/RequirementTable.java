package org.chevet.ops.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes {@code ops/docs/requirements.md}, requirement to tests, from the tags in the sources. Run it in the top folder
 * of a clone, without a build: {@code java ops/src/test/java/org/chevet/ops/docs/RequirementTable.java}
 */
final class RequirementTable {
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"REQ-([A-Z]+)(\\d+)\"\\)");
    private static final Pattern METHOD = Pattern.compile("^    (?:(?:public|private|static|final) )*void (\\w+)\\(");
    private static final Pattern TYPE = Pattern.compile("^(?:(?:public|final|abstract) )*class (\\w+)");

    private RequirementTable() {
    }

    /** Writes the file. */
    public static void main(final String[] arguments) throws IOException {
        Files.writeString(Path.of("ops/docs/requirements.md"), markdown(Path.of(".")));
    }

    /** The document over all modules below a folder. */
    static String markdown(final Path root) throws IOException {
        final Map<String, Set<String>> tests =
            new TreeMap<>(Comparator.comparing((String id) -> id.replaceAll("\\d", ""))
                .thenComparing(id -> Integer.parseInt(id.replaceAll("\\D", ""))));
        for (final String module : List.of("codec", "relay-core", "ops", "bench")) {
            final Path folder = root.resolve(module).resolve("src/test/java");
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (final Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    read(file, module, tests);
                }
            }
        }
        final StringBuilder document = new StringBuilder(4096).append("# Requirements and the tests that show them\n\n")
            .append("Made from the tags in the sources; a requirement without a row has no test yet. Written anew by\n")
            .append("`java ops/src/test/java/org/chevet/ops/docs/RequirementTable.java`, and checked by a test.\n\n")
            .append("| requirement | tests |\n| --- | --- |\n");
        tests.forEach((id, names) -> document.append("| ").append(id).append(" | ")
            .append(String.join("<br>", names)).append(" |\n"));
        return document.toString();
    }

    private static void read(final Path file, final String module, final Map<String, Set<String>> tests)
        throws IOException {
        final List<String> pending = new ArrayList<>();
        String type = "";
        for (final String line : Files.readAllLines(file)) {
            final Matcher tag = TAG.matcher(line);
            while (tag.find()) {
                pending.add(tag.group(1) + tag.group(2));
            }
            final Matcher declared = TYPE.matcher(line);
            final Matcher method = METHOD.matcher(line);
            String test = "";
            if (declared.find()) {
                type = declared.group(1);
                test = module + " " + type;
            } else if (method.find()) {
                test = module + " " + type + "." + method.group(1);
            }
            if (!test.isEmpty()) {
                for (final String id : pending) {
                    tests.computeIfAbsent(id, key -> new TreeSet<>()).add(test);
                }
                pending.clear();
            }
        }
    }
}
