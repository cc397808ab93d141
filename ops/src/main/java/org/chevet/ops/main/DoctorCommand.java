package org.chevet.ops.main;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.chevet.ops.config.ConfigReader;
import org.chevet.ops.config.ServerConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chevet doctor}: what of this machine a server can use, and what it costs. */
@Command(name = "doctor", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Show what a server can use on this machine; exit code 1 when something stops it.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE",
        description = "Settings (YAML) that the server would have; the environment overrides them.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        return examine(sections(ConfigReader.load(file, true)), spec.commandLine().getOut());
    }

    /** What is looked into, in order; a further subject is added here. */
    private static List<DoctorSection> sections(final ServerConfig config) {
        return List.of(new MachineSection(), new CryptoSection(config.relay().tuning().crypto()),
            new SocketsSection(config.relay().tuning(), config.relay().lanes(),
                Runtime.getRuntime().availableProcessors()));
    }

    /** Prints all sections; the exit code. */
    static int examine(final List<DoctorSection> sections, final PrintWriter out) {
        boolean good = true;
        for (final DoctorSection section : sections) {
            out.println(section.title());
            good &= section.print(out);
            out.println();
        }
        out.println(good ? "Nothing here stops a server." : "A server would not start here.");
        out.flush();
        return good ? 0 : Chevet.FAILED;
    }
}
