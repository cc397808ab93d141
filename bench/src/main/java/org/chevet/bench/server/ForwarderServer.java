package org.chevet.bench.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bare forwarder ({@code bench/src/main/c/forwarder.c}): UDP in, UDP out, no ICE, no DTLS, no SRTP. What a server
 * costs beyond it is what the server does. Clients join by a datagram that it echoes.
 */
public final class ForwarderServer implements MediaServer {
    private static final int SECONDS = 5;
    private static final long COMPILE_SECONDS = 60;
    private static final int PROBE_MS = 100;

    private final InetSocketAddress address;
    private final Map<String, Integer> routes = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    private ForwarderServer(final InetSocketAddress address) {
        this.address = address;
    }

    /** True when there is a C compiler and the source. */
    public static boolean isPossible() {
        return !ServerProcess.find("cc").isEmpty() && Files.isReadable(source());
    }

    private static Path source() {
        return Path.of(System.getProperty("chevet.root", "."), "bench/src/main/c/forwarder.c");
    }

    /** Compiles and starts one. */
    public static ServerProcess start(final String cpus) throws IOException, ServerException, InterruptedException {
        final Path folder = Files.createTempDirectory("chevet-forwarder");
        final Path program = folder.resolve("forwarder");
        final Process compiler = new ProcessBuilder("cc", "-O2", "-Wall", "-o", program.toString(),
            source().toString()).redirectErrorStream(true).start();
        final String words = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!compiler.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            throw new ServerException("the bare forwarder does not compile: " + words.strip());
        }
        final int port = freeUdpPort();
        final ForwarderServer server =
            new ForwarderServer(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        return ServerProcess.start(server, List.of(program.toString(), Integer.toString(port)), cpus, folder,
            server::answers, SECONDS);
    }

    private static int freeUdpPort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PROBE_MS);
            socket.connect(address);
            socket.send(new DatagramPacket(new byte[] {'?'}, 1));
            socket.receive(new DatagramPacket(new byte[8], 8));
            return true;
        } catch (final IOException e) {
            return false; // not up yet
        }
    }

    @Override
    public String name() {
        return "bare";
    }

    @Override
    public void open(final String room) throws ServerException, InterruptedException {
        // Routes come into being by the first datagram.
    }

    @Override
    public void close(final String room) throws ServerException, InterruptedException {
        routes.keySet().removeIf(route -> route.startsWith(room + "/"));
    }

    @Override
    public void prepare(final String room, final String participant) throws ServerException, InterruptedException {
        // Nobody is asked for anything.
    }

    @Override
    public boolean takesEarlySubscribers() {
        return true;
    }

    private Agreement agree(final char kind, final String room, final String from) {
        final int route = routes.computeIfAbsent(room + "/" + from, key -> next.incrementAndGet());
        return new Agreement(address, null, Agreement.Streams.plain(), kind + Integer.toString(route), () -> { });
    }

    @Override
    public Agreement publish(final String room, final String participant, final LocalEnd local) {
        return agree('P', room, participant);
    }

    @Override
    public Agreement subscribe(final String room, final String participant, final String from,
        final LocalEnd local) {
        return agree('S', room, from);
    }
}
