package org.chevet.ops.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.Secrets;
import org.chevet.ops.config.ServerConfig;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Role;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chevet serve}: the server. */
@Command(name = "serve", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Run a server until it is stopped; SIGTERM lets consultations finish first.")
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE",
        description = "Settings (YAML); the environment overrides them.")
    private @Nullable Path file;

    @Option(names = "--dev",
        description = "Loopback only, with keys for this run, an open consultation and a link per role.")
    private boolean dev;

    @Override
    public Integer call() throws InterruptedException {
        final ServerConfig read = ConfigReader.load(file, dev);
        final Map<String, String> made = dev ? Map.of("dev", Secrets.random()) : Map.of();
        final String apiKey = dev ? Secrets.random() : "";
        final ServerConfig config = dev ? read.withKeys(made, List.of(apiKey)) : read;
        final Server server = Server.start(config);
        final PrintWriter out = spec.commandLine().getOut();
        banner(server, config, out);
        if (dev) {
            keys(made, apiKey, out);
            // Pages encrypt, by the key in their links; a gateway or a program that is tried out may not.
            final Links links = Links.open(server, "dev", EndToEndPolicy.ALLOWED);
            out.println("Consultation \"dev\" is open:");
            links.print(out);
            out.println("  Gateway with devices (token for WHIP and vitals)");
            out.println("    " + links.token("gateway", Role.DEVICE, "Gateway"));
        }
        out.println();
        out.println("Ctrl-C stops it.");
        out.flush();
        untilStopped(server, dev);
        return 0;
    }

    static void banner(final Server server, final ServerConfig config, final PrintWriter out) {
        final String scheme = config.relay().reach().isSecure() ? " (HTTPS)" : " (HTTP)";
        out.println("Chevet " + VersionCommand.version() + " listens on " + config.relay().httpHost() + " port "
            + server.relay().httpPort() + scheme + " and on " + String.join(", ", config.relay().mediaHosts()) + " UDP "
            + ConfigCommand.mediaPorts(config.relay()) + " (media).");
    }

    private static void keys(final Map<String, String> made, final String apiKey, final PrintWriter out) {
        out.println();
        out.println("Keys of this run:");
        made.forEach((id, secret) -> out.println("  token key  " + id + "=" + secret));
        out.println("  API key    " + apiKey);
        out.println();
    }

    /** Waits for SIGTERM or Ctrl-C; then the server is drained, or closed at once when it only serves to try. */
    static void untilStopped(final Server server, final boolean atOnce) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (atOnce) {
                server.close();
                return;
            }
            try {
                server.drain();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "stop"));
        new CountDownLatch(1).await();
    }
}
