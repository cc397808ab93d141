package org.chevet.ops.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every key there is, in the order of the documentation. */
public final class Settings {
    /** Start of the name of every environment variable of the server. */
    static final String PREFIX = "CHEVET_";

    static final Setting HTTP_HOST = Setting.of("http.host", Setting.Kind.TEXT, "127.0.0.1",
        "an IP address of this machine, 0.0.0.0 or :: for all of them, or localhost",
        "Address HTTP and WebSockets listen on; browsers need HTTPS (http.tls or a proxy) but for localhost.");
    static final Setting HTTP_PORT = Setting.integer("http.port", "8080", 0, 65_535, "-",
        "TCP port of HTTP and WebSockets; 0 takes any free one.");
    static final Setting HTTP_CORS = Setting.of("http.corsOrigins", Setting.Kind.LIST, "[]",
        "origins like https://clinic.example or https://clinic.example:8443, or *",
        "Web origins whose pages may call this server from a browser, besides its own pages.");
    static final Setting TLS_CERTIFICATE = Setting.of("http.tls.certificate", Setting.Kind.TEXT, "none",
        "none, or a PEM file with the certificate and those that sign it",
        "With http.tls.key, the port speaks HTTPS; the files are read again when they change.");
    static final Setting TLS_KEY = Setting.of("http.tls.key", Setting.Kind.TEXT, "none",
        "none, or a PEM file with the private key (PKCS#8, without a password)",
        "Private key of http.tls.certificate.");
    static final Setting TLS_LEAST = Setting.choice("http.tls.least", "TLSv1.3", List.of("TLSv1.3", "TLSv1.2"),
        "Oldest version of TLS that is spoken.");
    static final Setting MEDIA_HOSTS = Setting.of("media.hosts", Setting.Kind.LIST, "auto",
        "auto, or addresses of this machine, IPv4 or IPv6, no wildcard",
        "Addresses media is received on and advertised; auto is every address of this machine but loopback"
            + " (with --dev: loopback only).");
    static final Setting MEDIA_INTERFACES = Setting.of("media.interfaces", Setting.Kind.LIST, "[]",
        "names of network interfaces of this machine, like eth0",
        "With media.hosts auto, the interfaces whose addresses are taken; empty is all of them.");
    static final Setting MEDIA_FAMILIES = Setting.choice("media.families", "both", List.of("both", "ipv4", "ipv6"),
        "With media.hosts auto, the family of the addresses that are taken.");
    static final Setting MEDIA_PORT = Setting.integer("media.port", "10000", 0, 65_535, "-",
        "UDP port of the first lane, the others count up from it; 0 takes any free ones.");
    static final Setting MEDIA_LANES = Setting.integer("media.lanes", "0", 0, 64, "lanes",
        "Threads that carry media, each with its own UDP port (but for media.singlePort);"
            + " 0 is one per processor, at most 64.");
    static final Setting MEDIA_ANNOUNCED = Setting.of("media.announced", Setting.Kind.MAP, "{}",
        "pairs of an address of media.hosts and the public address of the same family that NAT maps to it",
        "NAT 1:1: the public address to advertise in place of a local one.");
    static final Setting MEDIA_TCP = Setting.bool("media.tcp", "true",
        "Media may come by TCP too, to the port of HTTP, where UDP is blocked (ICE-TCP).");
    static final Setting MEDIA_TCP_PORT = Setting.integer("media.tcpPort", "0", 0, 65_535, "-",
        "TCP port that clients are told for media, where a proxy that passes TCP on listens; 0 is the port of HTTP.");
    static final Setting MEDIA_CRYPTO = Setting.choice("media.crypto", "auto",
        List.of("auto", "ipsec-mb", "libcrypto", "jce"), "What seals and opens media; auto is the fastest that is"
            + " usable here, anything else is that or no start (chevet doctor shows what is usable).");
    static final Setting MEDIA_GSO = Setting.bool("media.gso", "true",
        "Equal datagrams to one receiver leave as one message that the kernel cuts (UDP GSO), where it can.");
    static final Setting MEDIA_SINGLE_PORT = Setting.bool("media.singlePort", "false",
        "All lanes share the port media.port; what reaches the wrong lane is handed over. Linux only.");
    static final Setting MEDIA_BUSY_POLL = Setting.bool("media.busyPoll", "false",
        "Lanes look for datagrams without ever sleeping: lower latency, one processor per lane always busy.");
    static final Setting MEDIA_PROCESSORS = Setting.of("media.processors", Setting.Kind.LIST, "[]",
        "numbers of processors from 0 to 1023",
        "Processors the lanes stay on, in turn; empty leaves that to the kernel. Linux only.");
    static final Setting BANDWIDTH_START = Setting.integer("media.bandwidth.startKbps", "300", 8, 1_000_000, "kbit/s",
        "Rate towards a receiver until it has told how packets arrive.");
    static final Setting BANDWIDTH_LEAST = Setting.integer("media.bandwidth.leastKbps", "30", 8, 1_000_000, "kbit/s",
        "The estimate of a receiver's link never falls below this: speech and measurements need it.");
    static final Setting BANDWIDTH_MOST = Setting.integer("media.bandwidth.mostKbps", "20000", 8, 1_000_000, "kbit/s",
        "Neither the estimate of a receiver's link nor a probe of it goes beyond this.");
    static final Setting TOKEN_KEYS = Setting.of("tokens.keys", Setting.Kind.SECRET_MAP, "{}",
        "key ids of letters, digits, dot, dash or underscore, each with a secret of at least 32 bytes as text,"
            + " base64:... or file:PATH",
        "Keys that sign participants' tokens (HS256), by key id; several at once allow to change them.");
    static final Setting API_KEYS = Setting.of("api.keys", Setting.Kind.SECRETS, "[]",
        "keys of at least 16 bytes as text or file:PATH",
        "Keys that open the API to vendors' back-ends (opening consultations, making tokens).");
    static final Setting TURN_URLS = Setting.of("turn.urls", Setting.Kind.LIST, "[]",
        "TURN URIs like turn:turn.example:3478?transport=udp or turns:turn.example:443?transport=tcp",
        "TURN servers of your own, which participants are told with credentials for a limited time.");
    static final Setting TURN_SECRET = Setting.of("turn.secret", Setting.Kind.SECRET, "none",
        "none, or a secret of at least 16 bytes as text, base64:... or file:PATH",
        "What the TURN servers have as static-auth-secret (coturn).");
    static final Setting TURN_TTL = Setting.integer("turn.ttlSeconds", "86400", 300, 604_800, "s",
        "How long such credentials are good for; they end with the participant's token at the latest.");
    static final Setting MAX_CONSULTATIONS = Setting.integer("limits.consultations", "10000", 1, 1_000_000,
        "consultations", "Consultations open at once.");
    static final Setting MAX_PARTICIPANTS = Setting.integer("limits.participants", "64", 2, 1_000, "participants",
        "Participants of one consultation.");
    static final Setting HANDSHAKE = Setting.integer("timeouts.handshakeMs", "15000", 1_000, 60_000, "ms",
        "A peer that is not connected (ICE and DTLS) after this time is closed.");
    static final Setting IDLE = Setting.integer("timeouts.idleMs", "30000", 6_000, 300_000, "ms",
        "A peer that sends nothing authenticated for this time is closed (RFC 7675 says 30 s).");
    static final Setting VITALS_RING_MS = Setting.integer("vitals.ringMs", "300000", 1_000, 3_600_000, "ms",
        "How long device data stays in memory for late joiners and reconnections.");
    static final Setting VITALS_RING_BYTES = Setting.integer("vitals.ringBytes", "16777216", 65_536, 1_073_741_824,
        "bytes", "How much of it stays, per stream, whatever its age.");
    static final Setting END_TO_END = Setting.choice("e2ee.default", "required", List.of("required", "allowed", "off"),
        "End-to-end encryption of consultations that are opened without a policy of their own.");
    static final Setting CONSOLE = Setting.bool("console.enabled", "true",
        "Serve the practitioner's and the site's pages at /.");
    static final Setting METRICS = Setting.bool("metrics.enabled", "true",
        "Serve /metrics in the Prometheus text format.");
    static final Setting DRAIN = Setting.integer("shutdown.drainSeconds", "10", 0, 3_600, "s",
        "After SIGTERM, how long consultations may finish while /health/ready already says no.");
    static final Setting LOG_LEVEL = Setting.choice("log.level", "info",
        List.of("error", "warn", "info", "debug", "trace"), "Least severe messages that are written.");

