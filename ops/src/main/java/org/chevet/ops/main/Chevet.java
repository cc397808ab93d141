package org.chevet.ops.main;

import java.io.PrintWriter;
import org.chevet.ops.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code chevet <command>}. */
@Command(name = "chevet", sortOptions = false, usageHelpAutoWidth = true,
    description = "Media and telemetry relay for assisted teleconsultation.",
    footer = {"", "Start here:  chevet demo        a live consultation on this machine, no camera needed",
        "             chevet serve --dev  a server for trying things out", "",
        "Exit codes: 0 done, 1 failed, 2 wrong set-up or wrong arguments."},
    subcommands = {ServeCommand.class, DemoCommand.class, TokenCommand.class, ConfigCommand.class,
        DoctorCommand.class, VersionCommand.class, PractitionerCommand.class})
public final class Chevet implements Runnable {
    /** Exit code when the work failed. */
    static final int FAILED = 1;
    /** Exit code for wrong arguments or settings. */
    static final int SETUP = 2;

    @Spec
    private CommandSpec spec;

    /** Runs the command line and exits with its code. */
    public static void main(final String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line; it answers a mistake with one sentence, without a stack trace, and exit code 2. */
    static CommandLine commandLine() {
        final CommandLine line = new CommandLine(new Chevet());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Chevet::wrongArguments);
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
        return line;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int wrongArguments(final ParameterException failure, final String[] arguments) {
        final CommandLine command = failure.getCommandLine();
        final PrintWriter err = command.getErr();
        err.println("chevet: " + failure.getMessage() + ".");
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("'" + command.getCommandSpec().qualifiedName() + " --help' shows what is accepted.");
        }
        return SETUP;
    }

    private static int failed(final Exception failure, final CommandLine command) throws Exception {
        if (failure instanceof ConfigException) {
            command.getErr().println("chevet: " + failure.getMessage());
            return SETUP;
        }
        throw failure;
    }
}
