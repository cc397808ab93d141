package org.chevet.ops.config;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.chevet.relay.api.Bandwidth;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.jspecify.annotations.Nullable;

/** Puts file and environment together into a {@link ServerConfig}; the environment wins over the file. */
public final class ConfigReader {
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ORIGIN = Pattern.compile("https?://[A-Za-z0-9.\\-\\[\\]:]+");
    /** A configuration file larger than this is a mistake. */
    private static final long MAX_FILE_BYTES = 1024 * 1024;
    private static final int MAX_PROCESSOR = 1023;
    private static final Pattern PROCESSOR = Pattern.compile("[0-9]{1,4}");
    private static final int MAX_PORT = 65_535;
    private static final long BPS_PER_KBPS = 1_000;
    private static final int MAX_LANES = 64;
    private static final String DEFAULT_SOURCE = "the default";
    /** Variables of the launcher, which are no settings of the server. */
    private static final Set<String> LAUNCHER = Set.of("CHEVET_JAVA_OPTS", "CHEVET_CONFIG");
    /** What Kubernetes puts into the environment of a pod beside a service named chevet. */
    private static final Pattern SERVICE_LINK =
        Pattern.compile("CHEVET_.*(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP).*)?)");

    private final Map<String, RawValue> values;
    private final boolean dev;

    private ConfigReader(final Map<String, RawValue> values, final boolean dev) {
        this.values = values;
        this.dev = dev;
    }

    /**
     * Reads the file, then the environment of this process.
     *
     * @param file YAML file, null for none
     * @param dev loopback only; keys may be missing
     * @throws ConfigException one sentence: key, value, what is accepted
     */
    public static ServerConfig load(final @Nullable Path file, final boolean dev) {
        final String yaml = file == null ? "" : text(file);
        return read(file == null ? "" : String.valueOf(file.getFileName()), yaml, System.getenv(), dev);
    }

    /**
     * Reads a text and an environment given as arguments.
     *
     * @param name name of the text, for refusals
     * @throws ConfigException one sentence: key, value, what is accepted
     */
    static ServerConfig read(final String name, final String yaml, final Map<String, String> environment,
        final boolean dev) {
        final Map<String, RawValue> values = new HashMap<>(YamlValues.read(name, yaml));
        for (final Setting setting : Settings.all()) {
            final String text = environment.get(setting.variable());
            if (text != null) {
                values.put(setting.path(), RawValue.ofText(text, "environment variable " + setting.variable()));
            }
        }
        return new ConfigReader(values, dev).config(strangers(environment));
    }

    private ServerConfig config(final List<String> warnings) {
        final String httpHost = httpHost();
        final List<String> hosts = mediaHosts();
        final int lanes = lanes();
        final RelayConfig relay;
        try {
            relay = new RelayConfig(httpHost, integer(Settings.HTTP_PORT), hosts, mediaPort(lanes), lanes,
                announced(hosts), tokenKeys(), apiKeys(), corsOrigins(), integer(Settings.MAX_CONSULTATIONS),
                integer(Settings.MAX_PARTICIPANTS), integer(Settings.HANDSHAKE), integer(Settings.IDLE),
                integer(Settings.VITALS_RING_MS), integer(Settings.VITALS_RING_BYTES), tuning(), reach(),
                EndToEndPolicy.ofLabel(choice(Settings.END_TO_END)).orElseThrow());
        } catch (final IllegalArgumentException e) {
            throw new ConfigException("These settings do not go together: " + e.getMessage() + ".");
        }
        return new ServerConfig(relay, bool(Settings.CONSOLE), bool(Settings.METRICS), integer(Settings.DRAIN),
            choice(Settings.LOG_LEVEL), dev, warnings);
    }

    private Reach reach() {
        final Path certificate = file(Settings.TLS_CERTIFICATE);
        final Path key = file(Settings.TLS_KEY);
        final Reach plain =
            turn(Reach.plain().withMediaTcp(bool(Settings.MEDIA_TCP), integer(Settings.MEDIA_TCP_PORT)));
        if (certificate == null && key == null) {
            return plain;
        }
        if (certificate == null || key == null) {
            final Setting missing = certificate == null ? Settings.TLS_CERTIFICATE : Settings.TLS_KEY;
            final Setting given = certificate == null ? Settings.TLS_KEY : Settings.TLS_CERTIFICATE;
            throw new ConfigException(given.path() + " is given (" + raw(given).source() + ") without "
                + missing.path() + ": accepted is both, or none of them.");
        }
        return plain.withTls(certificate, key, choice(Settings.TLS_LEAST).equals("TLSv1.2"));
    }

