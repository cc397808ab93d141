package org.chevet.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * {@code bench/bin/trend}: puts what other programs measured into one file per commit, and draws all such files.
 *
 * <p>{@code record RESULTS NAME=FILE ...} writes {@code RESULTS/DATE-COMMIT.json}; {@code plot RESULTS} writes
 * {@code RESULTS/trend.svg}.
 */
public final class TrendMain {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DATE = 10;
    private static final int MOST_RECEIVERS = 32;

    private TrendMain() {
    }

    /** Entry point; an argument that is none of the above is an error. */
    @SuppressWarnings("SystemOut") // a program for the command line
    public static void main(final String[] arguments) throws IOException {
        if (arguments.length > 2 && arguments[0].equals("record")) {
            final ObjectNode run = JSON.createObjectNode().put("time", Instant.now().toString())
                .put("commit", Machine.commit()).put("machine", Machine.description()).put("loadAverage", load());
            for (int i = 2; i < arguments.length; i++) {
                final int equals = arguments[i].indexOf('=');
                run.set(arguments[i].substring(0, equals),
                    JSON.readTree(Path.of(arguments[i].substring(equals + 1)).toFile()));
            }
            System.out.append(record(Path.of(arguments[1]), run).toString()).append('\n');
        } else if (arguments.length == 2 && arguments[0].equals("plot")) {
            final Path file = Path.of(arguments[1]).resolve("trend.svg");
            Files.writeString(file, plot(read(Path.of(arguments[1]))));
            System.out.append(file.toString()).append('\n');
        } else {
            throw new IllegalArgumentException("record RESULTS NAME=FILE ..., or plot RESULTS");
        }
        System.out.flush();
    }

    /** One, five and fifteen minutes, as the kernel says; empty where it does not. */
    private static String load() {
        try {
            final String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", 4);
            return words[0] + " " + words[1] + " " + words[2];
        } catch (final IOException e) {
            return "";
        }
    }

    /** Writes one run under its date and commit, and gives the file. */
    static Path record(final Path results, final JsonNode run) throws IOException {
        Files.createDirectories(results);
        final Path file = results.resolve(run.path("time").asText().substring(0, DATE) + "-"
            + run.path("commit").asText().replace("+", "-changed") + ".json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(run) + "\n");
        return file;
    }

    /** All runs of a folder, oldest first. */
    static List<JsonNode> read(final Path results) throws IOException {
        final List<JsonNode> runs = new ArrayList<>();
        try (Stream<Path> files = Files.list(results)) {
            for (final Path file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                runs.add(JSON.readTree(file.toFile()));
            }
        }
        runs.sort(Comparator.comparing(run -> run.path("time").asText()));
        return runs;
    }

    /** The picture of these runs. */
    static String plot(final List<JsonNode> runs) {
        final TrendPlot plot = new TrendPlot("What forwarding costs, commit by commit",
            runs.stream().map(run -> run.path("commit").asText()).toList());
        final TrendPlot.Panel ratio = plot.panel("Path with " + MOST_RECEIVERS
            + " receivers: ratio to the floor of the same run");
        final TrendPlot.Panel cost = plot.panel("Path with " + MOST_RECEIVERS
            + " receivers: ns per forwarded copy (depends on the machine)");
        for (final String sockets : List.of("NONE", "PLAIN", "GSO")) {
            final String name = "ipsec-mb, " + (sockets.equals("GSO") ? sockets : sockets.toLowerCase(Locale.ROOT));
            ratio.line(name, values(runs, run -> path(run, sockets, "ratio")));
            cost.line(name, values(runs, run -> path(run, sockets, "laneNs")));
        }
        final TrendPlot.Panel load = plot.panel("Load: server CPU per forwarded packet, us");
        for (final String scenario : List.of("call", "calls20", "fanout30")) {
            load.line(scenario, values(runs, run -> mean(run.path("load").path("windows"), "scenario", scenario,
                "cpuPerPacketUs")));
        }
        plot.panel("Vitals: thousand blocks a second and core, ceiling").line("chevet", values(runs,
            run -> mean(run.path("vitals").path("figures"), "load", "ceiling", "blocksPerSecondPerCore") / 1000));
        return plot.svg();
    }

    private static double[] values(final List<JsonNode> runs, final ToDoubleFunction<JsonNode> figure) {
        return runs.stream().mapToDouble(figure).toArray();
    }

    private static double path(final JsonNode run, final String sockets, final String figure) {
        for (final JsonNode result : run.path("path").path("results")) {
            if (result.path("provider").asText().equals("ipsec-mb") && result.path("sockets").asText().equals(sockets)
                && result.path("receivers").asInt() == MOST_RECEIVERS) {
                return result.path(figure).asDouble(Double.NaN);
            }
        }
        return Double.NaN;
    }

    private static double mean(final JsonNode rows, final String key, final String wanted, final String figure) {
        double sum = 0;
        int count = 0;
        for (final JsonNode row : rows) {
            if (row.path(key).asText().equals(wanted) && row.path(figure).isNumber()) {
                sum += row.path(figure).asDouble();
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}
