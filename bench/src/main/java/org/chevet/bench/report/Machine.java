package org.chevet.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a figure was measured on: figures without it mean nothing. */
public final class Machine {
    private static final long GIT_SECONDS = 5;

    private Machine() {
    }

    /** Kind of processor, number of cores, kernel, Java; no names of hosts. */
    public static String description() {
        return Runtime.getRuntime().availableProcessors() + " of " + cores() + " cores to this JVM, " + processor()
            + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
            + Runtime.version().feature();
    }

    /** Cores of the machine, whatever this process may use. */
    public static int cores() {
        try {
            return (int) Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("processor")).count();
        } catch (final IOException e) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst()
                .orElse(System.getProperty("os.arch", ""));
        } catch (final IOException e) {
            return System.getProperty("os.arch", "");
        }
    }

    /** The commit of the clone this runs from, with a plus sign when files were changed; "unknown" otherwise. */
    public static String commit() {
        final String root = System.getProperty("chevet.root", "");
        if (root.isEmpty()) {
            return "unknown";
        }
        final String hash = git(root, "rev-parse", "--short", "HEAD");
        if (hash.isEmpty()) {
            return "unknown";
        }
        return git(root, "status", "--porcelain").isEmpty() ? hash : hash + "+";
    }

    private static String git(final String root, final String... words) {
        final String[] command = new String[words.length + 3];
        command[0] = "git";
        command[1] = "-C";
        command[2] = root;
        System.arraycopy(words, 0, command, 3, words.length);
        try {
            final Process process = new ProcessBuilder(command).redirectErrorStream(false).start();
            final String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(GIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0 ? out : "";
        } catch (final IOException e) {
            return ""; // git is not installed
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
