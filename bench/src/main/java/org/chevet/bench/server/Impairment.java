package org.chevet.bench.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network between the load and a server that is started behind it: a namespace, a pair of virtual devices, and
 * {@code tc netem} on both, so that each direction is impaired. Needs Linux, root and iproute2.
 */
public final class Impairment implements AutoCloseable {
    /** Address of the server; of the range for benchmarks (RFC 2544). */
    public static final String SERVER = "198.18.7.2";

    private static final String CLIENT = "198.18.7.1";
    private static final int SECONDS = 10;

    private final String space;
    private final String device;

    private Impairment(final String space, final String device) {
        this.space = space;
        this.device = device;
    }

    /**
     * Makes the network.
     *
     * @param netem what {@code tc} calls it: {@code delay 30ms 5ms loss 1%}
     * @throws ServerException a sentence: what is missing, or what {@code ip} or {@code tc} said
     */
    public static Impairment create(final String netem) throws ServerException, InterruptedException {
        final String ip = ServerProcess.find("ip");
        final String tc = ServerProcess.find("tc");
        if (ip.isEmpty() || tc.isEmpty()) {
            throw new ServerException("--netem needs iproute2 (ip and tc), which is not installed");
        }
        final String name = "chevet" + ProcessHandle.current().pid();
        final Impairment made = new Impairment(name, "cl" + ProcessHandle.current().pid());
        final String inside = "cs" + ProcessHandle.current().pid();
        try {
            run(ip, "netns", "add", name);
            run(ip, "link", "add", made.device, "type", "veth", "peer", "name", inside, "netns", name);
            run(ip, "address", "add", CLIENT + "/30", "dev", made.device);
            run(ip, "link", "set", made.device, "up");
            run(ip, "-n", name, "address", "add", SERVER + "/30", "dev", inside);
            run(ip, "-n", name, "link", "set", inside, "up");
            run(ip, "-n", name, "link", "set", "lo", "up");
            final List<String> words = List.of(netem.strip().split("\\s+", -1));
            run(concat(List.of(tc, "qdisc", "add", "dev", made.device, "root", "netem"), words));
            run(concat(List.of(tc, "-n", name, "qdisc", "add", "dev", inside, "root", "netem"), words));
            return made;
        } catch (final ServerException e) {
            made.close();
            throw new ServerException("--netem is not possible here (it needs root and a kernel with sch_netem): "
                + e.getMessage(), e);
        }
    }

    private static String[] concat(final List<String> first, final List<String> second) {
        final List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all.toArray(String[]::new);
    }

    private static void run(final String... words) throws ServerException, InterruptedException {
        try {
            final Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new ServerException("'" + String.join(" ", words) + "' failed: " + said);
            }
        } catch (final IOException e) {
            throw new ServerException("'" + words[0] + "' cannot be run", e);
        }
    }

    /** Words before a command that is to run behind the network. */
    public List<String> prefix() {
        return List.of(ServerProcess.find("ip"), "netns", "exec", space);
    }

    @Override
    public void close() {
        try {
            run(ServerProcess.find("ip"), "netns", "delete", space);
        } catch (final ServerException e) {
            // It was not made, or is gone: the device goes with it, else it is taken away below.
            removeDevice();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeDevice() {
        try {
            run(ServerProcess.find("ip"), "link", "delete", device);
        } catch (final ServerException e) {
            return; // there is none
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
