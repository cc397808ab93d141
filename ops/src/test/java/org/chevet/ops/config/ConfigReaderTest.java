package org.chevet.ops.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.chevet.relay.api.Bandwidth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a configuration means, and the one sentence that answers a bad one. */
class ConfigReaderTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @Test
    void anEmptyConfigurationGivesTheDocumentedDefaults() {
        final ServerConfig config = read("");
        assertEquals("127.0.0.1", config.relay().httpHost());
        assertEquals(8080, config.relay().httpPort());
        assertEquals(List.of("127.0.0.1"), config.relay().mediaHosts());
        assertEquals(10_000, config.relay().mediaPort());
        assertEquals(Runtime.getRuntime().availableProcessors(), config.relay().lanes());
        assertEquals(300_000, config.relay().vitalsRingMs());
        assertEquals(16 * 1024 * 1024, config.relay().vitalsRingBytes());
        assertEquals("auto", config.relay().tuning().crypto());
        assertTrue(config.consoleEnabled());
        assertTrue(config.metricsEnabled());
        assertEquals("info", config.logLevel());
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void certificateAndKeyGoTogetherAndMustBeFiles(@TempDir final Path folder) throws IOException {
        final Path file = Files.writeString(folder.resolve("some.pem"), "x");
        final ServerConfig config = read("http: {tls: {certificate: " + file + ", key: " + file + "}}");
        assertTrue(config.relay().reach().isSecure());
        assertFalse(read("").relay().reach().isSecure());
        final String alone = assertThrows(ConfigException.class,
            () -> read("http: {tls: {key: " + file + "}}")).getMessage();
        assertTrue(alone.startsWith("http.tls.key is given") && alone.contains("without http.tls.certificate"), alone);
        final String missing = assertThrows(ConfigException.class,
            () -> read("http: {tls: {certificate: " + folder + "/none.pem, key: " + file + "}}")).getMessage();
        assertTrue(missing.contains("which is no file that can be read"), missing);
    }

    @Test
    void turnServersAndTheirSecretGoTogether() {
        final String urls = "urls: [\"turn:turn.example:3478?transport=udp\"]";
        final ServerConfig config = read("turn: {" + urls + ", secret: \"" + SECRET + "\", ttlSeconds: 600}");
        assertEquals("[turn:turn.example:3478?transport=udp] for 600 s", config.relay().reach().turn().toString());
        for (final String bad : List.of(urls, "secret: \"" + SECRET + "\"", "urls: [\"https://a\"], secret: \"" + SECRET
            + "\"", urls + ", secret: \"short secret\"")) {
            final String sentence =
                assertThrows(ConfigException.class, () -> read("turn: {" + bad + "}")).getMessage();
            assertTrue(sentence.startsWith("turn.") && sentence.contains("accepted is"), sentence);
            assertFalse(sentence.contains(SECRET) || sentence.contains("short secret"), sentence);
        }
    }

    @Test
    void theFileIsReadAndTheEnvironmentWins() {
        final ServerConfig config = ConfigReader.read("chevet.yaml", """
            http: {port: 8081, corsOrigins: ["https://clinic.example"]}
            media:
              hosts: [127.0.0.1, "::1"]
              lanes: 3
              crypto: jce
              announced: {127.0.0.1: 203.0.113.7}
            tokens:
              keys: {k1: "%s"}
            limits:
              participants: 8
            """.formatted(SECRET), Map.of("CHEVET_HTTP_PORT", "9090", "CHEVET_HTTP_CORS_ORIGINS",
                "https://a.example, https://b.example", "CHEVET_METRICS_ENABLED", "false"), true);
        assertEquals(9090, config.relay().httpPort());
        assertEquals(List.of("https://a.example", "https://b.example"), config.relay().corsOrigins());
        assertFalse(config.metricsEnabled());
        assertEquals(List.of("127.0.0.1", "::1"), config.relay().mediaHosts());
        assertEquals(3, config.relay().lanes());
        assertEquals("jce", config.relay().tuning().crypto());
        assertEquals(Map.of("127.0.0.1", "203.0.113.7"), config.relay().announced());
        assertEquals(8, config.relay().maxParticipants());
        assertArrayEquals(SECRET.getBytes(StandardCharsets.UTF_8), config.relay().tokenKeys().get("k1"));
    }

    @Test
    void secretsComeFromTextBase64FileAndEnvironment(@TempDir final Path folder) throws IOException {
        final Path file = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        final ServerConfig config = ConfigReader.read("chevet.yaml", """
            tokens:
              keys:
                text: %s
                base64: base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
                file: file:%s
            """.formatted(SECRET, file), Map.of("CHEVET_API_KEYS", "file:" + file), true);
        assertArrayEquals(SECRET.getBytes(StandardCharsets.UTF_8), config.relay().tokenKeys().get("file"));
        assertEquals(31, config.relay().tokenKeys().get("base64")[31]);
        assertEquals(List.of(SECRET), config.relay().apiKeys());
        final ServerConfig other = ConfigReader.read("", "", Map.of("CHEVET_TOKENS_KEYS", "a=" + SECRET), true);
        assertArrayEquals(SECRET.getBytes(StandardCharsets.UTF_8), other.relay().tokenKeys().get("a"));
    }

    @Test
    void autoMeansEveryAddressButLoopbackOutsideOfDev() {
        for (final String host : Addresses.reachable("both", List.of())) {
            assertFalse(host.startsWith("127.") || host.equals("::1") || host.contains("%"), host);
        }
        assertEquals(List.of("127.0.0.1"), read("media: {hosts: auto}").relay().mediaHosts());
    }

    @Test
    void autoCanBeNarrowedToAFamilyAndToInterfaces() throws Exception {
        final List<String> all = Addresses.reachable("both", List.of());
        final List<String> parts = new ArrayList<>(Addresses.reachable("ipv4", List.of()));
        assertTrue(parts.stream().noneMatch(host -> host.contains(":")), parts.toString());
        parts.addAll(Addresses.reachable("ipv6", List.of()));
        assertEquals(all, parts);
        final List<String> ofCards = new ArrayList<>();
        for (final NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            ofCards.addAll(Addresses.reachable("both", List.of(card.getName())));
        }
        assertEquals(Set.copyOf(all), Set.copyOf(ofCards));
        assertEquals(List.of(), Addresses.reachable("both", List.of("lo")), "loopback is reachable for nobody");
        assertEquals(List.of("::1"), read("media: {families: ipv6}").relay().mediaHosts());
    }

    @Test
    void theBandwidthTowardsAReceiverIsBoundedAsWritten() {
        assertEquals(Bandwidth.defaults(), read("").relay().tuning().bandwidth());
        assertEquals(new Bandwidth(600_000, 64_000, 5_000_000),
            read("media: {bandwidth: {startKbps: 600, leastKbps: 64, mostKbps: 5000}}").relay().tuning().bandwidth());
    }

    @Test
    void anUnknownVariableIsAWarningWithASuggestionAndServiceLinksAreNot() {
        final ServerConfig config = ConfigReader.read("", "", Map.of("CHEVET_HTTP_PROT", "1",
            "CHEVET_SERVICE_HOST", "10.0.0.1", "CHEVET_PORT_8080_TCP_ADDR", "10.0.0.1", "CHEVET_JAVA_OPTS", ""), true);
        assertEquals(List.of("The environment variable CHEVET_HTTP_PROT belongs to no key and is ignored:"
            + " did you mean CHEVET_HTTP_PORT?"), config.warnings());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
            Arguments.of("http: {port: 99999}",
                "http.port is 99999 (t.yaml line 1): accepted is a whole number from 0 to 65535."),
            Arguments.of("http: {port: eighty}",
                "http.port is eighty (t.yaml line 1): accepted is a whole number from 0 to 65535."),
            Arguments.of("http:\n  port: -1",
                "http.port is -1 (t.yaml line 2): accepted is a whole number from 0 to 65535."),
            Arguments.of("http: {port: }",
                "http.port is empty (t.yaml line 1): accepted is a whole number from 0 to 65535."),
            Arguments.of("http: {port: [1]}", "http.port is a list (t.yaml line 1): accepted is a whole number"),
            Arguments.of("http: {prot: 1}", "There is no key http.prot (t.yaml line 1): did you mean http.port?"),
            Arguments.of("port: 1", "There is no key port (t.yaml line 1): did you mean http.port?"),
            Arguments.of("limits: {max_participants: 1}", "There is no key limits.max_participants"),
            Arguments.of("colour: red",
                "There is no key colour (t.yaml line 1): chevet config keys lists all there are."),
            Arguments.of("http: 8080", "http is a single value (t.yaml line 1): accepted are keys indented below it."),
            Arguments.of("http: {host: clinic.example}", "http.host is clinic.example (t.yaml line 1): accepted is"),
            Arguments.of("http: {host: 203.0.113.9}", "http.host is 203.0.113.9, which this machine does not have"),
            Arguments.of("http: {corsOrigins: [clinic.example]}", "http.corsOrigins is clinic.example"),
            Arguments.of("media: {hosts: [0.0.0.0]}", "media.hosts is 0.0.0.0"),
            Arguments.of("media: {hosts: [203.0.113.9]}", "media.hosts is 203.0.113.9, which this machine does not"),
            Arguments.of("media: {hosts: []}", "media.hosts is empty"),
            Arguments.of("media: {hosts: [127.0.0.1], families: ipv4}", "media.families is given (t.yaml line 1) with"
                + " addresses in media.hosts: accepted is one of the two."),
            Arguments.of("media: {hosts: [127.0.0.1], interfaces: [lo]}", "media.interfaces is given"),
            Arguments.of("media: {families: ipv5}", "media.families is ipv5 (t.yaml line 1): accepted is one of both"),
            Arguments.of("media: {bandwidth: {startKbps: 20}}", "These settings do not go together: the bandwidth"
                + " starts at 20000 bit/s between 30000 and 20000000, accepted: least <= start <= most."),
            Arguments.of("media: {port: 65534, lanes: 4}", "media.port is 65534 with 4 lanes (t.yaml line 1):"
                + " accepted is at most 65532, so that every lane has a port."),
            Arguments.of("media: {announced: {10.1.1.1: 203.0.113.9}}", "media.announced is 10.1.1.1: 203.0.113.9"),
            Arguments.of("media: {announced: {127.0.0.1: \"::1\"}}", "media.announced is 127.0.0.1: ::1"),
            Arguments.of("tokens: {keys: {k1: short}}", "tokens.keys.k1 is a secret of 5 bytes (t.yaml line 1)"),
            Arguments.of("tokens: {keys: {\"k 1\": %s}}".formatted(SECRET), "tokens.keys is a key id k 1"),
            Arguments.of("tokens: {keys: {k1: \"file:/nonexistent\"}}",
                "tokens.keys.k1 is the file /nonexistent that cannot be read"),
            Arguments.of("tokens: {keys: {k1: \"base64:%%\"}}", "tokens.keys.k1 is not base64"),
            Arguments.of("api: {keys: [short]}", "api.keys is a secret of 5 bytes"),
            Arguments.of("metrics: {enabled: maybe}", "metrics.enabled is maybe (t.yaml line 1):"
                + " accepted is true or false."),
            Arguments.of("log: {level: loud}", "log.level is loud (t.yaml line 1): accepted is one of error, warn"),
            Arguments.of("http: {port: 1}\nhttp: {port: 2}", "t.yaml line 2 is not YAML: Duplicate field 'http'"),
            Arguments.of("http: {port: 1", "t.yaml line 1 is not YAML"),
            Arguments.of("- 1", "t.yaml does not hold keys and values"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aBadConfigurationIsOneSentence(final String yaml, final String start) {
        final String sentence = assertThrows(ConfigException.class, () -> read(yaml)).getMessage();
        assertTrue(sentence.startsWith(start), sentence + "\n  does not start with\n" + start);
        assertFalse(sentence.contains("\n"), sentence);
        assertTrue(sentence.endsWith(".") || sentence.endsWith("?"), sentence);
    }

    @Test
    void aBadVariableIsNamed() {
        final String sentence = assertThrows(ConfigException.class,
            () -> ConfigReader.read("", "", Map.of("CHEVET_HTTP_PORT", "x"), true)).getMessage();
        assertEquals("http.port is x (environment variable CHEVET_HTTP_PORT):"
            + " accepted is a whole number from 0 to 65535.", sentence);
    }

    @Test
    void noSentenceHoldsASecret() {
        final String secret = "too-short-secret";
        for (final String yaml : List.of("tokens: {keys: {k: " + secret + "}}", "api: {keys: ['" + secret.substring(4)
            + "']}", "tokens: {keys: " + secret + "}", "api: {keys: '" + secret + ",,'}")) {
            final String sentence = assertThrows(ConfigException.class, () -> read(yaml), yaml).getMessage();
            assertFalse(sentence.contains("secret of too") || sentence.contains("short-secret"), sentence);
        }
    }

    private static ServerConfig read(final String yaml) {
        return ConfigReader.read("t.yaml", yaml, Map.of(), true);
    }
}