    private static final List<Setting> ALL = List.of(HTTP_HOST, HTTP_PORT, HTTP_CORS, TLS_CERTIFICATE, TLS_KEY,
        TLS_LEAST, MEDIA_HOSTS, MEDIA_INTERFACES, MEDIA_FAMILIES, MEDIA_PORT, MEDIA_LANES, MEDIA_ANNOUNCED, MEDIA_TCP,
        MEDIA_TCP_PORT, MEDIA_CRYPTO, MEDIA_GSO, MEDIA_SINGLE_PORT, MEDIA_BUSY_POLL, MEDIA_PROCESSORS,
        BANDWIDTH_START, BANDWIDTH_LEAST, BANDWIDTH_MOST, TOKEN_KEYS, API_KEYS, TURN_URLS, TURN_SECRET, TURN_TTL,
        MAX_CONSULTATIONS, MAX_PARTICIPANTS, HANDSHAKE, IDLE, VITALS_RING_MS, VITALS_RING_BYTES, END_TO_END, CONSOLE,
        METRICS, DRAIN, LOG_LEVEL);

    private Settings() {
    }

    static List<Setting> all() {
        return ALL;
    }

    static Optional<Setting> find(final String path) {
        return ALL.stream().filter(setting -> setting.path().equals(path)).findFirst();
    }

    /** True when keys stand below this path. */
    static boolean isGroup(final String path) {
        return ALL.stream().anyMatch(setting -> setting.path().startsWith(path + "."));
    }

    /** Refusal of a key that does not exist, naming the nearest one when there is one near. */
    static ConfigException unknown(final String path, final String source) {
        final List<String> known = new ArrayList<>();
        ALL.forEach(setting -> known.add(setting.path()));
        return new ConfigException("There is no key " + path + " (" + source + ")" + Nearest.to(path, known)
            .map(near -> ": did you mean " + near + "?")
            .orElse(": chevet config keys lists all there are."));
    }

    /** The table of all keys in Markdown, one row per key, as {@code ops/docs/configuration.md} holds it. */
    public static String markdown() {
        final StringBuilder table = new StringBuilder(4096)
            .append("| key | environment | default | accepted | unit | meaning |\n")
            .append("| --- | --- | --- | --- | --- | --- |\n");
        for (final Setting setting : ALL) {
            table.append("| `").append(setting.path()).append("` | `").append(setting.variable()).append("` | `")
                .append(setting.fallback()).append("` | ").append(setting.accepts()).append(" | ")
                .append(setting.unit()).append(" | ").append(setting.about()).append(" |\n");
        }
        return table.toString();
    }
}
