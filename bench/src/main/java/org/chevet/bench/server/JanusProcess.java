package org.chevet.bench.server;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Starts a Janus of the system's package with a configuration of its own, on loopback. */
public final class JanusProcess {
    private static final int SECONDS = 15;
    private static final Path LIBRARIES = Path.of("/usr/lib");

    private JanusProcess() {
    }

    /** True when Janus and its HTTP transport are installed. */
    public static boolean isInstalled() throws IOException {
        return !ServerProcess.find("janus").isEmpty() && !folder("transports", "libjanus_http.so").isEmpty()
            && !folder("plugins", "libjanus_videoroom.so").isEmpty();
    }

    /** What {@code janus --version} says, its first line. */
    public static String version() throws IOException {
        final Process process = new ProcessBuilder("janus", "--version").redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
            .findFirst().orElse("janus");
    }

    /**
     * Starts one: ICE-lite as the relay is, only the VideoRoom and the HTTP interface, everything else as it comes.
     *
     * @param cpus list of cores, "" for any
     */
    public static ServerProcess start(final String cpus) throws IOException, ServerException, InterruptedException {
        final Path folder = Files.createTempDirectory("chevet-janus");
        final int port = ServerProcess.freePort();
        final String plugins = folder("plugins", "libjanus_videoroom.so");
        final String transports = folder("transports", "libjanus_http.so");
        Files.writeString(folder.resolve("janus.jcfg"), String.join("\n",
            "general: {",
            "  configs_folder = \"" + folder + "\"",
            "  plugins_folder = \"" + plugins + "\"",
            "  transports_folder = \"" + transports + "\"",
            "  debug_level = 2",
            "}",
            "nat: { ice_lite = true }",
            "plugins: { disable = \"" + others(plugins, "libjanus_videoroom.so") + "\" }",
            "transports: { disable = \"" + others(transports, "libjanus_http.so") + "\" }",
            "events: { broadcast = false }", ""));
        Files.writeString(folder.resolve("janus.transport.http.jcfg"), String.join("\n",
            "general: { json = \"compact\" base_path = \"/janus\" http = true ip = \"127.0.0.1\" port = " + port
                + " https = false }",
            "admin: { admin_http = false admin_https = false }", ""));
        Files.writeString(folder.resolve("janus.plugin.videoroom.jcfg"), "general: { }\n");
        final JanusServer server = new JanusServer(URI.create("http://127.0.0.1:" + port + "/janus"));
        return ServerProcess.start(server, List.of("janus", "--configs-folder=" + folder,
            "--config=" + folder.resolve("janus.jcfg"), "--disable-colors"), cpus, folder, server::answers, SECONDS);
    }

    /** The folder of this kind that holds a library, as packages lay them: {@code /usr/lib/.../janus/plugins}. */
    private static String folder(final String kind, final String library) throws IOException {
        try (Stream<Path> entries = Files.list(LIBRARIES)) {
            return Stream.concat(Stream.of(LIBRARIES), entries.filter(Files::isDirectory))
                .map(path -> path.resolve("janus").resolve(kind)).filter(path -> Files.exists(path.resolve(library)))
                .findFirst().map(Path::toString).orElse("");
        }
    }

    private static String others(final String folder, final String wanted) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of(folder))) {
            return String.join(",", entries.map(path -> path.getFileName().toString())
                .filter(name -> name.endsWith(".so") && !name.equals(wanted)).sorted().toList());
        }
    }
}
