package org.chevet.bench.path;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.chevet.bench.path.PathComparison.Result;
import org.chevet.bench.path.PathComparison.Sockets;
import org.chevet.bench.server.RelayProcess;
import org.chevet.relay.net.PolledLane;
import org.chevet.relay.srtp.CryptoCandidate;
import org.chevet.relay.srtp.CryptoSelection;

/**
 * {@code bench/bin/path}: what the relay's packet path costs, against a floor measured in the same run.
 *
 * <p>Each cipher is measured in a JVM of its own, started with the options a server has, so that the compiler sees
 * one implementation as it does there.
 */
public final class PathMain {
    private static final int[] RECEIVERS = {1, 8, 32};
    private static final String ONE_PROVIDER = "--only";
    private static final List<String> SERVER_OPTIONS = RelayProcess.javaOptions("512m");
    private static final long MS = 1_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final boolean quick;
    private final List<String> providers;

    private PathMain(final PrintStream out, final boolean quick, final List<String> providers) {
        this.out = out;
        this.quick = quick;
        this.providers = providers;
    }

    /** Arguments: {@code [--quick] [--json FILE] [PROVIDER ...]}. */
    public static void main(final String[] arguments) throws IOException {
        final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        final List<String> words = new ArrayList<>(List.of(arguments));
        if (words.size() == 4 && words.getFirst().equals(ONE_PROVIDER)) {
            measureOne(out, words.get(1), Long.parseLong(words.get(2)) * MS, Long.parseLong(words.get(3)) * MS);
            return;
        }
        final boolean quick = words.remove("--quick");
        final int jsonAt = words.indexOf("--json");
        final String json = jsonAt >= 0 && jsonAt + 1 < words.size() ? words.remove(jsonAt + 1) : "";
        words.remove("--json");
        if (!CryptoSelection.choices().containsAll(words) || (jsonAt >= 0 && json.isEmpty())) {
            out.println("bench/bin/path [--quick] [--json FILE] [ipsec-mb] [libcrypto] [jce]");
            System.exit(2);
        }
        final List<Result> results = new PathMain(out, quick, words).run();
        if (!json.isEmpty()) {
            Files.writeString(Path.of(json), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(
                Map.of("unit", "ns per forwarded copy", "results", results)) + "\n");
        }
    }

    private List<Result> run() throws IOException {
        if (!PolledLane.isAvailable()) {
            throw new IOException("the path is measured on 64-bit Linux only");
        }
        final List<Result> results = new ArrayList<>();
        out.println("ns per forwarded copy: AES-256-GCM, 1200-byte payloads, 8 packets per batch, loopback; "
            + "medians of short stretches, lane and floor in turns");
        out.printf("%-10s %-8s %3s %9s %9s %7s %10s %9s%n", "cipher", "sockets", "N", "lane", "floor", "ratio",
            "B/packet", "calls/pkt");
        for (final CryptoCandidate candidate : CryptoSelection.examine().candidates()) {
            if (!providers.isEmpty() && !providers.contains(candidate.name())) {
                continue;
            }
            if (candidate.engines().isEmpty()) {
                out.printf("%-10s not here: %s%n", candidate.name(), candidate.reason());
                continue;
            }
            results.addAll(measureApart(candidate.name()));
        }
        return results;
    }

    /** Measures one cipher in a process of its own. */
    private List<Result> measureApart(final String provider) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(SERVER_OPTIONS);
        command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
            PathMain.class.getName(), ONE_PROVIDER, provider, quick ? "600" : "3000", quick ? "700" : "6000"));
        final Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        final List<Result> results = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().filter(line -> line.startsWith("{")).forEach(line -> {
                try {
                    final Result result = JSON.readValue(line, Result.class);
                    results.add(result);
                    print(result);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        if (results.size() != RECEIVERS.length * Sockets.values().length) {
            throw new IOException("the measurement of " + provider + " ended early: exit code " + process.exitValue());
        }
        return results;
    }

    private void print(final Result result) {
        out.printf(Locale.ROOT, "%-10s %-8s %3d %9.0f %9.0f %7.2f %10.3f %9.3f%n", result.provider(),
            result.sockets().name().toLowerCase(Locale.ROOT), result.receivers(), result.laneNs(), result.floorNs(),
            result.ratio(), result.bytesPerPacket(), result.callsPerPacket());
    }

    private static void measureOne(final PrintStream out, final String provider, final long warmUpNs,
        final long measureNs) throws IOException {
        for (final Sockets sockets : Sockets.values()) {
            for (final int receivers : RECEIVERS) {
                out.println(JSON.writeValueAsString(new PathComparison(CryptoSelection.select(provider).engines(),
                    receivers, sockets).run(warmUpNs, measureNs)));
            }
        }
    }
}
