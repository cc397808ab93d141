package org.chevet.ops.main;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;

/** The JVM with its flags, and the system. */
final class MachineSection implements DoctorSection {
    @Override
    public String title() {
        return "Java and system";
    }

    @Override
    public boolean print(final PrintWriter out) {
        out.println(DoctorSection.line("Chevet", VersionCommand.version()));
        out.println(DoctorSection.line("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")"));
        out.println(DoctorSection.line("flags",
            String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments())));
        out.println(DoctorSection.line("kernel", System.getProperty("os.name") + " "
            + System.getProperty("os.version") + " " + System.getProperty("os.arch")));
        out.println(DoctorSection.line("processors", String.valueOf(Runtime.getRuntime().availableProcessors())));
        return true;
    }
}
