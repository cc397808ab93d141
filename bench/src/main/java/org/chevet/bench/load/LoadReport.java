package org.chevet.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.chevet.bench.mark.Tally;
import org.chevet.bench.mark.TrafficClass;
import org.chevet.bench.report.Machine;
import org.chevet.bench.report.PercentilePlot;
import org.chevet.bench.report.Table;
import org.chevet.bench.server.ProcessSample;

/** Gathers the figures of a run and writes them: tables, JSON, {@code .hgrm}, plot. One thread. */
final class LoadReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double NS_PER_MS = 1e6;
    private static final double MIB = 1 << 20;
    private static final int TICKS_PER_HALF = 5;
    private static final double MUCH_SKIPPED = 0.01;
    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final double P999 = 99.9;

    private final List<Figures> windows = new ArrayList<>();
    private final Table cost = new Table("scenario", "forwarded/s", "Mb/s", "CPU us/packet", "core", "loss",
        "p50 ms", "p99 ms", "p99.9 ms", "RSS MB", "switches/s");
    private final Table classes = new Table("scenario", "class", "received", "delivered", "lost", "reordered",
        "duplicates", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms");
    private final Table joinTimes = new Table("joins", "count", "failed", "HTTP p50", "ICE p50", "DTLS p50",
        "media p50", "whole p50", "whole p99");
    private final List<String> notes = new ArrayList<>();
    private final ObjectNode json = JSON.createObjectNode();
    private final ArrayNode jsonWindows = json.putArray("windows");
    private final ArrayNode jsonJoins = json.putArray("joins");
    private final ObjectNode jsonMore = json.putObject("more");

    LoadReport(final String server, final String wire, final String opening) {
        json.put("time", Instant.now().toString()).put("commit", Machine.commit())
            .put("machine", Machine.description()).put("server", server).put("wire", wire).put("opening", opening);
    }

    /** Takes a window. */
    void add(final Figures figures) {
        windows.add(figures);
        final Tally all = figures.all();
        final ProcessSample used = figures.server();
        final String name = figures.plan().name();
        cost.row(name, Table.number(figures.forwardedPerSecond()), Table.number(megabits(figures)),
            Table.number(figures.cpuPerPacketUs()), Table.percent(figures.serverCpu()), Table.percent(all.loss()),
            ms(all, P50), ms(all, P99), ms(all, P999),
            used == null ? "-" : Table.number(used.residentBytes() / MIB),
            used == null ? "-" : Table.number((used.voluntary() + used.involuntary()) / figures.seconds()));
        figures.classes().forEach((kind, tally) -> {
            if (tally.expected() > 0) {
                classes.row(name, kind.label(), Long.toString(tally.received()),
                    String.format(Locale.ROOT, "%.2f %%", 100.0 * tally.received() / tally.expected()),
                    Long.toString(tally.lost()),
                    Long.toString(tally.reordered()), Long.toString(tally.duplicates()), ms(tally, P50),
                    ms(tally, 90), ms(tally, P99), ms(tally, P999), ms(tally, 100));
            }
        });
        final LoopCounts counts = figures.counts();
        if (counts.asked + counts.again > 0) {
            note(name + ": the receivers asked for " + counts.asked + " packets; the publishers were asked for packets"
                + " in " + counts.nacks + " messages and sent " + counts.again + " again.");
        }
        if (figures.isGeneratorLimited()) {
            note(name + ": the load itself was the limit (" + Table.percent(figures.generatorCpu())
                + " of its core): the server could do more.");
        } else if (figures.skipped() > MUCH_SKIPPED) {
            note(name + ": something else had the load's core: " + Table.percent(figures.skipped())
                + " of the packets could not be sent in time and were left out.");
        }
        jsonWindows.add(json(figures));
    }

    private static double megabits(final Figures figures) {
        final Plan plan = figures.plan();
        final double audio = 8.0 * plan.shape().audioBytes() * plan.shape().audioPps();
        return plan.receivers() * (audio + plan.shape().videoBps()) / 1e6;
    }

    private static String ms(final Tally tally, final double percentile) {
        return tally.oneWay().getTotalCount() == 0 ? "-"
            : Table.number(tally.oneWay().getValueAtPercentile(percentile) / NS_PER_MS);
    }

    private static ObjectNode json(final Figures figures) {
        final ObjectNode node = JSON.createObjectNode();
        final Plan plan = figures.plan();
        node.put("scenario", plan.name()).put("rooms", plan.rooms()).put("sites", plan.sites())
            .put("subscribers", plan.subscribers()).put("twoWay", plan.twoWay())
            .put("videoBps", plan.shape().videoBps()).put("audioPps", plan.shape().audioPps())
            .put("seconds", figures.seconds()).put("forwardedPerSecond", figures.forwardedPerSecond())
            .put("cpuPerPacketUs", finite(figures.cpuPerPacketUs())).put("serverCpu", finite(figures.serverCpu()))
            .put("generatorCpu", finite(figures.generatorCpu()))
            .put("skipped", figures.skipped()).put("generatorLimited", figures.isGeneratorLimited())
            .put("lateP99Ms", figures.lateness().getValueAtPercentile(P99) / NS_PER_MS)
            .put("loss", figures.all().loss());
        final ProcessSample used = figures.server();
        if (used != null) {
            node.putObject("process").put("cpuNs", used.cpuNs()).put("tickCpuNs", used.tickCpuNs())
                .put("residentBytes", used.residentBytes()).put("voluntarySwitches", used.voluntary())
                .put("involuntarySwitches", used.involuntary()).put("threads", used.threads());
        }
        final LoopCounts counts = figures.counts();
        node.putObject("generator").put("sent", counts.sent).put("unsent", counts.unsent)
            .put("skipped", counts.skipped).put("received", counts.received).put("opened", counts.opened)
            .put("refused", counts.refused).put("unmarked", counts.unmarked)
            .put("keyFramesAsked", counts.keyFramesAsked).put("nacks", counts.nacks).put("asked", counts.asked)
            .put("again", counts.again).put("rtcp", counts.feedback);
        final ObjectNode byClass = node.putObject("classes");
        figures.classes().forEach((kind, tally) -> {
            if (tally.expected() > 0) {
                times(byClass.putObject(kind.label()).put("expected", tally.expected())
                    .put("received", tally.received()).put("lost", tally.lost()).put("reordered", tally.reordered())
                    .put("duplicates", tally.duplicates()).put("beforeSent", tally.earlier()).putObject("oneWayMs"),
                    tally.oneWay());
            }
        });
        times(node.putObject("oneWayMs"), figures.all().oneWay());
        return node;
    }

    private static double finite(final double value) {
        return Double.isFinite(value) ? value : -1;
    }

    private static void times(final ObjectNode node, final Histogram histogram) {
        node.put("count", histogram.getTotalCount());
        for (final double percentile : new double[] {1, 10, P50, 90, P99, P999, 99.99, 100}) {
            node.put("p" + (percentile == Math.rint(percentile) ? Integer.toString((int) percentile)
                : Double.toString(percentile)), histogram.getValueAtPercentile(percentile) / NS_PER_MS);
        }
    }

    /** Takes how long joining took. */
    void add(final String name, final Joins joins) {
        if (joins.answer().getTotalCount() == 0) {
            return;
        }
        joinTimes.row(name, Long.toString(joins.answer().getTotalCount()), Long.toString(joins.failures()),
            half(joins.answer()), half(joins.ice()), half(joins.dtls()), half(joins.media()), half(joins.whole()),
            joins.whole().getTotalCount() == 0 ? "-"
                : Table.number(joins.whole().getValueAtPercentile(P99) / NS_PER_MS));
        final ObjectNode node = jsonJoins.addObject().put("scenario", name).put("failed", joins.failures());
        times(node.putObject("httpMs"), joins.answer());
        times(node.putObject("iceMs"), joins.ice());
        times(node.putObject("dtlsMs"), joins.dtls());
        times(node.putObject("mediaMs"), joins.media());
        times(node.putObject("wholeMs"), joins.whole());
    }

    private static String half(final Histogram histogram) {
        return histogram.getTotalCount() == 0 ? "-"
            : Table.number(histogram.getValueAtPercentile(P50) / NS_PER_MS);
    }

    /** A sentence below the tables. */
    void note(final String sentence) {
        notes.add(sentence);
    }

    /** A figure of its own, in JSON under {@code more}. */
    void figure(final String name, final double value) {
        jsonMore.put(name, finite(value));
    }

    /** Everything as text. */
    String text() {
        final StringBuilder out = new StringBuilder();
        for (final Table table : List.of(cost, classes, joinTimes)) {
            if (!table.isEmpty()) {
                out.append('\n').append(table.text());
            }
        }
        if (!joinTimes.isEmpty()) {
            out.append("(joins: ms; media is the wait for the first packet, whole is from the offer to it)\n");
        }
        notes.forEach(note -> out.append('\n').append(note).append('\n'));
        return out.toString();
    }

    void writeJson(final Path file) throws IOException {
        final ArrayNode sentences = json.putArray("notes");
        notes.forEach(sentences::add);
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    /** One-way times of all windows, in milliseconds, as HdrHistogram's plotters read them. */
    void writeHgrm(final Path file) throws IOException {
        final Tally all = new Tally();
        windows.forEach(window -> all.add(window.all()));
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            all.oneWay().outputPercentileDistribution(out, TICKS_PER_HALF, NS_PER_MS);
        }
        Files.write(file, bytes.toByteArray());
    }

    /** One line per window, or per class when there is one window. */
    void writePlot(final Path file) throws IOException {
        final PercentilePlot plot = new PercentilePlot("One-way time through " + json.path("server").asText());
        if (windows.size() == 1) {
            windows.getFirst().classes().forEach((final TrafficClass kind, final Tally tally) ->
                plot.line(kind.label(), tally.oneWay()));
        } else {
            windows.forEach(window -> plot.line(window.plan().name(), window.all().oneWay()));
        }
        Files.writeString(file, plot.svg());
    }
}
