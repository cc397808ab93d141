package org.chevet.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.chevet.bench.report.Machine;
import org.chevet.bench.server.ChevetServer;
import org.chevet.bench.server.RelayProcess;
import org.chevet.bench.server.ServerException;
import org.chevet.bench.server.ServerProcess;
import org.chevet.bench.server.WhipServer;
import org.chevet.bench.socket.Wire;
import org.chevet.ops.demo.ImpairedLink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench/bin/load}: puts a load on a server and says what became of it. */
@Command(name = "load", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Puts real media connections (WHIP, WHEP, ICE, DTLS, SRTP) on a server and measures one-way time, loss, order,"
        + " join time and what the server's process uses.",
    "Scenarios: call, callsN (N two-way calls), fanoutN (1 to N), roomsNx10, joins, idle, growth."})
public final class LoadCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "SCENARIO", description = "What to do; without any, the options below.")
    private List<String> names = List.of();

    @Option(names = "--self", description = "Start the relay of this build, on a core of its own, and load it.")
    private boolean self;

    @Option(names = "--relay", paramLabel = "URL", description = "A running Chevet, with --api-key.")
    private @Nullable URI relay;

    @Option(names = "--api-key", paramLabel = "KEY", description = "Opens consultations and makes tokens.")
    private String apiKey = "";

    @Option(names = "--whip", paramLabel = "URL", description = "Any server: where to publish; {room} and"
        + " {participant} are replaced.")
    private String whip = "";

    @Option(names = "--whep", paramLabel = "URL", description = "Any server: where to receive; {from} too.")
    private String whep = "";

    @Option(names = "--token", paramLabel = "TOKEN", description = "Bearer token for --whip and --whep.")
    private String token = "";

    @Option(names = "--pid", paramLabel = "PID", description = "Process of a server on this machine, to be sampled.")
    private long pid;

    @Option(names = "--quick", description = "Short windows; without scenario: calls20, call, fanout30, joins, idle.")
    private boolean quick;

    @Option(names = "--find-max", description = "Step the video rate up to the highest with loss < 0.1 %% and"
        + " p99 < 10 ms.")
    private boolean findMax;

    @Option(names = "--seconds", paramLabel = "S", description = "Length of a window (default 10, 5 with --quick).")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", description = "Before the first window (default 10, 3).")
    private double warmUp = -1;

    @Option(names = "--windows", paramLabel = "N", description = "Windows per scenario or step (default 3, 1).")
    private int windows;

    @Option(names = "--consultations", paramLabel = "N", description = "Own scenario: consultations.")
    private int consultations = 1;

    @Option(names = "--sites", paramLabel = "N", description = "Publishers in each.")
    private int sites = 1;

    @Option(names = "--subscribers", paramLabel = "N", description = "Receivers of every site in each.")
    private int subscribers = 1;

    @Option(names = "--two-way", description = "Sites receive each other too.")
    private boolean twoWay;

    @Option(names = "--audio-pps", paramLabel = "N", description = "Packets of audio a second (50).")
    private int audioPps = 50;

    @Option(names = "--audio-bytes", paramLabel = "N", description = "Bytes of one, about (120).")
    private int audioBytes = 120;

    @Option(names = "--video-kbps", paramLabel = "N", description = "Rate of video (1500); 0 for none.")
    private long videoKbps = 1500;

    @Option(names = "--fps", paramLabel = "N", description = "Frames a second (30).")
    private int fps = 30;

    @Option(names = "--key-frame-s", paramLabel = "S", description = "A key frame every so often (10).")
    private double keyFrameSeconds = 10;

    @Option(names = "--simulcast", paramLabel = "N", description = "Layers of video, 1 to 3 (1).")
    private int layers = 1;

    @Option(names = "--open", paramLabel = "all|sample", description = "Open every packet, or one of 16 and count"
        + " the others by their headers (all).")
    private String open = "all";

    @Option(names = "--vitals", paramLabel = "N", description = "Devices that publish a 12-lead ECG beside the"
        + " scenario, each heard by one (0).")
    private int devices;

    @Option(names = "--rate", paramLabel = "BIT/S", description = "With --self: a network between load and relay that"
        + " carries so much in each direction, such as 1000k; as root on Linux with iproute2.")
    private @Nullable String rate;

    @Option(names = "--loss", paramLabel = "PERCENT", description = "With --self: that network loses so many packets in"
        + " each direction, at random; with nftables.")
    private double loss;

    @Option(names = "--netem", paramLabel = "WORDS", description = "With --self: that network does this in each"
        + " direction, e.g. \"delay 30ms\"; with a kernel that has sch_netem.")
    private String netem = "";

    @Option(names = "--participants", paramLabel = "N", description = "Of idle (1000, 100 with --quick).")
    private int participants;

    @Option(names = "--join-rate", paramLabel = "N", description = "Joins a second of joins (17).")
    private double joinRate = 17;

    @Option(names = "--server-cpus", paramLabel = "LIST", description = "Cores of a server that is started here"
        + " (the second one, when there are two).")
    private @Nullable String serverCpus;

    @Option(names = "--seed", paramLabel = "N", description = "Of sizes and phases.")
    private long seed = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "Everything as JSON.")
    private @Nullable Path json;

    @Option(names = "--hgrm", paramLabel = "FILE", description = "One-way times, for HdrHistogram's plotters.")
    private @Nullable Path hgrm;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "One-way times by percentile.")
    private @Nullable Path plot;

    /** Runs the command line. */
    public static void main(final String[] args) {
        final CommandLine line = new CommandLine(new LoadCommand());
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof ServerException || failure instanceof IllegalArgumentException
                || failure instanceof IOException) {
                command.getErr().println("load: " + failure.getMessage());
                return FAILED;
            }
            throw failure;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() throws ServerException, InterruptedException, IOException {
        final PrintWriter out = spec.commandLine().getOut();
        try (Closing closing = new Closing()) {
            final Target target = target(closing);
            final boolean openAll = openAll();
            final LoadReport report = new LoadReport(target.server().name(), wire(), opening(openAll));
            out.println("load on " + target.server().name() + ", commit " + Machine.commit() + ", "
                + Machine.description());
            out.println("sockets: " + wire() + "; " + opening(openAll));
            out.flush();
            final Scenarios scenarios = new Scenarios(target, report, new Scenarios.Terms(
                seconds > 0 ? seconds : quick ? 5 : 10, warmUp >= 0 ? warmUp : quick ? 3 : 10,
                windows > 0 ? windows : quick ? 1 : 3, openAll, isImpaired(), seed, devices));
            for (final String name : scenarioNames()) {
                run(scenarios, name);
            }
            out.print(report.text());
            out.flush();
            write(report);
        }
        return 0;
    }

    private List<String> scenarioNames() {
        if (!names.isEmpty()) {
            return names;
        }
        return quick ? List.of("calls20", "call", "fanout30", "joins", "idle") : List.of("own");
    }

    private void run(final Scenarios scenarios, final String name)
        throws ServerException, InterruptedException, IOException {
        switch (name) {
            case "joins" -> scenarios.joins(joinRate, Plan.calls(20));
            case "idle" -> scenarios.idle(participants > 0 ? participants : quick ? 100 : 1000);
            case "growth" -> scenarios.growth(10, quick ? 100 : 500);
            default -> {
                final Plan plan = name.equals("own")
                    ? new Plan("own", consultations, sites, subscribers, twoWay, shape())
                    : Scenarios.plan(name).withShape(shape());
                if (findMax) {
                    scenarios.findMax(plan);
                } else {
                    scenarios.run(plan);
                }
            }
        }
    }

    private MediaShape shape() {
        return new MediaShape(audioPps, audioBytes, videoKbps * 1000, fps, (int) (keyFrameSeconds * 1000), layers);
    }

    private boolean isImpaired() {
        return rate != null || loss != 0 || !netem.isBlank();
    }

    private boolean openAll() {
        return switch (open) {
            case "all" -> true;
            case "sample" -> {
                if (isImpaired()) {
                    throw new IllegalArgumentException("--open sample does not go with a poor network: what comes again"
                        + " must be opened to be counted");
                }
                yield false;
            }
            default -> throw new IllegalArgumentException("--open is all or sample, not " + open);
        };
    }

    private static String opening(final boolean openAll) {
        return (openAll ? "every packet is opened"
            : "one of 16 packets is opened, the others are counted by header") + " (" + LoadLoop.crypto() + ")";
    }

    private static String wire() throws IOException {
        try (Wire wire = Wire.create()) {
            return wire.description();
        }
    }

    private Target target(final Closing closing) throws ServerException, InterruptedException, IOException {
        if (self) {
            String host = "127.0.0.1";
            List<String> prefix = List.of();
            if (isImpaired()) {
                final ImpairedLink.Terms terms =
                    new ImpairedLink.Terms(rate == null ? 0 : ImpairedLink.Terms.rate(rate), loss, netem);
                final ImpairedLink network = ImpairedLink.create(terms);
                closing.add(network::close);
                host = ImpairedLink.FAR;
                prefix = network.prefix();
                spec.commandLine().getOut().println("network: " + terms);
            }
            final ServerProcess started = RelayProcess.start(host,
                serverCpus != null ? serverCpus : ServerProcess.otherCore(), 1, prefix);
            closing.add(started::close);
            return new Target(started.server(), started.pid());
        }
        if (isImpaired()) {
            throw new IllegalArgumentException("--rate, --loss and --netem go with --self only: the server must be"
                + " started behind that network");
        }
        if (relay != null) {
            return new Target(new ChevetServer("chevet", relay, apiKey), pid);
        }
        if (!whip.isEmpty() && !whep.isEmpty()) {
            return new Target(new WhipServer(URI.create(whip).getAuthority(), whip, whep, token), pid);
        }
        throw new IllegalArgumentException("on what? --self, --relay with --api-key, or --whip with --whep");
    }

    private void write(final LoadReport report) throws IOException {
        if (json != null) {
            report.writeJson(json);
        }
        if (hgrm != null) {
            report.writeHgrm(hgrm);
        }
        if (plot != null) {
            report.writePlot(plot);
        }
    }

    /** What has to be ended, the last first. */
    private static final class Closing implements AutoCloseable {
        private final List<Runnable> open = new ArrayList<>();

        void add(final Runnable end) {
            open.add(end);
        }

        @Override
        public void close() {
            open.reversed().forEach(Runnable::run);
        }
    }
}
