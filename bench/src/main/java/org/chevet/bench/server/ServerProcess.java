package org.chevet.bench.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.chevet.bench.report.Machine;

/** A server that the tool started for itself, on a core of its own where that is possible. */
public final class ServerProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 5;
    private static final int TAIL = 12;

    private final MediaServer server;
    private final Process process;
    private final Path folder;
    private final Path log;

    private ServerProcess(final MediaServer server, final Process process, final Path folder, final Path log) {
        this.server = server;
        this.process = process;
        this.folder = folder;
        this.log = log;
    }

    /** Waits until a server answers. */
    @FunctionalInterface
    public interface Probe {
        /** True once it does. */
        boolean answers() throws InterruptedException;
    }

    /**
     * Starts a command and waits until it answers.
     *
     * @param server how to speak to it
     * @param command the program and its arguments
     * @param cpus list of cores for {@code taskset}, "" for any
     * @param folder of its own, deleted at the end
     * @param probe tells when it is up
     * @param seconds at most
     */
    public static ServerProcess start(final MediaServer server, final List<String> command, final String cpus,
        final Path folder, final Probe probe, final int seconds)
        throws IOException, ServerException, InterruptedException {
        final List<String> words = new ArrayList<>();
        if (!cpus.isEmpty()) {
            words.addAll(List.of("taskset", "-c", cpus));
        }
        words.addAll(command);
        final Path log = folder.resolve("log");
        final Process process = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true)
            .redirectOutput(log.toFile()).start();
        final ServerProcess started = new ServerProcess(server, process, folder, log);
        final Thread last = new Thread(process::destroyForcibly, "stop-server");
        Runtime.getRuntime().addShutdownHook(last);
        for (int i = 0; i < seconds * 20; i++) {
            if (!process.isAlive()) {
                throw new ServerException(server.name() + " ended at once: " + started.tail());
            }
            if (probe.answers()) {
                return started;
            }
            Thread.sleep(50);
        }
        final String tail = started.tail();
        started.close();
        throw new ServerException(server.name() + " did not answer within " + seconds + " s: " + tail);
    }

    /** How to speak to it. */
    public MediaServer server() {
        return server;
    }

    /** Its process id; that of the program itself, since {@code taskset} replaces itself. */
    public long pid() {
        return process.pid();
    }

    /** False once it has crashed or ended. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** The last lines it wrote. */
    public String tail() {
        try {
            final List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
        } catch (final IOException e) {
            return "its log cannot be read";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (final IOException e) {
            throw new IllegalStateException("the folder of a server cannot be deleted: " + folder, e);
        }
    }

    /** The core servers get: the last one, when there are two and {@code taskset} is there; "" otherwise. */
    public static String otherCore() {
        final int cores = Machine.cores();
        return cores < 2 || find("taskset").isEmpty() ? "" : Integer.toString(cores - 1);
    }

    /** A TCP port that is free now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The command {@code name} in the PATH or beside it in the folders for administrators; "" when there is none. */
    public static String find(final String name) {
        final String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
        for (final String folder : path.split(":", -1)) {
            final Path file = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isExecutable(file)) {
                return file.toString();
            }
        }
        return "";
    }
}
