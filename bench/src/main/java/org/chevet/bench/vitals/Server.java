package org.chevet.bench.vitals;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server under load: a process started here and ended here, or one at a URL. */
final class Server implements AutoCloseable {
    private static final String RELAY = "chevet";
    private static final long START_LIMIT_MS = 10_000;
    private static final long POLL_MS = 20;
    private static final double TICKS_PER_SECOND = 100;
    /** Fields of /proc/PID/stat after the name of the program: state is the first. */
    private static final int UTIME = 11;
    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin");

    private final String name;
    private final @Nullable Process process;
    private final @Nullable BufferedReader replies;
    private final Wires wires;
    private int runs;

    /** Makes the wire of one run. */
    @FunctionalInterface
    private interface Wires {
        Wire make(int run) throws IOException;
    }

    private Server(final String name, final @Nullable Process process, final @Nullable BufferedReader replies,
        final Wires wires) {
        this.name = name;
        this.process = process;
        this.replies = replies;
        this.wires = wires;
    }

    /** A relay in a JVM of its own, with the options of this one's relay tests and generational ZGC. */
    static Server relay(final List<String> jvmOptions) throws IOException {
        final String key = UUID.randomUUID().toString();
        final List<String> command = new ArrayList<>(List.of(
            ProcessHandle.current().info().command().orElse("java")));
        command.addAll(jvmOptions);
        // Access that the relay needs is given to this process too.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), RelayMain.class.getName(), key));
        final Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        final BufferedReader replies =
            new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        String port = replies.readLine();
        while (port != null && !port.matches("\\d+")) {
            port = replies.readLine();
        }
        if (port == null) {
            throw new IOException("the relay did not start");
        }
        final URI base = URI.create("http://127.0.0.1:" + port);
        return new Server(RELAY, process, replies, run -> new RelayWire(base, key, "bench-" + run));
    }

    /** A relay that runs already. */
    static Server relayAt(final URI base, final String apiKey) {
        final String consultation = UUID.randomUUID().toString();
        return new Server(RELAY, null, null, run -> new RelayWire(base, apiKey, consultation + run));
    }

    /** {@code nats-server}, or null when it is not installed. */
    static @Nullable Server nats() throws IOException {
        final String program = find("nats-server");
        if (program == null) {
            return null;
        }
        final InetSocketAddress address = free();
        return new Server("nats-server", start(address,
            List.of(program, "-a", "127.0.0.1", "-p", String.valueOf(address.getPort()))), null,
            run -> new NatsWire(address));
    }

    /** {@code mosquitto}, or null when it is not installed. */
    static @Nullable Server mosquitto() throws IOException {
        final String program = find("mosquitto");
        if (program == null) {
            return null;
        }
        final InetSocketAddress address = free();
        final Path config = Files.createTempFile("mosquitto", ".conf");
        config.toFile().deleteOnExit();
        Files.writeString(config, "listener " + address.getPort() + " 127.0.0.1\nallow_anonymous true\n"
            + "set_tcp_nodelay true\nmax_queued_messages 0\nlog_type none\n");
        return new Server("mosquitto", start(address, List.of(program, "-c", config.toString())), null,
            run -> new MqttWire(address));
    }

    String name() {
        return name;
    }

    /** True for a relay: it keeps blocks for those who come late, so memory grows at first. */
    boolean keepsBlocks() {
        return name.equals(RELAY);
    }

    /** Connects publishers and subscribers for one run. */
    Load load(final int publishers, final int subscribers) throws IOException {
        return new Load(wires.make(runs++), publishers, subscribers);
    }

    /** Processor time of the process so far in seconds; NaN when it is not on this machine. */
    double cpuSeconds() throws IOException {
        final Process known = process;
        if (known == null) {
            return Double.NaN;
        }
        final String stat = Files.readString(Path.of("/proc/" + known.pid() + "/stat"));
        final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
    }

    /** Bytes that the threads of a relay of ours have allocated so far; NaN when that cannot be known. */
    double allocatedBytes() throws IOException {
        final Process known = process;
        final BufferedReader in = replies;
        if (known == null || in == null) {
            return Double.NaN;
        }
        final OutputStream out = known.getOutputStream();
        out.write('\n');
        out.flush();
        return Double.parseDouble(in.readLine());
    }

    @Override
    public void close() {
        final Process known = process;
        if (known != null) {
            known.destroy();
            try {
                if (!known.waitFor(START_LIMIT_MS, TimeUnit.MILLISECONDS)) {
                    known.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Process start(final InetSocketAddress address, final List<String> command) throws IOException {
        final Process process = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_LIMIT_MS);
        while (System.nanoTime() < deadlineNs && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return process;
            } catch (IOException notYet) {
                pause();
            }
        }
        process.destroyForcibly();
        throw new IOException(command.getFirst() + " did not start to listen on " + address);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static InetSocketAddress free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    private static @Nullable String find(final String program) {
        final List<String> places = new ArrayList<>(PLACES);
        places.addAll(List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)));
        return places.stream().map(place -> Path.of(place, program)).filter(Files::isExecutable)
            .map(Path::toString).findFirst().orElse(null);
    }
}
