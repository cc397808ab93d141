package org.chevet.ops.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.Secrets;
import org.chevet.ops.config.ServerConfig;
import org.chevet.ops.demo.DemoSite;
import org.chevet.ops.demo.HeadlessPractitioner;
import org.chevet.relay.consultation.Role;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code chevet demo}: a live consultation on this machine with recorded patients, no camera needed. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Start a server on this machine alone, with a site that plays real recordings.")
final class DemoCommand implements Callable<Integer> {
    private static final String CONSULTATION = "demo";
    private static final int MAX_SECONDS = 3_600;
    private static final long SECOND_MS = 1_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--headless-check", paramLabel = "SECONDS",
        description = "Receive it all for so long without a screen, compare every sample with the recordings, print one"
            + " JSON line; exit code 0 only if all flowed and nothing was lost.")
    private @Nullable Integer seconds;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (seconds != null && (seconds < 1 || seconds > MAX_SECONDS)) {
            throw new ParameterException(spec.commandLine(), "--headless-check is " + seconds
                + ": accepted is a whole number of seconds from 1 to " + MAX_SECONDS);
        }
        ServerConfig config = ConfigReader.load(null, true).withKeys(Map.of("demo", Secrets.random()), List.of());
        if (seconds != null) {
            // A check beside a running server must not need its ports.
            config = config.withPorts(0, 0);
        }
        final Server server = Server.start(config);
        boolean stopped = false;
        try {
            final Links links = Links.open(server, CONSULTATION);
            final DemoSite site = DemoSite.start(server.address(), CONSULTATION,
                links.token("ultrasound", Role.DEVICE, "Ultrasound (recorded)"),
                links.token("gateway", Role.DEVICE, "Monitor (recorded and simulated)"));
            if (seconds != null) {
                try (site) {
                    return check(server, links, seconds);
                }
            }
            final PrintWriter out = spec.commandLine().getOut();
            show(server, config, links, out);
            Runtime.getRuntime().addShutdownHook(new Thread(site::close, "demo-stop"));
            stopped = true;
            ServeCommand.untilStopped(server, true);
            return 0;
        } catch (final IOException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        } finally {
            if (!stopped) {
                server.close();
            }
        }
    }

    private int check(final Server server, final Links links, final int forSeconds)
        throws IOException, InterruptedException {
        try (HeadlessPractitioner practitioner = HeadlessPractitioner.join(server.address(), CONSULTATION,
            links.token("headless", Role.PRACTITIONER, "Headless practitioner"))) {
            Thread.sleep(forSeconds * SECOND_MS);
            final HeadlessPractitioner.Report report = practitioner.report();
            spec.commandLine().getOut().println(report.json());
            spec.commandLine().getOut().flush();
            return report.ok() ? 0 : Chevet.FAILED;
        }
    }

    private static void show(final Server server, final ServerConfig config, final Links links,
        final PrintWriter out) {
        ServeCommand.banner(server, config, out);
        out.println();
        out.println("A site is in the consultation and plays real recordings: lung ultrasound, a 12-lead ECG,");
        out.println("a monitor's ECG, a heart sound with a murmur; measurements are simulated.");
        out.println();
        out.println("Open one of these in a browser on this machine:");
        links.print(out);
        out.println();
        out.println("Ctrl-C stops it.");
        out.flush();
    }
}