    private Reach turn(final Reach reach) {
        final Setting setting = Settings.TURN_SECRET;
        final List<String> urls = list(Settings.TURN_URLS);
        final boolean isGiven = !raw(setting).text().equals("none");
        if (urls.isEmpty() && !isGiven) {
            return reach;
        }
        if (urls.isEmpty() || !isGiven) {
            final Setting given = isGiven ? setting : Settings.TURN_URLS;
            throw new ConfigException(given.path() + " is given (" + raw(given).source() + ") without "
                + (isGiven ? Settings.TURN_URLS : setting).path() + ": accepted is both, or none of them.");
        }
        final byte[] secret = Secrets.bytes(setting, setting.path(), raw(setting).text(), raw(setting).source(),
            Secrets.MIN_TURN_BYTES);
        try {
            return reach.withTurn(urls, secret, integer(Settings.TURN_TTL));
        } catch (final IllegalArgumentException e) {
            throw Settings.TURN_URLS.refused(shown(String.join(", ", urls)), raw(Settings.TURN_URLS).source());
        }
    }

    /** A file that can be read, null for none. */
    private @Nullable Path file(final Setting setting) {
        final RawValue raw = raw(setting);
        if (raw.text().equals("none")) {
            return null;
        }
        try {
            final Path path = Path.of(raw.text());
            if (!raw.text().isBlank() && Files.isReadable(path) && !Files.isDirectory(path)) {
                return path;
            }
        } catch (final InvalidPathException e) {
            throw setting.refused(written(raw), raw.source());
        }
        throw setting.refused(written(raw) + ", which is no file that can be read", raw.source());
    }

    private Tuning tuning() {
        return new Tuning(choice(Settings.MEDIA_CRYPTO), bool(Settings.MEDIA_GSO), bool(Settings.MEDIA_SINGLE_PORT),
            bool(Settings.MEDIA_BUSY_POLL), processors(), bandwidth());
    }

    private Bandwidth bandwidth() {
        return new Bandwidth(integer(Settings.BANDWIDTH_START) * BPS_PER_KBPS,
            integer(Settings.BANDWIDTH_LEAST) * BPS_PER_KBPS, integer(Settings.BANDWIDTH_MOST) * BPS_PER_KBPS);
    }

    private List<Integer> processors() {
        final Setting setting = Settings.MEDIA_PROCESSORS;
        final List<Integer> processors = new ArrayList<>();
        for (final String written : list(setting)) {
            if (!PROCESSOR.matcher(written).matches() || Integer.parseInt(written) > MAX_PROCESSOR) {
                throw setting.refused(shown(written), raw(setting).source());
            }
            processors.add(Integer.parseInt(written));
        }
        return processors;
    }

    private String httpHost() {
        final Setting setting = Settings.HTTP_HOST;
        final RawValue raw = raw(setting);
        if (raw.text().equals("localhost")) {
            return "127.0.0.1";
        }
        final InetAddress address = Addresses.literal(raw.text())
            .orElseThrow(() -> setting.refused(shown(raw.text()), raw.source()));
        if (!address.isAnyLocalAddress() && !Addresses.isLocal(address)) {
            throw setting.refused(shown(raw.text()) + ", which this machine does not have", raw.source());
        }
        return raw.text();
    }

