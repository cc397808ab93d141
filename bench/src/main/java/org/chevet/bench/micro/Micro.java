package org.chevet.bench.micro;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.chevet.relay.srtp.CryptoCandidate;
import org.chevet.relay.srtp.CryptoSelection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks of this package: {@code micro [--quick] [--json FILE] [NAME ...]}.
 *
 * <p>{@code --quick} takes about a minute and shows orders of magnitude and garbage per operation; without it one
 * fork of five seconds each way gives figures to compare. NAME is part of a benchmark's name, all when absent. Exit
 * code 0, 1 when a benchmark failed, 2 for a wrong argument.
 */
public final class Micro {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Micro() {
    }

    /** Entry point. */
    public static void main(final String[] args) {
        System.exit(run(args, new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
    }

    /** Runs and gives the exit code; complaints go to {@code errors}, results to the standard output by JMH. */
    static int run(final String[] args, final PrintWriter errors) {
        boolean quick = false;
        String json = "";
        final List<String> names = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                quick = true;
            } else if (args[i].equals("--json") && i + 1 < args.length) {
                json = args[++i];
            } else if (args[i].startsWith("-")) {
                errors.println("micro: '" + args[i] + "' is not one of --quick, --json FILE, or a benchmark's name");
                return USAGE;
            } else {
                names.add(args[i]);
            }
        }
        final ChainedOptionsBuilder options = new OptionsBuilder().forks(1).threads(1).shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .warmupIterations(quick ? 2 : 5).warmupTime(TimeValue.milliseconds(quick ? 100 : 1000))
            .measurementIterations(quick ? 3 : 5).measurementTime(TimeValue.milliseconds(quick ? 100 : 1000));
        // Benchmarks with a provider of cryptography run with those that this machine has.
        options.param("provider", CryptoSelection.examine().candidates().stream()
            .filter(candidate -> candidate.engines().isPresent()).map(CryptoCandidate::name).toArray(String[]::new));
        if (quick) {
            options.param("bytes", "1200");
        }
        if (names.isEmpty()) {
            options.include(Micro.class.getPackageName().replace(".", "\\.") + "\\.");
        }
        names.forEach(options::include);
        if (!json.isEmpty()) {
            options.resultFormat(ResultFormatType.JSON).result(json);
        }
        try {
            return new Runner(options.build()).run().isEmpty() ? FAILED : OK;
        } catch (final RunnerException e) {
            errors.println("micro: " + e.getMessage());
            return FAILED;
        }
    }
}
