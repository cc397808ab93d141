package org.chevet.bench.vitals;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;

/**
 * A relay as a process of its own. Prints its port; answers each line on standard input with the bytes that its
 * threads have allocated so far; ends when the input ends.
 */
public final class RelayMain {
    private RelayMain() {
    }

    /** Runs with the API key as the only argument. */
    @SuppressWarnings("SystemOut") // the parent process reads it
    public static void main(final String[] arguments) throws IOException {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final PrintStream out = System.out;
        // What is logged must not come between the replies.
        System.setOut(System.err);
        final RelayConfig config = RelayConfig.defaults().withPorts(0, 0).withApiKey(arguments[0])
            .withTokenKey("bench", (arguments[0] + arguments[0]).getBytes(StandardCharsets.US_ASCII));
        try (Relay relay = Relay.start(config);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            out.println(relay.httpPort());
            while (in.readLine() != null) {
                out.println(threads.getTotalThreadAllocatedBytes());
            }
        }
    }
}
