package org.chevet.bench.server;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Starts the relay of this build in a JVM of its own, with the options the launcher gives a server. */
public final class RelayProcess {
    private static final String KEY = "load-api-key-of-this-run";
    private static final int SECONDS = 60;
    private static final int OK = 200;
    /** Options of the collector, as in ops/bin/chevet. */
    private static final List<String> COLLECTOR =
        List.of("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=4", "-XX:G1ConcRefinementThreads=0",
            "-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError");
    /** A heap of a fixed size that is resident from the start, so that what else grows can be seen. */
    private static final List<String> HEAP =
        List.of("-Xms" + JvmHeap.MEGABYTES + "m", "-Xmx" + JvmHeap.MEGABYTES + "m", "-XX:+AlwaysPreTouch");

    private RelayProcess() {
    }

    /** Options of a JVM that runs as a server does, with a heap of a fixed size in its notation: {@code 512m}. */
    public static List<String> javaOptions(final String heap) {
        final List<String> options = new ArrayList<>(COLLECTOR);
        options.add("-Xms" + heap);
        options.add("-Xmx" + heap);
        return options;
    }

    /**
     * Starts one.
     *
     * @param host address for HTTP and media
     * @param cpus list of cores, "" for any
     * @param lanes threads that carry media
     * @param prefix words before the command, such as {@code ip netns exec NAME}
     */
    public static ServerProcess start(final String host, final String cpus, final int lanes,
        final List<String> prefix) throws IOException, ServerException, InterruptedException {
        final Path folder = Files.createTempDirectory("chevet-load");
        final int http = ServerProcess.freePort();
        final Path config = folder.resolve("chevet.yaml");
        Files.writeString(config, String.join("\n",
            "http:", "  host: " + host, "  port: " + http,
            "media:", "  hosts: [" + host + "]", "  port: 0", "  lanes: " + lanes,
            "tokens:", "  keys:", "    load: load-token-key-of-this-run-32-bytes",
            "api:", "  keys: [" + KEY + "]",
            "log:", "  level: warn", ""));
        final List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(COLLECTOR);
        command.addAll(HEAP);
        final String more = System.getenv().getOrDefault("CHEVET_JAVA_OPTS", "");
        if (!more.isBlank()) {
            command.addAll(Arrays.asList(more.strip().split("\\s+", -1)));
        }
        command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-cp", absolute(System.getProperty("java.class.path")), "org.chevet.ops.main.Chevet", "serve",
            "--config", config.toString()));
        final URI base = URI.create("http://" + host + ":" + http);
        return ServerProcess.start(new ChevetServer("chevet", base, KEY), command, cpus, folder,
            () -> isReady(base), SECONDS);
    }

    private static String absolute(final String classPath) {
        final List<String> entries = new ArrayList<>();
        for (final String entry : classPath.split(File.pathSeparator, -1)) {
            entries.add(new File(entry).getAbsolutePath());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static boolean isReady(final URI base) {
        try {
            final HttpURLConnection connection =
                (HttpURLConnection) base.resolve("/health/ready").toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(1000);
            final boolean ready = connection.getResponseCode() == OK;
            connection.disconnect();
            return ready;
        } catch (final IOException e) {
            return false; // not up yet
        }
    }
}
