package org.chevet.bench.vitals;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.chevet.bench.server.RelayProcess;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench/bin/vitals}: blocks of 200 bytes that mean nothing to the server, from P publishers to S subscribers,
 * through the relay and through what an integrator would otherwise use, turn by turn in one run.
 *
 * <p>Each turn finds the ceiling (as much as the server takes), then runs at half of it, then at a load that is the
 * same for all. Prints the figures side by side; {@code --json FILE} writes them too. The relay pauses reading above
 * 4000 messages a second of one connection: the ceiling of {@code P} publishers and {@code S} subscribers is therefore
 * 4000 * P * S at most.
 */
public final class VitalsMain {
    private static final double NS_PER_US = 1000;
    private static final double US_PER_SECOND = 1_000_000;
    /** Half of the relay's bar of 200 000 blocks a second and core. */
    private static final double SAME_BLOCKS_PER_SECOND = 100_000;

    /** Time in which rings of 80 MiB are full. */
    private static final long FILL_NS = TimeUnit.SECONDS.toNanos(8);
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(1);

    private final List<Figure> figures = new ArrayList<>();
    private final PrintStream out;
    private int publishers = 24;
    private int subscribers = 12;
    private int rounds = 3;
    private long runNs = TimeUnit.SECONDS.toNanos(8);
    private @Nullable Path json;
    private @Nullable URI url;
    private String apiKey = "";
    private boolean alone;

    private VitalsMain(final PrintStream out) {
        this.out = out;
    }

    /** One row of the table. */
    private record Figure(String server, int round, String load, double blocksPerSecond, double cores,
        double blocksPerCore, double p50Us, double p99Us, double maxUs, double bytesPerBlock, long lost) {
        String row() {
            return String.format(Locale.ROOT, "%-12s %5d  %-7s %10.0f %6.2f %12.0f %9.0f %9.0f %9.0f %9s %6d", server,
                round, load, blocksPerSecond, cores, blocksPerCore, p50Us, p99Us, maxUs,
                Double.isNaN(bytesPerBlock) ? "-" : String.format(Locale.ROOT, "%.2f", bytesPerBlock), lost);
        }

        String json() {
            return String.format(Locale.ROOT, "{\"server\":\"%s\",\"round\":%d,\"load\":\"%s\","
                + "\"blocksPerSecond\":%.0f,\"cores\":%s,\"blocksPerSecondPerCore\":%s,\"p50Us\":%.1f,\"p99Us\":%.1f,"
                + "\"maxUs\":%.1f,\"allocatedBytesPerBlock\":%s,\"lost\":%d}", server, round, load, blocksPerSecond,
                number(cores), number(blocksPerCore), p50Us, p99Us, maxUs, number(bytesPerBlock), lost);
        }

        private static String number(final double value) {
            return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.3f", value);
        }
    }

    /** See {@code bench/bin/vitals --help}. */
    @SuppressWarnings("SystemOut") // a program for the command line
    public static void main(final String[] arguments) throws IOException {
        final VitalsMain main = new VitalsMain(System.out);
        if (main.parse(arguments)) {
            main.run();
        }
    }

    private boolean parse(final String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--quick" -> {
                    rounds = 1;
                    runNs = TimeUnit.SECONDS.toNanos(3);
                }
                case "--self" -> alone = true;
                case "--json" -> json = Path.of(arguments[++i]);
                case "--url" -> url = URI.create(arguments[++i]);
                case "--api-key" -> apiKey = arguments[++i];
                case "--publishers" -> publishers = number(arguments[++i], 26);
                case "--subscribers" -> subscribers = number(arguments[++i], 48);
                case "--rounds" -> rounds = number(arguments[++i], 100);
                default -> {
                    out.println("""
                        bench/bin/vitals [--quick] [--self] [--json FILE] [--publishers 1-26] [--subscribers 1-48]
                            [--rounds N] [--url http://HOST:PORT --api-key KEY]
                          --quick  one short round, within a minute
                          --self   the relay only, without nats-server and mosquitto
                          --url    a relay that runs already instead of one in a process of its own""");
                    return false;
                }
            }
        }
        return true;
    }

    private static int number(final String text, final int most) {
        final int value = Integer.parseInt(text);
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(text + " is not 1 to " + most);
        }
        return value;
    }

    private void run() throws IOException {
        final List<Server> servers = new ArrayList<>();
        try {
            final URI there = url;
            servers.add(there == null
                ? Server.relay(RelayProcess.javaOptions("512m"))
                : Server.relayAt(there, apiKey));
            if (!alone) {
                add(servers, Server.nats(), "nats-server");
                add(servers, Server.mosquitto(), "mosquitto");
            }
            out.printf(Locale.ROOT, "%d publishers, %d subscribers of all streams, %d bytes a block, window %d, "
                + "%d processors%n", publishers, subscribers, Payload.BYTES, Load.WINDOW,
                Runtime.getRuntime().availableProcessors());
            out.println("server       round  load       blocks/s  cores  blocks/s/core    p50 us    p99 us    max us"
                + "   B/block   lost");
            for (int round = 1; round <= rounds; round++) {
                for (final Server server : servers) {
                    measure(server, round);
                }
            }
        } finally {
            servers.forEach(Server::close);
        }
        final Path file = json;
        if (file != null) {
            Files.writeString(file, "{\"publishers\":" + publishers + ",\"subscribers\":" + subscribers
                + ",\"payloadBytes\":" + Payload.BYTES + ",\"processors\":"
                + Runtime.getRuntime().availableProcessors() + ",\"figures\":[\n"
                + String.join(",\n", figures.stream().map(Figure::json).toList()) + "\n]}\n",
                StandardCharsets.UTF_8);
        }
    }

    private void add(final List<Server> servers, final @Nullable Server server, final String name) {
        if (server == null) {
            out.println(name + " is not installed: skipped");
        } else {
            servers.add(server);
        }
    }

    /** The ceiling, half of it, and a load that is the same for all, over the same connections. */
    private void measure(final Server server, final int round) throws IOException {
        try (Load load = server.load(publishers, subscribers)) {
            // The relay's rings fill meanwhile, so that what is measured is the steady state.
            load.run(server.keepsBlocks() ? FILL_NS : WARM_UP_NS, 0);
            final double published = measure(load, server, round, "ceiling", 0);
            measure(load, server, round, "half", published / 2);
            measure(load, server, round, "same", SAME_BLOCKS_PER_SECOND / (double) subscribers);
        }
    }

    private double measure(final Load load, final Server server, final int round, final String name,
        final double rate) throws IOException {
        final double allocatedBefore = server.allocatedBytes();
        final double cpuBefore = server.cpuSeconds();
        final long startNs = System.nanoTime();
        final Load.Result result = load.run(runNs, rate);
        final double seconds = (System.nanoTime() - startNs) / (NS_PER_US * US_PER_SECOND);
        final double cpu = server.cpuSeconds() - cpuBefore;
        final double allocated = server.allocatedBytes() - allocatedBefore;
        final Figure figure = new Figure(server.name(), round, name, result.blocksPerSecond(), cpu / seconds,
            result.received() / cpu, result.latency().getValueAtPercentile(50) / NS_PER_US,
            result.latency().getValueAtPercentile(99) / NS_PER_US, result.latency().getMaxValue() / NS_PER_US,
            allocated / result.received(), result.lost());
        figures.add(figure);
        out.println(figure.row());
        return result.publishedPerSecond();
    }
}
