package org.chevet.ops.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A poor network on this machine: a namespace that programs can run in, which reaches this side, and is reached from
 * it, only through a router that carries so much and loses so many in each direction.
 *
 * <pre>
 *   this side 198.18.7.1 -- 198.18.7.2 router 198.18.7.5 -- 198.18.7.6 far side
 *                                 loses (nftables), queues and paces (tc)
 * </pre>
 *
 * <p>Loss, rate and queue lie in the router, so that neither end's kernel knows of them: a sender is told nothing, as
 * on a real network. Addresses are of the range for benchmarks (RFC 2544). Needs Linux, root, iproute2, and nftables
 * for loss. {@link #close} removes it all; one at a time on a machine. Any thread.
 */
public final class ImpairedLink implements AutoCloseable {
    /** Address of this side. */
    public static final String NEAR = "198.18.7.1";
    /** Address of programs on the far side. */
    public static final String FAR = "198.18.7.6";

    private static final int SECONDS = 10;
    /** How long the queue before the slow part gets: a home router's, in milliseconds. */
    private static final int QUEUE_MS = 300;
    private static final int BURST_BYTES = 3200;
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

    private final String router;
    private final String far;
    private final String cable;

    private ImpairedLink(final String id) {
        router = "chevet-router-" + id;
        far = "chevet-far-" + id;
        cable = "cv" + id;
    }

    /**
     * What a link does to each direction.
     *
     * @param bitsPerSecond it carries; 0 for no limit
     * @param lossPercent of its packets, at random, from 0 to 90
     * @param netem words for {@code tc netem}, such as {@code delay 30ms}; "" for none; the kernel needs sch_netem
     */
    public record Terms(long bitsPerSecond, double lossPercent, String netem) {
        private static final Pattern RATE = Pattern.compile("(\\d{1,9})([kKmM]?)");
        private static final long LEAST_BPS = 8_000;
        private static final double MOST_LOSS = 90;

        /** Checks the numbers. */
        public Terms {
            if (bitsPerSecond != 0 && bitsPerSecond < LEAST_BPS) {
                throw new IllegalArgumentException("a rate of " + bitsPerSecond + " bit/s: accepted is 8k or more");
            }
            if (!(lossPercent >= 0 && lossPercent <= MOST_LOSS)) {
                throw new IllegalArgumentException("a loss of " + lossPercent + " %: accepted is 0 to 90");
            }
        }

        /** Of {@code RATE,LOSS%} such as {@code 128k,10%}; either may be left out. */
        public static Terms parse(final String text) {
            long rate = 0;
            double loss = 0;
            for (final String part : text.strip().split("\\s*,\\s*", -1)) {
                if (part.endsWith("%")) {
                    loss = percent(part.substring(0, part.length() - 1));
                } else {
                    rate = rate(part);
                }
            }
            return new Terms(rate, loss, "");
        }

        /** Bits per second of {@code 128k}, {@code 1000k}, {@code 2M}. */
        public static long rate(final String text) {
            final Matcher matcher = RATE.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("'" + text
                    + "' is no rate: accepted is one like 128k or 2M (bit/s)");
            }
            final long unit = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                case "k" -> 1_000;
                case "m" -> 1_000_000;
                default -> 1;
            };
            return Long.parseLong(matcher.group(1)) * unit;
        }

        private static double percent(final String text) {
            try {
                return Double.parseDouble(text);
            } catch (final NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "%' is no share of packets: accepted is one like 10%",
                    e);
            }
        }

        /** As a person says it. */
        @Override
        public String toString() {
            final List<String> parts = new ArrayList<>();
            if (bitsPerSecond > 0) {
                parts.add(bitsPerSecond / 1000 + " kbit/s");
            }
            if (lossPercent > 0) {
                parts.add(String.format(Locale.ROOT, "%.3g %% loss", lossPercent));
            }
            if (!netem.isBlank()) {
                parts.add(netem);
            }
            return parts.isEmpty() ? "no impairment" : String.join(", ", parts) + " each way";
        }
    }

    /**
     * Makes the network.
     *
     * @throws IOException a sentence: what is missing here, or which command failed and what it said
     */
    public static ImpairedLink create(final Terms terms) throws IOException {
        final ImpairedLink made = new ImpairedLink(Long.toString(ProcessHandle.current().pid()));
        try {
            made.build();
            made.impair(terms);
            return made;
        } catch (final IOException e) {
            made.close();
            throw new IOException("A network of " + terms + " cannot be made here (it needs Linux, root, iproute2"
                + (terms.lossPercent() > 0 ? ", nftables" : "")
                + (terms.netem().isBlank() ? "" : ", a kernel with sch_netem") + "): " + e.getMessage(), e);
        }
    }

    private void build() throws IOException {
        final String ip = tool("ip");
        run("", ip, "netns", "add", router);
        run("", ip, "netns", "add", far);
        // One segment a packet: a router that loses 10 % of bundles of forty would be another network.
        final String veth = " gso_max_segs 1 type veth peer name ";
        run(String.join("\n",
            "link add " + cable + "n" + veth + cable + "r gso_max_segs 1 netns " + router,
            "address add " + NEAR + "/30 dev " + cable + "n",
            "link set " + cable + "n up",
            "route add " + FAR + "/32 via 198.18.7.2", ""), ip, "-batch", "-");
        run(String.join("\n",
            "link add " + cable + "o" + veth + cable + "f gso_max_segs 1 netns " + far,
            "link set lo up",
            "address add 198.18.7.2/30 dev " + cable + "r",
            "address add 198.18.7.5/30 dev " + cable + "o",
            "link set " + cable + "r up", "link set " + cable + "o up", ""), ip, "-n", router, "-batch", "-");
        run(String.join("\n",
            "link set lo up",
            "address add " + FAR + "/30 dev " + cable + "f",
            "link set " + cable + "f up",
            "route add default via 198.18.7.5", ""), ip, "-n", far, "-batch", "-");
        run("1", ip, "netns", "exec", router, "tee", "/proc/sys/net/ipv4/ip_forward");
    }

    private void impair(final Terms terms) throws IOException {
        for (final String side : List.of("r", "o")) {
            final List<String> add = new ArrayList<>(
                List.of(tool("tc"), "-n", router, "qdisc", "add", "dev", cable + side));
            if (terms.bitsPerSecond() > 0) {
                run("", and(add, List.of("root", "handle", "1:", "tbf", "rate", terms.bitsPerSecond() + "bit", "burst",
                    Integer.toString(BURST_BYTES), "latency", QUEUE_MS + "ms")));
            }
            if (!terms.netem().isBlank()) {
                add.addAll(terms.bitsPerSecond() > 0 ? List.of("parent", "1:", "netem") : List.of("root", "netem"));
                run("", and(add, List.of(terms.netem().strip().split("\\s+", -1))));
            }
        }
        if (terms.lossPercent() > 0) {
            run("table ip chevet {\nchain lossy {\ntype filter hook forward priority 0;\nnumgen random mod 10000 < "
                + Math.round(terms.lossPercent() * 100) + " drop\n}\n}\n", tool("ip"), "netns", "exec", router,
                tool("nft"), "-f", "-");
        }
    }

    /** Words before a command that is to run on the far side. */
    public List<String> prefix() throws IOException {
        return List.of(tool("ip"), "netns", "exec", far);
    }

    /** Takes the network away; what runs on the far side has no network from then on. */
    @Override
    public void close() {
        // The cables go with their ends in the namespaces, but for one whose making failed half way.
        for (final List<String> words : List.of(List.of("netns", "delete", far), List.of("netns", "delete", router),
            List.of("link", "delete", cable + "n"))) {
            try {
                run("", and(List.of(tool("ip")), words));
            } catch (final IOException gone) {
                // What was not made need not be taken away.
            }
        }
    }

    private static String[] and(final List<String> first, final List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toArray(String[]::new);
    }

    private static void run(final String input, final String... words) throws IOException {
        final Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("'" + String.join(" ", words) + "' failed: " + said);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during '" + words[0] + "'", e);
        }
    }

    /** A command of the system. */
    private static String tool(final String name) throws IOException {
        for (final String folder : FOLDERS) {
            final File file = new File(folder, name);
            if (file.canExecute()) {
                return file.getPath();
            }
        }
        throw new IOException("'" + name + "' is not installed");
    }
}
