package org.chevet.ops.start;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.Charset;

/**
 * Checks the JVM before any class of the server is loaded, then hands over to the command line.
 *
 * <p>This package alone is compiled for Java 11.
 */
public final class Start {
    /** Oldest JDK the server runs on. */
    private static final int LEAST_JAVA = 25;
    /** Exit code of a wrong set-up. */
    private static final int SETUP = 2;
    private static final String COMMAND_LINE = "org.chevet.ops.main.Chevet";

    private Start() {
    }

    /** Runs the command line with the arguments, or says why it cannot. */
    public static void main(final String[] arguments) {
        final String fault = fault(Runtime.version().feature(),
            Object.class.getModule().isOpen("jdk.internal.misc", Start.class.getModule()));
        if (fault.isEmpty()) {
            run(arguments);
        } else {
            end(fault);
        }
    }

    /**
     * Why this JVM will not do, as a sentence, or "".
     *
     * @param java feature release of the JVM
     * @param opened whether jdk.internal.misc is open to the class path
     */
    static String fault(final int java, final boolean opened) {
        if (java < LEAST_JAVA) {
            return "Chevet needs a JDK " + LEAST_JAVA + " or newer, and this is Java " + java
                + ": start it with ops/bin/chevet, which finds the right one, or set JAVA_HOME.";
        }
        if (!opened) {
            return "The JVM was started without --add-opens java.base/jdk.internal.misc=ALL-UNNAMED, which Chevet's"
                + " buffers need: add this option, or start with ops/bin/chevet or java -jar.";
        }
        return "";
    }

    private static void run(final String[] arguments) {
        try {
            Class.forName(COMMAND_LINE).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (final InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (final ReflectiveOperationException e) {
            end("The server's classes are not beside the launcher (" + e.getMessage()
                + "): build again with mvn package.");
        }
    }

    private static void end(final String sentence) {
        final PrintWriter out = new PrintWriter(new OutputStreamWriter(System.err, Charset.defaultCharset()), true);
        out.println("chevet: " + sentence);
        System.exit(SETUP);
    }
}
