package org.chevet.ops.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.ServerConfig;
import org.chevet.ops.config.Settings;
import org.chevet.relay.api.RelayConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chevet config}: what the settings are and whether they are good. */
@Command(name = "config", description = "Check a configuration, or list every key.")
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code chevet config check}: exit code 0 and what a server would do, or 2 and what is wrong. */
    @Command(name = "check", mixinStandardHelpOptions = true,
        description = "Read file and environment as 'serve' would, and show what comes of it, without secrets.")
    int check(@Option(names = "--config", paramLabel = "FILE", description = "The file (YAML).")
        final @Nullable Path file,
        @Option(names = "--dev", description = "As 'serve --dev': loopback only, keys may be missing.")
        final boolean dev) {
        final ServerConfig config = ConfigReader.load(file, dev);
        final PrintWriter out = spec.commandLine().getOut();
        config.warnings().forEach(warning -> spec.commandLine().getErr().println("chevet: " + warning));
        describe(config, out);
        return 0;
    }

    /** {@code chevet config keys}: the table of the documentation. */
    @Command(name = "keys", mixinStandardHelpOptions = true, description = "Print every key as a Markdown table.")
    int keys() {
        spec.commandLine().getOut().print(Settings.markdown());
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static void describe(final ServerConfig config, final PrintWriter out) {
        final RelayConfig relay = config.relay();
        out.println("The configuration is good.");
        out.println("  HTTP       " + relay.httpHost() + " port " + port(relay.httpPort())
            + (config.consoleEnabled() ? ", with console" : ", without console")
            + (config.metricsEnabled() ? ", with /metrics" : ", without /metrics"));
        out.println("  media      " + String.join(", ", relay.mediaHosts()) + " UDP " + mediaPorts(relay) + ", "
            + relay.lanes() + (relay.lanes() == 1 ? " lane" : " lanes"));
        relay.announced().forEach((local, outside) -> out.println("  NAT 1:1    " + local + " is seen as " + outside));
        out.println("  token keys " + (relay.tokenKeys().isEmpty() ? "none"
            : String.join(", ", relay.tokenKeys().keySet().stream().sorted().toList())));
        out.println("  API keys   " + relay.apiKeys().size());
        out.println("  limits     " + relay.maxConsultations() + " consultations, " + relay.maxParticipants()
            + " participants each");
        out.println("  stop       waits at most " + config.drainSeconds() + " s for consultations to finish");
    }

    /** Ports of the lanes for people: "10000 to 10003". */
    static String mediaPorts(final RelayConfig relay) {
        return relay.mediaPort() == 0 ? "any free ports"
            : relay.lanes() == 1 ? "port " + relay.mediaPort()
            : "ports " + relay.mediaPort() + " to " + (relay.mediaPort() + relay.lanes() - 1);
    }

    private static String port(final int port) {
        return port == 0 ? "any free one" : String.valueOf(port);
    }
}