    private int lanes() {
        final int lanes = integer(Settings.MEDIA_LANES);
        return lanes > 0 ? lanes : Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_LANES);
    }

    private int mediaPort(final int lanes) {
        final int port = integer(Settings.MEDIA_PORT);
        if (!bool(Settings.MEDIA_SINGLE_PORT) && port > 0 && port + lanes - 1 > MAX_PORT) {
            throw new ConfigException("media.port is " + port + " with " + lanes + " lanes ("
                + raw(Settings.MEDIA_PORT).source() + "): accepted is at most " + (MAX_PORT - lanes + 1)
                + ", so that every lane has a port.");
        }
        return port;
    }

    private List<String> mediaHosts() {
        final Setting setting = Settings.MEDIA_HOSTS;
        final RawValue raw = raw(setting);
        final List<String> written = list(setting);
        final String families = choice(Settings.MEDIA_FAMILIES);
        final List<String> interfaces = list(Settings.MEDIA_INTERFACES);
        if (written.equals(List.of("auto"))) {
            if (dev) {
                return List.of(families.equals("ipv6") ? "::1" : "127.0.0.1");
            }
            return automatic(raw, families, interfaces);
        }
        if (!interfaces.isEmpty() || !families.equals("both")) {
            final Setting narrower = interfaces.isEmpty() ? Settings.MEDIA_FAMILIES : Settings.MEDIA_INTERFACES;
            throw new ConfigException(narrower.path() + " is given (" + raw(narrower).source()
                + ") with addresses in media.hosts: accepted is one of the two.");
        }
        final Set<String> hosts = new LinkedHashSet<>();
        for (final String host : written) {
            final InetAddress address = Addresses.literal(host)
                .orElseThrow(() -> setting.refused(shown(host), raw.source()));
            if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
                throw setting.refused(shown(host), raw.source());
            }
            if (!Addresses.isLocal(address)) {
                throw setting.refused(shown(host) + ", which this machine does not have", raw.source());
            }
            hosts.add(host);
        }
        if (hosts.isEmpty()) {
            throw setting.refused("empty", raw.source());
        }
        return List.copyOf(hosts);
    }

    private List<String> automatic(final RawValue raw, final String families, final List<String> interfaces) {
        for (final String name : interfaces) {
            if (!Addresses.isInterface(name)) {
                throw Settings.MEDIA_INTERFACES.refused(shown(name) + ", which this machine does not have",
                    raw(Settings.MEDIA_INTERFACES).source());
            }
        }
        final List<String> reachable = Addresses.reachable(families, interfaces);
        if (reachable.isEmpty()) {
            throw new ConfigException("media.hosts is auto (" + raw.source() + "), but this machine has no address"
                + (families.equals("both") && interfaces.isEmpty() ? "" : " that media.families and media.interfaces"
                + " let pass") + " besides loopback: accepted are addresses like 127.0.0.1, or --dev.");
        }
        return reachable;
    }

    private Map<String, String> announced(final List<String> hosts) {
        final Setting setting = Settings.MEDIA_ANNOUNCED;
        final RawValue raw = raw(setting);
        final Map<String, String> pairs = map(setting);
        pairs.forEach((local, outside) -> {
            final InetAddress from = Addresses.literal(local).orElse(null);
            final InetAddress to = Addresses.literal(outside).orElse(null);
            if (from == null || to == null || !hosts.contains(local) || !Addresses.sameFamily(from, to)
                || to.isAnyLocalAddress() || to.isMulticastAddress()) {
                throw setting.refused(shown(local + ": " + outside), raw.source());
            }
        });
        return pairs;
    }

    private Map<String, byte[]> tokenKeys() {
        final Setting setting = Settings.TOKEN_KEYS;
        final RawValue raw = raw(setting);
        final Map<String, byte[]> keys = new LinkedHashMap<>();
        map(setting).forEach((id, written) -> {
            if (!KEY_ID.matcher(id).matches()) {
                throw setting.refused("a key id " + shown(id), raw.source());
            }
            keys.put(id, Secrets.bytes(setting, "tokens.keys." + id, written, raw.source(),
                Secrets.MIN_TOKEN_BYTES));
        });
        return keys;
    }

    private List<String> apiKeys() {
        final Setting setting = Settings.API_KEYS;
        final List<String> keys = new ArrayList<>();
        for (final String written : list(setting)) {
            final byte[] key = Secrets.bytes(setting, setting.path(), written, raw(setting).source(),
                Secrets.MIN_API_BYTES);
            keys.add(new String(key, java.nio.charset.StandardCharsets.UTF_8));
        }
        return keys;
    }

    private List<String> corsOrigins() {
        final Setting setting = Settings.HTTP_CORS;
        final List<String> origins = list(setting);
        for (final String origin : origins) {
            if (!origin.equals("*") && !ORIGIN.matcher(origin).matches()) {
                throw setting.refused(shown(origin), raw(setting).source());
            }
        }
        return origins;
    }

    private int integer(final Setting setting) {
        final RawValue raw = raw(setting);
        try {
            final long value = Long.parseLong(raw.text().strip());
            if (value >= setting.min() && value <= setting.max()) {
                return Math.toIntExact(value);
            }
        } catch (final NumberFormatException e) {
            throw setting.refused(written(raw), raw.source());
        }
        throw setting.refused(written(raw), raw.source());
    }

    private boolean bool(final Setting setting) {
        final RawValue raw = raw(setting);
        return switch (raw.text().strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw setting.refused(written(raw), raw.source());
        };
    }

    private String choice(final Setting setting) {
        final RawValue raw = raw(setting);
        if (!List.of(setting.accepts().replace("one of ", "").split(", ")).contains(raw.text())) {
            throw setting.refused(written(raw), raw.source());
        }
        return raw.text();
    }

    /** A list; text of file or environment is split at commas. */
    private List<String> list(final Setting setting) {
        final RawValue raw = raw(setting);
        if (!raw.items().isEmpty() || raw.text().isBlank()) {
            return raw.items();
        }
        final List<String> items = new ArrayList<>();
        for (final String item : raw.text().split(",", -1)) {
            if (item.isBlank()) {
                throw setting.refused(setting.kind().isSecret() ? "a list with an empty entry" : written(raw),
                    raw.source());
            }
            items.add(item.strip());
        }
        return items;
    }

    /** A mapping; text of the environment is split at commas and at the first equals sign. */
    private Map<String, String> map(final Setting setting) {
        final RawValue raw = raw(setting);
        if (!raw.entries().isEmpty() || raw.text().isBlank()) {
            return raw.entries();
        }
        final Map<String, String> entries = new LinkedHashMap<>();
        for (final String entry : raw.text().split(",", -1)) {
            final int equals = entry.indexOf('=');
            if (equals <= 0) {
                throw setting.refused(setting.kind().isSecret() ? "not a list of id=secret" : written(raw),
                    raw.source());
            }
            entries.put(entry.substring(0, equals).strip(), entry.substring(equals + 1).strip());
        }
        return entries;
    }

    private RawValue raw(final Setting setting) {
        final RawValue raw = values.get(setting.path());
        if (raw != null) {
            return raw;
        }
        final String fallback = setting.fallback();
        return RawValue.ofText(fallback.equals("[]") || fallback.equals("{}") ? "" : fallback, DEFAULT_SOURCE);
    }

    private static String written(final RawValue raw) {
        return raw.text().isEmpty() ? "empty" : shown(raw.text());
    }

    /** A value in a sentence: short and on one line. */
    private static String shown(final String text) {
        final String line = text.strip().replaceAll("\\p{Cntrl}", "?");
        return line.length() <= 80 ? line : line.substring(0, 77) + "...";
    }

    private static List<String> strangers(final Map<String, String> environment) {
        final List<String> known = new ArrayList<>();
        Settings.all().forEach(setting -> known.add(setting.variable()));
        final List<String> warnings = new ArrayList<>();
        for (final String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(Settings.PREFIX) && !known.contains(name) && !LAUNCHER.contains(name)
                && !SERVICE_LINK.matcher(name).matches()) {
                warnings.add("The environment variable " + name + " belongs to no key and is ignored"
                    + Nearest.to(name, known).map(near -> ": did you mean " + near + "?").orElse("."));
            }
        }
        return warnings;
    }

    private static String text(final Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new ConfigException("The configuration " + file + " has " + Files.size(file)
                    + " bytes: accepted are at most " + MAX_FILE_BYTES + ".");
            }
            return Files.readString(file);
        } catch (final NoSuchFileException e) {
            throw new ConfigException("There is no configuration file " + file + ".");
        } catch (final CharacterCodingException e) {
            throw new ConfigException("The configuration " + file + " is not UTF-8 text.");
        } catch (final IOException e) {
            throw new ConfigException("The configuration " + file + " cannot be read: " + e.getMessage() + ".");
        }
    }
}
