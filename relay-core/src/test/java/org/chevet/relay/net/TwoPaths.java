package org.chevet.relay.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A network namespace with two virtual cables to this one: a client in there reaches the relay's address by the first,
 * until it moves to the second. Needs Linux, root and iproute2; names and addresses are random, so that runs may
 * overlap. Removed by {@link #close}, when the process ends, or by a later run.
 */
public final class TwoPaths implements AutoCloseable {
    private static final Path IP = Stream.of("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip").map(Path::of)
        .filter(Files::isExecutable).findFirst().orElse(Path.of("ip"));
    private static final String PREFIX = "chevet-roam-";
    private static final int SECONDS = 10;
    private static final int BLOCKS = 256 * 32;

    private final String space;
    private final String base;
    private final int first;
    private final String cable;
    private final Thread atEnd = new Thread(this::remove);

    private TwoPaths(final Random random) {
        final int block = random.nextInt(BLOCKS);
        space = PREFIX + ProcessHandle.current().pid() + "-" + Integer.toHexString(random.nextInt(1 << 20));
        base = "198.19." + (block >> 5) + ".";
        first = (block & 31) * 8;
        cable = "cv" + Integer.toHexString(0x100000 | random.nextInt(1 << 20));
    }

    /** Why there can be no such network here, or nothing. */
    public static Optional<String> obstacle() {
        if (!Files.isExecutable(IP)) {
            return Optional.of("iproute2 is not installed");
        }
        try (TwoPaths tried = create()) {
            return run("", IP.toString(), "-n", tried.space, "link", "show").isEmpty()
                ? Optional.of("a namespace was made but has no devices") : Optional.empty();
        } catch (final IOException e) {
            return Optional.of("network namespaces need root: " + e.getMessage());
        }
    }

    /** Makes the network; the first path is up. */
    public static TwoPaths create() throws IOException {
        removeLeftOvers();
        final TwoPaths made = new TwoPaths(new Random(System.nanoTime() ^ ProcessHandle.current().pid()));
        Runtime.getRuntime().addShutdownHook(made.atEnd);
        try {
            made.build();
            return made;
        } catch (final IOException e) {
            made.close();
            throw e;
        }
    }

    private void build() throws IOException {
        run("", IP.toString(), "netns", "add", space);
        run(String.join("\n",
            "link add " + cable + "a type veth peer name " + cable + "x netns " + space,
            "link add " + cable + "b type veth peer name " + cable + "y netns " + space,
            "address add " + base + (first + 1) + "/30 dev " + cable + "a",
            "address add " + base + (first + 5) + "/30 dev " + cable + "b",
            "link set " + cable + "a up", "link set " + cable + "b up", ""), IP.toString(), "-batch", "-");
        run(String.join("\n",
            "link set lo up",
            "address add " + base + (first + 2) + "/30 dev " + cable + "x",
            "address add " + base + (first + 6) + "/30 dev " + cable + "y",
            "link set " + cable + "x up", "link set " + cable + "y up", ""), IP.toString(), "-n", space, "-batch", "-");
    }

    /** The relay's address, on this side. */
    public String relay() {
        return base + (first + 1);
    }

    /** The first cable is pulled out on the client's side, with its address; the second leads to the relay. */
    public void move() throws IOException {
        run(String.join("\n",
            "link set " + cable + "x down",
            "address flush dev " + cable + "x",
            "route add " + relay() + "/32 via " + base + (first + 5) + " dev " + cable + "y", ""),
            IP.toString(), "-n", space, "-batch", "-");
    }

    /** Words before a command that is to run on the client's side. */
    public List<String> prefix() {
        return List.of(IP.toString(), "netns", "exec", space);
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (final IllegalStateException ending) {
            return; // the hook is what called
        }
    }

    private void remove() {
        delete("netns", space);
        // They go with their other ends, in the namespace, unless making it failed half way.
        delete("link", cable + "a");
        delete("link", cable + "b");
    }

    private static void delete(final String kind, final String name) {
        try {
            run("", IP.toString(), kind, "delete", name);
        } catch (final IOException gone) {
            return; // there is none
        }
    }

    /** Namespaces of processes that were killed. */
    private static void removeLeftOvers() throws IOException {
        for (final String line : run("", IP.toString(), "netns", "list").split("\n", -1)) {
            final String name = line.split(" ", 2)[0];
            if (name.startsWith(PREFIX) && ProcessHandle.of(
                Long.parseLong(name.substring(PREFIX.length(), name.lastIndexOf('-')))).isEmpty()) {
                delete("netns", name);
            }
        }
    }

    private static String run(final String input, final String... words) throws IOException {
        final Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.US_ASCII));
        }
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("'" + String.join(" ", words) + "' failed: " + said);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return said;
    }
}
