package org.chevet.ops.main;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code chevet version}: what runs here, as it should stand in a bug report. */
@Command(name = "version", description = "Print the versions of Chevet, of the JVM and of the system.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("Chevet " + version() + ", Java " + Runtime.version() + " ("
            + System.getProperty("java.vendor") + "), " + System.getProperty("os.name") + " "
            + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        return 0;
    }

    /** Version in the manifest of the jar, or a word that says it runs from classes. */
    static String version() {
        final String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
