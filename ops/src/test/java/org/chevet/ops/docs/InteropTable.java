package org.chevet.ops.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the matrix of {@code ops/docs/interop.md}, client by feature, from the report that the tests leave in
 * {@code ops/target/interop.tsv}. Run it in the top folder of a clone, after the tests, without a build:
 * {@code java ops/src/test/java/org/chevet/ops/docs/InteropTable.java}
 */
final class InteropTable {
    /** Columns. */
    static final List<String> FEATURES =
        List.of("audio", "video", "simulcast", "data channel", "ICE restart", "TCP only", "TURN");
    /** What a client cannot do by itself, whatever the server does. */
    static final List<Limit> LIMITS = List.of(
        new Limit("aiortc", "simulcast", "aiortc 1.4 sends one encoding of a track"),
        new Limit("aiortc", "ICE restart", "aiortc 1.4 has none"),
        new Limit("aiortc", "TCP only", "aiortc 1.4 takes UDP candidates only"),
        new Limit("whip-whep 1.2 (npm)", "ICE restart",
            "it joins the candidates of the relay's answer by commas, and the browser refuses that"));
    private static final String BEGIN = "<!-- matrix begins -->\n";
    private static final String END = "<!-- matrix ends -->\n";
    private static final Pattern SHOWN =
        Pattern.compile("@Interop\\(client = \"([^\"]+)\",\\s+features = (\\{[^}]*}|\"[^\"]*\")\\)");
    private static final Pattern LITERAL = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern METHOD = Pattern.compile("\\n    void (\\w+)\\(");
    private static final String PASSED = "passed";

    /** One cell is shown by one test. */
    record Shown(String client, String feature, String test) implements Comparable<Shown> {
        @Override
        public int compareTo(final Shown other) {
            return (client + "\t" + feature + "\t" + test).compareToIgnoreCase(
                other.client + "\t" + other.feature + "\t" + other.test);
        }
    }

    /** A cell that stays empty, and why. */
    record Limit(String client, String feature, String reason) {
    }

    private InteropTable() {
    }

    /**
     * Writes the file.
     *
     * @throws IllegalStateException when a test that is to show something did not pass in the report
     */
    public static void main(final String[] arguments) throws IOException {
        final Path report = Path.of("ops/target/interop.tsv");
        if (!Files.exists(report)) {
            throw new IllegalStateException("no " + report + ": run the tests first");
        }
        final Set<Shown> promised = promised(Path.of("ops/src/test/java"));
        final Set<Shown> passed = passed(Files.readAllLines(report));
        final List<Shown> missing = promised.stream().filter(one -> !passed.contains(one)).toList();
        if (!missing.isEmpty()) {
            throw new IllegalStateException("these did not pass in " + report + ": " + missing);
        }
        passed.retainAll(promised);
        final Path document = Path.of("ops/docs/interop.md");
        Files.writeString(document, replaced(Files.readString(document), matrix(passed)));
    }

    /** What the annotations in the sources below a folder say that tests show. */
    static Set<Shown> promised(final Path folder) throws IOException {
        final Set<Shown> promised = new TreeSet<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (final Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                final String source = Files.readString(file);
                final String type = Objects.requireNonNull(file.getFileName()).toString().replace(".java", "");
                final Matcher shown = SHOWN.matcher(source);
                final Matcher method = METHOD.matcher(source);
                while (shown.find()) {
                    if (!method.find(shown.end())) {
                        throw new IllegalStateException("no test after " + shown.group());
                    }
                    LITERAL.matcher(shown.group(2)).results().forEach(feature -> promised.add(
                        new Shown(shown.group(1), feature.group(1), type + "." + method.group(1))));
                }
            }
        }
        return promised;
    }

    /** What passed by the lines of a report. */
    static Set<Shown> passed(final List<String> report) {
        return report.stream().map(line -> line.split("\t", -1)).filter(cells -> cells[2].equals(PASSED))
            .map(cells -> new Shown(cells[0], cells[1], cells[3])).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The matrix, the tests it counts and the reasons, as Markdown. */
    static String matrix(final Collection<Shown> shown) {
        final List<String> tests = new ArrayList<>(new TreeSet<>(shown.stream().map(Shown::test).toList()));
        final StringBuilder text = new StringBuilder(2048).append("| client | ").append(String.join(" | ", FEATURES))
            .append(" |\n|---|").append("---|".repeat(FEATURES.size())).append('\n');
        final Set<String> clients = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        shown.forEach(one -> clients.add(one.client()));
        final List<String> reasons = new ArrayList<>();
        for (final String client : clients) {
            text.append("| ").append(client).append(" |");
            for (final String feature : FEATURES) {
                text.append(' ').append(cell(client, feature, shown, tests, reasons)).append(" |");
            }
            text.append('\n');
        }
        text.append("\nTests:\n\n");
        for (int i = 0; i < tests.size(); i++) {
            text.append(i + 1).append(". `").append(tests.get(i)).append("`\n");
        }
        if (!reasons.isEmpty()) {
            text.append("\nWhat clients cannot do by themselves:\n\n");
            reasons.forEach(reason -> text.append("- ").append(reason).append('\n'));
        }
        return text.toString();
    }

    /** The document with another matrix. */
    static String replaced(final String document, final String matrix) {
        return document.substring(0, document.indexOf(BEGIN) + BEGIN.length()) + matrix
            + document.substring(document.indexOf(END));
    }

    private static String cell(final String client, final String feature, final Collection<Shown> shown,
        final List<String> tests, final List<String> reasons) {
        final String numbers = shown.stream()
            .filter(one -> one.client().equals(client) && one.feature().equals(feature))
            .map(one -> String.valueOf(tests.indexOf(one.test()) + 1)).collect(Collectors.joining(", "));
        if (!numbers.isEmpty()) {
            return "yes (" + numbers + ")";
        }
        for (final Limit limit : LIMITS) {
            if (limit.client().equals(client) && limit.feature().equals(feature)) {
                reasons.add(client + ", " + feature + ": " + limit.reason() + ".");
                return "-";
            }
        }
        return "";
    }
}
