package org.chevet.ops.main;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.Secrets;
import org.chevet.ops.config.ServerConfig;
import org.chevet.ops.demo.DemoSite;
import org.chevet.ops.demo.ImpairedLink;
import org.chevet.relay.consultation.EndToEndPolicy;
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

    @Spec
    private CommandSpec spec;

    @Option(names = "--headless-check", paramLabel = "SECONDS",
        description = "Receive it all for so long without a screen, compare every sample with the recordings, print one"
            + " JSON line; exit code 0 only if all flowed and nothing was lost.")
    private @Nullable Integer seconds;

    @Option(names = "--netem", paramLabel = "RATE,LOSS%",
        description = "Put the practitioner behind a network that carries so much and loses so many packets each way,"
            + " such as 128k,10%%: video yields, device data does not. As root on Linux, with iproute2 and nftables.")
    private @Nullable String netem;

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
        if (netem == null) {
            return run(config, null);
        }
        try (ImpairedLink link = ImpairedLink.create(terms(netem))) {
            return run(config.withHost(ImpairedLink.NEAR), link);
        } catch (final IOException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private ImpairedLink.Terms terms(final String text) {
        try {
            return ImpairedLink.Terms.parse(text);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--netem: " + e.getMessage(), e);
        }
    }

    private int run(final ServerConfig config, final @Nullable ImpairedLink link)
        throws InterruptedException, IOException {
        final Server server = Server.start(config);
        boolean stopped = false;
        try {
            final Links links = Links.open(server, CONSULTATION, EndToEndPolicy.REQUIRED);
            final DemoSite site = DemoSite.start(server.address(), CONSULTATION,
                links.token(DemoSite.SCOPE, Role.DEVICE, "Ultrasound (recorded)"),
                links.token(DemoSite.GATEWAY, Role.DEVICE, "Monitor (recorded and simulated)"), links.secret());
            if (seconds != null) {
                try (site) {
                    return check(server, links, seconds, link);
                }
            }
            final PrintWriter out = spec.commandLine().getOut();
            show(server, config, links, out);
            if (link != null) {
                showLink(link, out);
            }
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

    private int check(final Server server, final Links links, final int forSeconds,
        final @Nullable ImpairedLink link) throws IOException, InterruptedException {
        final String token = links.token("headless", Role.PRACTITIONER, "Headless practitioner");
        final PrintWriter out = spec.commandLine().getOut();
        if (link == null) {
            return PractitionerCommand.check(server.address(), CONSULTATION, token, links.secret(), forSeconds, false,
                out);
        }
        final List<String> command = new ArrayList<>(link.prefix());
        command.add(System.getProperty("java.home") + "/bin/java");
        // What this JVM was allowed to do, the practitioner's has to be as well.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(option -> option.startsWith("--"))
            .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Chevet.class.getName(),
            "demo-practitioner", "--relay", server.address().http("/").toString(), "--consultation", CONSULTATION,
            "--token", token, "--key", links.secret(), "--seconds", Integer.toString(forSeconds), "--video-may-yield"));
        final Process practitioner =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = practitioner.inputReader()) {
            lines.lines().forEach(out::println);
            out.flush();
            return practitioner.waitFor();
        } finally {
            practitioner.destroyForcibly();
        }
    }

    private static void showLink(final ImpairedLink link, final PrintWriter out) throws IOException {
        out.println();
        out.println("This machine reaches the server well. A program behind the poor network starts with");
        out.println("  " + String.join(" ", link.prefix()) + " COMMAND");
        out.flush();
    }

    private static void show(final Server server, final ServerConfig config, final Links links,
        final PrintWriter out) {
        ServeCommand.banner(server, config, out);
        out.println();
        out.println("A site is in the consultation and plays real recordings: lung ultrasound, a 12-lead ECG,");
        out.println("a monitor's ECG, a heart sound with a murmur; measurements are simulated. All of it is encrypted");
        out.println("from end to end: the key is in the links, and the server does not have it.");
        out.println();
        out.println("Open one of these in a browser on this machine:");
        links.print(out);
        out.println();
        out.println("Ctrl-C stops it.");
        out.flush();
    }
}
