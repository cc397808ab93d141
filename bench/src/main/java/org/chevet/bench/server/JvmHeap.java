package org.chevet.bench.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What lives on the heap of a JVM of this machine, by {@code jcmd} of the JDK this runs on. */
public final class JvmHeap {
    /** Size of the heap of a relay that is started here, in MiB. */
    public static final int MEGABYTES = 512;

    private static final Pattern USED = Pattern.compile("(?:ZHeap|heap|generation)\\s.*?used (\\d+)([KM])");
    private static final int SECONDS = 30;
    private static final double KIB = 1024;

    private JvmHeap() {
    }

    /** Bytes that live after a full collection, in steps of what the JVM tells; NaN for what is no JVM. */
    public static double liveBytes(final long pid) throws IOException, InterruptedException {
        if (!isJvm(pid)) {
            return Double.NaN;
        }
        final Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (run(tool, pid, "GC.run").isEmpty()) {
            return Double.NaN;
        }
        return used(run(tool, pid, "GC.heap_info"));
    }

    private static boolean isJvm(final long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "comm")).strip().equals("java");
        } catch (final IOException e) {
            return false; // not told here, or gone
        }
    }

    static double used(final String info) {
        final Matcher matcher = USED.matcher(info);
        return matcher.find()
            ? Long.parseLong(matcher.group(1)) * (matcher.group(2).equals("M") ? KIB * KIB : KIB) : Double.NaN;
    }

    private static String run(final Path tool, final long pid, final String command)
        throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(tool.toString(), Long.toString(pid), command)
            .redirectErrorStream(true).start();
        final String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0 ? words : "";
    }
}
