package org.chevet.ops.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes how each test with {@link Interop} ended into {@code target/interop.tsv}: client, feature, passed, failed or
 * skipped, and the test, a line each. Lines of tests that do not run this time stay, so that a build may have several
 * runs. The launcher finds this class by its service file and calls it on one thread.
 */
public final class InteropReport implements TestExecutionListener {
    private static final Path FILE = Path.of("target/interop.tsv");
    private static final String SKIPPED = "skipped";

    private final Path file;
    /** Outcome by client, feature and test. */
    private final Map<String, String> outcomes = new TreeMap<>();
    private TestPlan plan;

    /** For the service loader. */
    public InteropReport() {
        this(FILE);
    }

    /** Writes into another file. */
    InteropReport(final Path file) {
        this.file = file;
    }

    @Override
    public void testPlanExecutionStarted(final TestPlan started) {
        plan = started;
        outcomes.clear();
        try {
            if (Files.exists(file)) {
                for (final String line : Files.readAllLines(file)) {
                    final String[] cells = line.split("\t", -1);
                    outcomes.put(key(cells[0], cells[1], cells[3]), cells[2]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void executionSkipped(final TestIdentifier identifier, final String reason) {
        ended(identifier, SKIPPED);
    }

    @Override
    public void executionFinished(final TestIdentifier identifier, final TestExecutionResult result) {
        if (identifier.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            ended(identifier, switch (result.getStatus()) {
                case SUCCESSFUL -> "passed";
                case ABORTED -> SKIPPED;
                case FAILED -> "failed";
            });
        }
    }

    /** Notes it for a test, or for each test of a class whose set-up or tear-down ended so. */
    private void ended(final TestIdentifier identifier, final String outcome) {
        final Map<String, String> before = Map.copyOf(outcomes);
        note(identifier, outcome);
        plan.getDescendants(identifier).forEach(test -> note(test, outcome));
        if (!outcomes.equals(before)) {
            write();
        }
    }

    private void note(final TestIdentifier identifier, final String outcome) {
        if (identifier.getSource().orElse(null) instanceof MethodSource source) {
            final Method method = source.getJavaMethod();
            final Interop shown = method.getAnnotation(Interop.class);
            if (shown != null) {
                final String test = method.getDeclaringClass().getSimpleName() + "." + method.getName();
                for (final String feature : shown.features()) {
                    outcomes.put(key(shown.client(), feature, test), outcome);
                }
            }
        }
    }

    private void write() {
        final StringBuilder text = new StringBuilder();
        outcomes.forEach((key, outcome) -> {
            final String[] cells = key.split("\t", -1);
            text.append(String.join("\t", cells[0], cells[1], outcome, cells[2])).append('\n');
        });
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String key(final String client, final String feature, final String test) {
        return client + "\t" + feature + "\t" + test;
    }
}
