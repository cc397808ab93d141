package org.chevet.ops.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that publishes or views and says each half second how it goes: of Python in the test resources, or
 * {@link LibwebrtcClient}. Closing it closes its standard input, upon which it takes its leave; one that does not is
 * killed. One test thread.
 */
public final class ForeignClient implements AutoCloseable {
    /** The distribution's Python: another one in PATH does not see the distribution's modules. */
    private static final String PYTHON = "/usr/bin/python3";
    private static final Path SCRIPTS = Path.of("src/test/resources/interop");
    /** Debian's packages of what libwebrtc is linked to. */
    private static final String LIBRARIES = "libpulse0 libudev1 libx11-6 libxfixes3 libxrandr2 libxcomposite1"
        + " libdbus-1-3";
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

    /** The command of a script of the test resources. */
    public static List<String> python(final String script) {
        return List.of(PYTHON, "-B", SCRIPTS.resolve(script).toString());
    }

    /** The command of libwebrtc. */
    public static List<String> libwebrtc() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-Xmx200m", "--enable-native-access=ALL-UNNAMED", "-cp",
            System.getProperty("java.class.path"), LibwebrtcClient.class.getName());
    }

    /** Skips the calling test, with the reason, where libwebrtc does not run. */
    public static void requireLibwebrtc() throws IOException, InterruptedException {
        final String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        Assumptions.assumeTrue(platform.equals("Linux amd64"), "skipped: no native code of libwebrtc for " + platform);
        final List<String> command = new ArrayList<>(libwebrtc());
        command.add(LibwebrtcClient.LOAD);
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        final String said = process.inputReader().lines().collect(Collectors.joining("\n"));
        Assumptions.assumeTrue(process.waitFor() == 0, "skipped: libwebrtc does not load (apt install " + LIBRARIES
            + "): " + said);
    }

    /** Skips the calling test, with the reason, where the modules of a client are not installed. */
    public static void require(final String modules, final String packages) throws IOException, InterruptedException {
        final boolean there = Files.isExecutable(Path.of(PYTHON)) && new ProcessBuilder(PYTHON, "-c", modules)
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        Assumptions.assumeTrue(there, "skipped: no " + packages + " (apt install " + packages + ")");
    }

    /** Starts {@code program}, {@code mode} is publish or view; {@code options} come last. */
    public static ForeignClient start(final List<String> program, final String mode, final String url,
        final String token, final String... options) throws IOException {
        final Path errors = Files.createTempFile("chevet-interop-", ".log");
        final List<String> command = new ArrayList<>(program);
        command.addAll(List.of(mode, url, token));
        command.addAll(List.of(options));
        final Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return new ForeignClient(program.getLast() + " " + mode, process, errors);
    }

    /** Makes {@link LibwebrtcClient} restart ICE, or chat. */
    void act() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /**
     * Reads what the client says until that is as wanted.
     *
     * @throws IllegalStateException with the last words of the client when the time is over or it ended
     */
    public JsonNode await(final Predicate<JsonNode> wanted, final Duration timeout) throws IOException {
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
