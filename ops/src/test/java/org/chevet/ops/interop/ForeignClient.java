package org.chevet.ops.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;

/**
 * A Python program of the test resources that publishes or views, and says each half second how it goes. Closing it
 * closes its standard input, upon which it takes its leave; one that does not is killed. One test thread.
 */
final class ForeignClient implements AutoCloseable {
    /** The distribution's Python: another one in PATH does not see the distribution's modules. */
    private static final String PYTHON = "/usr/bin/python3";
    private static final Path SCRIPTS = Path.of("src/test/resources/interop");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String name;
    private final Process process;
    private final BufferedReader lines;
    private final Path errors;

    private ForeignClient(final String name, final Process process, final Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
        lines = process.inputReader();
    }

    /** Skips the calling test, with the reason, where the modules of a client are not installed. */
    static void require(final String modules, final String packages) throws IOException, InterruptedException {
        final boolean there = Files.isExecutable(Path.of(PYTHON)) && new ProcessBuilder(PYTHON, "-c", modules)
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        Assumptions.assumeTrue(there, "skipped: no " + packages + " (apt install " + packages + ")");
    }

    /** Starts {@code script}, {@code mode} is publish or view. */
    static ForeignClient start(final String script, final String mode, final String url, final String token)
        throws IOException {
        final Path errors = Files.createTempFile("chevet-interop-", ".log");
        final Process process =
            new ProcessBuilder(List.of(PYTHON, "-B", SCRIPTS.resolve(script).toString(), mode, url, token))
                .redirectError(errors.toFile()).start();
        return new ForeignClient(script + " " + mode, process, errors);
    }

    /**
     * Reads what the client says until that is as wanted.
     *
     * @throws IllegalStateException with the last words of the client when the time is over or it ended
     */
    JsonNode await(final Predicate<JsonNode> wanted, final Duration timeout) throws IOException {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        String last = "nothing";
        while (System.nanoTime() < deadlineNs) {
            // It says something each half second, or ends.
            final String line = lines.readLine();
            if (line == null) {
                break;
            }
            last = line;
            if (line.startsWith("{")) {
                final JsonNode said = JSON.readTree(line);
                if (wanted.test(said)) {
                    return said;
                }
            }
        }
        throw new IllegalStateException(name + " last said " + last + "\n" + Files.readString(errors));
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(errors);
    }
}
