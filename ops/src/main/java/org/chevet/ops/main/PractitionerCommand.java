package org.chevet.ops.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.concurrent.Callable;
import org.chevet.ops.config.ConfigException;
import org.chevet.ops.demo.HeadlessPractitioner;
import org.chevet.ops.demo.RelayAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chevet demo-practitioner}: the practitioner of the demo's check in a process of its own, far away. */
@Command(name = "demo-practitioner", hidden = true, sortOptions = false,
    description = "Receive a demo for a time and compare it with the recordings; chevet demo --netem starts it.")
final class PractitionerCommand implements Callable<Integer> {
    private static final long SECOND_MS = 1_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--relay", paramLabel = "URL", required = true, description = "Where the demo's server listens.")
    private URI relay = URI.create("http://localhost");

    @Option(names = "--consultation", paramLabel = "ID", required = true, description = "Which consultation.")
    private String consultation = "";

    @Option(names = "--token", paramLabel = "TOKEN", required = true, description = "Of a practitioner.")
    private @Nullable String token;

    @Option(names = "--key", paramLabel = "KEY", required = true, description = "Of the consultation, as in its links.")
    private String key = "";

    @Option(names = "--seconds", paramLabel = "SECONDS", required = true, description = "How long.")
    private int seconds;

    @Option(names = "--video-may-yield", description = "Device data comes first: video need not have flowed.")
    private boolean videoMayYield;

    @Override
    public Integer call() throws InterruptedException {
        final RelayAddress address =
            new RelayAddress(relay.getHost(), relay.getPort(), "https".equals(relay.getScheme()));
        try {
            return check(address, consultation, String.valueOf(token), key, seconds, videoMayYield,
                spec.commandLine().getOut());
        } catch (final IOException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /** Joins, receives, prints one line of JSON; the exit code. */
    static int check(final RelayAddress address, final String consultation, final String token, final String key,
        final int seconds, final boolean videoMayYield, final PrintWriter out)
        throws IOException, InterruptedException {
        try (HeadlessPractitioner practitioner = HeadlessPractitioner.join(address, consultation, token, key)) {
            Thread.sleep(seconds * SECOND_MS);
            final HeadlessPractitioner.Report report = practitioner.report(videoMayYield);
            out.println(report.json());
            out.flush();
            return report.ok() ? 0 : Chevet.FAILED;
        }
    }
}
