package org.chevet.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.report.Bars;
import org.chevet.bench.report.Machine;
import org.chevet.bench.report.PercentilePlot;
import org.chevet.bench.report.Table;
import org.jspecify.annotations.Nullable;

/** Side by side: medians over rounds, ratios to Janus and to the bare forwarder, bars met or missed. One thread. */
final class PeersReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String US = "chevet";
    private static final String JANUS = "janus";
    private static final String BARE = "bare";
    private static final double KB = 1000;
    private static final double NS_PER_MS = 1e6;

    private final List<String> servers;
    private final List<String> notes;
    private final String crypto;
    private final Map<String, List<Turn>> turns = new LinkedHashMap<>();
    private final Map<String, Double> ceilings = new LinkedHashMap<>();
    private final Map<String, Double> costsAtCeiling = new LinkedHashMap<>();
    private final Set<String> scenarios = new LinkedHashSet<>();

    /** One server's turn in a scenario. */
    private record Turn(Figures figures, Joins joins, double bytesPerConnection) {
    }

    PeersReport(final List<String> servers, final List<String> notes, final String crypto) {
        this.servers = List.copyOf(servers);
        this.notes = notes;
        this.crypto = crypto;
    }

    void add(final String server, final Figures figures, final Joins joins, final double bytesPerConnection) {
        final String scenario = figures.plan().name();
        scenarios.add(scenario);
        turns.computeIfAbsent(scenario + "/" + server, key -> new ArrayList<>())
            .add(new Turn(figures, joins, bytesPerConnection));
        if (figures.isGeneratorLimited()) {
            notes.add(scenario + " on " + server + ": the load itself was the limit.");
        }
        if (figures.skipped() > 0.01) {
            notes.add(scenario + " on " + server + ": something else had the load's core, "
                + Table.percent(figures.skipped()) + " of the packets were left out.");
        }
    }

    void ceiling(final String server, final @Nullable Figures best, final boolean generatorLimited) {
        ceilings.put(server, best == null ? Double.NaN : best.forwardedPerSecond());
        if (generatorLimited) {
            notes.add("saturation of " + server + ": above it the load itself was the limit.");
        }
    }

    void atCeiling(final String server, final Figures figures) {
        costsAtCeiling.put(server, figures.cpuPerPacketUs());
    }

    private double median(final String scenario, final String server, final ToDoubleFunction<Turn> value) {
        final double[] values = turns.getOrDefault(scenario + "/" + server, List.of()).stream().mapToDouble(value)
            .filter(Double::isFinite).sorted().toArray();
        if (values.length == 0) {
            return Double.NaN;
        }
        final int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private double cost(final String scenario, final String server) {
        return median(scenario, server, turn -> turn.figures().cpuPerPacketUs());
    }

    private double oneWay(final String scenario, final String server, final double percentile) {
        return median(scenario, server, turn -> turn.figures().oneWayMs(percentile));
    }

    private double join(final String scenario, final String server, final double percentile) {
        return median(scenario, server,
            turn -> turn.joins().whole().getValueAtPercentile(percentile) / NS_PER_MS);
    }

    private Table table() {
        final Table table = new Table("scenario", "server", "forwarded/s", "CPU us/packet", "to janus", "to bare",
            "p50 ms", "p99 ms", "p99.9 ms", "loss", "join p50 ms", "join p99 ms", "kB/connection");
        for (final String scenario : scenarios) {
            for (final String server : servers) {
                final double cost = cost(scenario, server);
                table.row(scenario, server,
                    Table.number(median(scenario, server, turn -> turn.figures().forwardedPerSecond())),
                    Table.number(cost), Table.number(cost / cost(scenario, JANUS)),
                    Table.number(cost / cost(scenario, BARE)), Table.number(oneWay(scenario, server, 50)),
                    Table.number(oneWay(scenario, server, 99)), Table.number(oneWay(scenario, server, 99.9)),
                    Table.percent(median(scenario, server, turn -> turn.figures().all().loss())),
                    Table.number(join(scenario, server, 50)), Table.number(join(scenario, server, 99)),
                    Table.number(median(scenario, server, Turn::bytesPerConnection) / KB));
            }
        }
        return table;
    }

    private Table saturation() {
        final Table table = new Table("saturation (10 rooms of 1 to 10)", "packets/s", "to janus",
            "CPU us/packet at janus's ceiling", "ratio");
        ceilings.forEach((server, rate) -> table.row(server, Table.number(rate),
            Table.number(rate / ceilings.getOrDefault(JANUS, Double.NaN)),
            Table.number(costsAtCeiling.getOrDefault(server, Double.NaN)),
            Table.number(costsAtCeiling.getOrDefault(server, Double.NaN)
                / costsAtCeiling.getOrDefault(JANUS, Double.NaN))));
        return table;
    }

    private Table bars() {
        final Table table = new Table("bar", "asked", "measured", "");
        costBar(table, "call", 0.5);
        costBar(table, "calls20", 0.4);
        costBar(table, "fanout30", 0.27);
        if (scenarios.contains("calls20")) {
            bar(table, "calls20: p50 to bare", 2, oneWay("calls20", US, 50) / oneWay("calls20", BARE, 50), true);
            bar(table, "calls20: p99 to bare", 3, oneWay("calls20", US, 99) / oneWay("calls20", BARE, 99), true);
        }
        if (ceilings.containsKey(US)) {
            bar(table, "saturation: packets/s to janus", 2.8,
                ceilings.getOrDefault(US, Double.NaN) / ceilings.getOrDefault(JANUS, Double.NaN), false);
            bar(table, "saturation: CPU per packet to janus", 0.3, costsAtCeiling.getOrDefault(US, Double.NaN)
                / costsAtCeiling.getOrDefault(JANUS, Double.NaN), true);
        }
        return table;
    }

    private void costBar(final Table table, final String scenario, final double asked) {
        if (scenarios.contains(scenario)) {
            bar(table, scenario + ": CPU per packet to janus", asked, cost(scenario, US) / cost(scenario, JANUS),
                true);
        }
    }

    /** A row: a bar at most or at least, and whether it was met or by what factor it was missed. */
    static void bar(final Table table, final String name, final double asked, final double measured,
        final boolean atMost) {
        if (Double.isNaN(measured)) {
            table.row(name, (atMost ? "<= " : ">= ") + asked, "-", "not measured");
            return;
        }
        final double missedBy = atMost ? measured / asked : asked / measured;
        table.row(name, (atMost ? "<= " : ">= ") + asked, Table.number(measured),
            missedBy <= 1 ? "met" : "missed by " + Table.number(missedBy) + " x");
    }

    /** Everything as text. */
    String text() {
        final StringBuilder out = new StringBuilder();
        for (final Table table : List.of(table(), saturation(), bars())) {
            if (!table.isEmpty()) {
                out.append('\n').append(table.text());
            }
        }
        out.append("\nMedians over the rounds. One-way time is from the send call to the kernel's receive stamp; join"
            + " is from the offer to the\nfirst packet of a call's or room's connections, eight joining at once. The"
            + " load opens every packet (" + crypto + "), in the\nsaturation one of 16.\n");
        notes.forEach(note -> out.append('\n').append(note));
        return out.append('\n').toString();
    }

    void writeJson(final Path file) throws IOException {
        final ObjectNode json = JSON.createObjectNode().put("time", Instant.now().toString())
            .put("commit", Machine.commit()).put("machine", Machine.description());
        final ObjectNode all = json.putObject("scenarios");
        for (final String scenario : scenarios) {
            final ObjectNode byServer = all.putObject(scenario);
            for (final String server : servers) {
                final var rounds = byServer.putArray(server);
                for (final Turn turn : turns.getOrDefault(scenario + "/" + server, List.of())) {
                    rounds.addObject().put("cpuPerPacketUs", finite(turn.figures().cpuPerPacketUs()))
                        .put("forwardedPerSecond", turn.figures().forwardedPerSecond())
                        .put("loss", turn.figures().all().loss()).put("p50Ms", turn.figures().oneWayMs(50))
                        .put("p99Ms", turn.figures().oneWayMs(99)).put("p999Ms", turn.figures().oneWayMs(99.9))
                        .put("serverCpu", finite(turn.figures().serverCpu()))
                        .put("generatorCpu", finite(turn.figures().generatorCpu()))
                        .put("skipped", turn.figures().skipped())
                        .put("joinP50Ms", turn.joins().whole().getValueAtPercentile(50) / NS_PER_MS)
                        .put("joinP99Ms", turn.joins().whole().getValueAtPercentile(99) / NS_PER_MS)
                        .put("bytesPerConnection", finite(turn.bytesPerConnection()));
                }
            }
        }
        final ObjectNode ceiling = json.putObject("ceilings");
        ceilings.forEach((server, rate) -> ceiling.put(server, finite(rate)));
        final ObjectNode costs = json.putObject("cpuPerPacketUsAtJanusCeiling");
        costsAtCeiling.forEach((server, cost) -> costs.put(server, finite(cost)));
        final var sentences = json.putArray("notes");
        notes.forEach(sentences::add);
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    private static double finite(final double value) {
        return Double.isFinite(value) ? value : -1;
    }

    void writeBars(final Path file) throws IOException {
        final Bars bars = new Bars("Server CPU per forwarded packet, microseconds", servers);
        for (final String scenario : scenarios) {
            bars.group(scenario, servers.stream().mapToDouble(server -> cost(scenario, server)).toArray());
        }
        if (!costsAtCeiling.isEmpty()) {
            bars.group("at janus's ceiling", servers.stream()
                .mapToDouble(server -> costsAtCeiling.getOrDefault(server, Double.NaN)).toArray());
        }
        Files.writeString(file, bars.svg());
    }

    /** One-way times of the calls, or of the first scenario. */
    void writeLatency(final Path file) throws IOException {
        final String scenario = scenarios.contains("calls20") ? "calls20"
            : scenarios.stream().findFirst().orElse("none");
        final PercentilePlot picture = new PercentilePlot("One-way time, " + scenario);
        for (final String server : servers) {
            final Tally all = new Tally();
            turns.getOrDefault(scenario + "/" + server, List.of()).forEach(turn -> all.add(turn.figures().all()));
            picture.line(server, all.oneWay());
        }
        Files.writeString(file, picture.svg());
    }
}
