package org.chevet.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.chevet.bench.report.Machine;
import org.chevet.bench.server.ForwarderServer;
import org.chevet.bench.server.JanusProcess;
import org.chevet.bench.server.JvmHeap;
import org.chevet.bench.server.MediaServer;
import org.chevet.bench.server.ProcessSample;
import org.chevet.bench.server.RelayProcess;
import org.chevet.bench.server.ServerException;
import org.chevet.bench.server.ServerProcess;
import org.chevet.bench.server.WhipServer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench/bin/peers}: the same load on several servers in turn, each on the same core, in one run. */
@Command(name = "peers", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Puts the same load on the relay, on Janus (VideoRoom) and on a bare forwarder without cryptography, in turn and"
        + " several times, each on the same core, the load on another; prints what each costs per forwarded packet,"
        + " and the ratios."})
public final class PeersCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final double MOST_LOSS = 0.001;
    private static final double MOST_MS = 10;
    /** A load the slowest peer carries, to begin the search with: rooms10x10 as it is are about 22 k packets/s. */
    private static final double SATURATION_START = 0.6;

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "Two minutes: calls20, call, fanout30, one short window each.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "Times each server has its turn (default 3, 1).")
    private int rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "Length of a window (default 15, 4).")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", description = "Before each window (default 5, 2).")
    private double warmUp = -1;

    @Option(names = "--settle", paramLabel = "S", description = "Calls on every server before anything is measured"
        + " (default 20, 4).")
    private double settle = -1;

    @Option(names = "--scenarios", split = ",", paramLabel = "NAME", description = "callsN, call, fanoutN, roomsNx10"
        + " and saturation (default calls20,call,fanout30,saturation; the first three with --quick).")
    private List<String> scenarios = List.of();

    @Option(names = "--servers", split = ",", paramLabel = "NAME", description = "Of chevet, janus, bare.")
    private List<String> names = List.of("chevet", "janus", "bare");

    @Option(names = "--server", paramLabel = "NAME=WHIP,WHEP[,PID]", description = "Another server that runs on this"
        + " machine, by its addresses: {room}, {participant} and {from} are replaced.")
    private List<String> others = List.of();

    @Option(names = "--server-cpus", paramLabel = "LIST", description = "Cores of servers (the last one).")
    private @Nullable String serverCpus;

    @Option(names = "--seed", paramLabel = "N", description = "Of sizes and phases.")
    private long seed = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "Everything as JSON.")
    private @Nullable Path json;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "CPU per packet as bars.")
    private @Nullable Path plot;

    @Option(names = "--latency-plot", paramLabel = "FILE.svg", description = "One-way times of the calls.")
    private @Nullable Path latencyPlot;

    /** Runs the command line. */
    public static void main(final String[] args) {
        final CommandLine line = new CommandLine(new PeersCommand());
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof ServerException || failure instanceof IllegalArgumentException
                || failure instanceof IOException) {
                command.getErr().println("peers: " + failure.getMessage());
                return FAILED;
            }
            throw failure;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() throws ServerException, InterruptedException, IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final List<String> notes = new ArrayList<>();
        final Map<String, ServerProcess> started = new LinkedHashMap<>();
        try {
            final List<Target> targets = targets(started, notes);
            final PeersReport report = new PeersReport(targets.stream().map(target -> target.server().name()).toList(),
                notes, LoadLoop.crypto());
            out.println("peers: commit " + Machine.commit() + ", " + Machine.description());
            out.flush();
            settle(targets);
            for (final String scenario : scenarioNames()) {
                if (scenario.equals("saturation")) {
                    saturation(targets, report);
                } else {
                    for (int round = 0; round < (rounds > 0 ? rounds : quick ? 1 : 3); round++) {
                        for (final Target target : targets) {
                            turn(target, Scenarios.plan(scenario), report);
                        }
                    }
                }
            }
            out.print(report.text());
            out.flush();
            write(report);
        } finally {
            started.values().forEach(ServerProcess::close);
        }
        return 0;
    }

    /** Every server gets calls before anything is measured: a JVM compiles, others touch their memory. */
    private void settle(final List<Target> targets) throws ServerException, InterruptedException, IOException {
        for (final Target target : targets) {
            try (Load load = Load.on(target.server(), target.pid(), true, false, seed)) {
                load.join(Plan.calls(quick ? 5 : 20));
                Thread.sleep((long) ((settle >= 0 ? settle : quick ? 4 : 20) * 1000));
                load.leaveAll();
            }
        }
    }

    private List<String> scenarioNames() {
        return !scenarios.isEmpty() ? scenarios : quick ? List.of("calls20", "call", "fanout30")
            : List.of("calls20", "call", "fanout30", "saturation");
    }

    private List<Target> targets(final Map<String, ServerProcess> started, final List<String> notes)
        throws ServerException, InterruptedException, IOException {
        final String cpus = serverCpus != null ? serverCpus : ServerProcess.otherCore();
        if (cpus.isEmpty()) {
            notes.add("There is no core for servers alone: load and server share, and times say little.");
        }
        final List<Target> targets = new ArrayList<>();
        for (final String name : names) {
            switch (name) {
                case "chevet" -> started.put(name, RelayProcess.start("127.0.0.1", cpus, 1, List.of()));
                case "janus" -> {
                    if (JanusProcess.isInstalled()) {
                        started.put(name, JanusProcess.start(cpus));
                        notes.add(JanusProcess.version() + " with VideoRoom, its own defaults, ICE-lite.");
                    } else {
                        notes.add("Janus is not installed and was left out (Debian: apt install janus).");
                    }
                }
                case "bare" -> {
                    if (ForwarderServer.isPossible()) {
                        started.put(name, ForwarderServer.start(cpus));
                    } else {
                        notes.add("There is no C compiler and the bare forwarder was left out.");
                    }
                }
                default -> throw new IllegalArgumentException("there is no server '" + name
                    + "': chevet, janus, bare, or --server NAME=WHIP,WHEP,PID");
            }
        }
        started.forEach((name, process) -> targets.add(new Target(process.server(), process.pid())));
        others.forEach(text -> targets.add(other(text)));
        return targets;
    }

    /** A server by {@code NAME=WHIP,WHEP[,PID]}. */
    static Target other(final String text) {
        final int equals = text.indexOf('=');
        final String[] parts = text.substring(equals + 1).split(",", -1);
        if (equals < 1 || parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("--server is NAME=WHIP,WHEP or NAME=WHIP,WHEP,PID, not " + text);
        }
        final MediaServer server = new WhipServer(text.substring(0, equals), parts[0], parts[1], "");
        return new Target(server, parts.length == 3 ? Long.parseLong(parts[2]) : 0);
    }

    private void turn(final Target target, final Plan plan, final PeersReport report)
        throws ServerException, InterruptedException, IOException {
        try (Load load = Load.on(target.server(), target.pid(), true, false, seed)) {
            final boolean watched = target.pid() != 0 && ProcessSample.isPossible();
            final double heapBefore = watched ? JvmHeap.liveBytes(target.pid()) : Double.NaN;
            final double before = watched ? ProcessSample.of(target.pid()).residentBytes() : Double.NaN;
            load.join(plan);
            Thread.sleep((long) ((warmUp >= 0 ? warmUp : quick ? 2 : 5) * 1000));
            final Figures figures = load.measure(seconds > 0 ? seconds : quick ? 4 : 15);
            final double grown = watched ? ProcessSample.of(target.pid()).residentBytes() - before : Double.NaN;
            final double heap = watched ? JvmHeap.liveBytes(target.pid()) - heapBefore : Double.NaN;
            load.leaveAll();
            report.add(target.server().name(), figures, load.joins(),
                (grown + (Double.isNaN(heap) ? 0 : heap)) / plan.connections());
        }
    }

    /** Each server's ceiling; then all at the ceiling of the second, so that costs compare at the same load. */
    private void saturation(final List<Target> targets, final PeersReport report)
        throws ServerException, InterruptedException, IOException {
        final Plan plan = Plan.rooms(10);
        double common = 0;
        for (final Target target : targets) {
            try (Load load = Load.on(target.server(), target.pid(), false, false, seed)) {
                load.join(plan);
                Thread.sleep(quick ? 1000 : 5000);
                final Ceiling ceiling = new Ceiling(SATURATION_START, (scale, length) -> at(load, plan, scale, length),
                    figures -> figures.all().loss() < MOST_LOSS && figures.oneWayMs(50) < MOST_MS);
                final Figures best = ceiling.find(quick ? 1 : 3, seconds > 0 ? seconds : quick ? 3 : 20);
                report.ceiling(target.server().name(), best, ceiling.isGeneratorLimited());
                if (target.server().name().equals("janus") && best != null) {
                    common = (double) best.plan().shape().videoBps() / plan.shape().videoBps();
                }
                load.leaveAll();
            }
        }
        for (final Target target : common > 0 ? targets : List.<Target>of()) {
            try (Load load = Load.on(target.server(), target.pid(), false, false, seed)) {
                load.join(plan);
                Thread.sleep(quick ? 1000 : 5000);
                report.atCeiling(target.server().name(), at(load, plan, common, quick ? 3 : 20));
                load.leaveAll();
            }
        }
    }

    private static Figures at(final Load load, final Plan plan, final double scale, final double length)
        throws ServerException, InterruptedException, IOException {
        load.shape(plan.shape().withVideo((long) (plan.shape().videoBps() * scale)));
        Thread.sleep(1000);
        return load.measure(length);
    }

    private void write(final PeersReport report) throws IOException {
        if (json != null) {
            report.writeJson(json);
        }
        if (plot != null) {
            report.writeBars(plot);
        }
        if (latencyPlot != null) {
            report.writeLatency(latencyPlot);
        }
    }
}
