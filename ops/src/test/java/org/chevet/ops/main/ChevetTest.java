package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.chevet.relay.api.SocketReport;
import org.chevet.relay.api.Tuning;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal;
import org.chevet.relay.token.TokenVerifier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line as a person meets it. */
class ChevetTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void noArgumentsShowsWhereToStart() {
        assertEquals(0, run());
        assertTrue(out.toString().contains("chevet demo"), out.toString());
    }

    @Test
    void aMistypedCommandGetsASuggestionAndCode2() {
        assertEquals(2, run("confg"));
        assertTrue(err.toString().contains("config"), err.toString());
    }

    @Test
    void aBadConfigurationIsOneLineAndCode2(@TempDir final Path folder) throws IOException {
        final Path file = Files.writeString(folder.resolve("chevet.yaml"), "http:\n  port: 99999\n");
        assertEquals(2, run("config", "check", "--config", file.toString()));
        assertEquals("chevet: http.port is 99999 (chevet.yaml line 2): accepted is a whole number from 0 to 65535.\n",
            err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aMissingConfigurationFileIsOneLineAndCode2() {
        assertEquals(2, run("config", "check", "--config", "nowhere.yaml"));
        assertEquals("chevet: There is no configuration file nowhere.yaml.\n", err.toString());
    }

    @Test
    void aGoodConfigurationIsDescribedWithoutSecrets(@TempDir final Path folder) throws IOException {
        final Path file = Files.writeString(folder.resolve("chevet.yaml"), "tokens: {keys: {main: " + SECRET + "}}\n");
        assertEquals(0, run("config", "check", "--dev", "--config", file.toString()));
        assertTrue(out.toString().contains("token keys main"), out.toString());
        assertTrue(!out.toString().contains(SECRET), out.toString());
    }

    @Test
    void aTokenIsPrintedAloneAndTheRelayWouldTakeIt() throws TokenRefusal {
        assertEquals(0, token("--role", "Practitioner", "--ttl", "5m", "--name", "Dr Who"), err.toString());
        final Claims claims = new TokenVerifier(Map.of("k1", SECRET.getBytes(StandardCharsets.UTF_8)))
            .verify(out.toString().strip(), System.currentTimeMillis());
        assertEquals("dr-1", claims.participant());
        assertEquals("c1", claims.consultation());
        assertEquals(Role.PRACTITIONER, claims.role());
        assertEquals("Dr Who", claims.name());
        assertEquals(Grants.defaultsOf(Role.PRACTITIONER), claims.grants());
        assertEquals(300, (claims.expiresAtMs() - System.currentTimeMillis()) / 1000.0, 5);
        assertEquals(1, out.toString().lines().count());
    }

    @Test
    @Tag("REQ-P3")
    void aTokenCanHaveASubsetOfGrants() throws TokenRefusal {
        assertEquals(0, token("--role", "guest", "--grant", "subscribe:audio,subscribe:video"), err.toString());
        final Claims claims = new TokenVerifier(Map.of("k1", SECRET.getBytes(StandardCharsets.UTF_8)))
            .verify(out.toString().strip(), System.currentTimeMillis());
        assertEquals(List.of("subscribe:audio", "subscribe:video"), claims.grants().toClaim());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--role|king|chevet: --role is king: accepted is one of patient, companion, practitioner, guest, device.",
        "--ttl|ever|chevet: --ttl is ever: accepted is a number with s, m or h, like 90s, 15m or 8h.",
        "--ttl|25h|chevet: No token was made: the token would live longer than 24 hours.",
        "--grant|all|chevet: --grant: grant 'all' is not publish:<class> or subscribe:<class>",
        "--name|1 85 05 78 006 084 36|chevet: No token was made: claim name looks like a national identity number"})
    @Tag("REQ-O4")
    void aTokenThatCannotBeMadeIsOneSentence(final String option, final String value, final String start) {
        final String role = option.equals("--role") ? value : "guest";
        assertEquals(2, option.equals("--role") ? token("--role", role) : token("--role", role, option, value));
        assertTrue(err.toString().startsWith(start), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void theDoctorSaysWhatIsUsableAndWhatItCosts() {
        assertEquals(0, run("doctor"), err.toString());
        final String text = out.toString();
        assertTrue(text.contains("  Java       " + Runtime.version()), text);
        assertTrue(text.contains("  kernel     " + System.getProperty("os.name")), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("  jce        usable, version \\S+; one 1200-byte packet"
            + " sealed: AES-256-GCM \\d{3,6} ns, AES128_CM_HMAC_SHA1_80 \\d{3,6} ns")), text);
        for (final String name : List.of("ipsec-mb", "libcrypto")) {
            assertTrue(text.lines().anyMatch(line -> line.matches("  " + name + " +(usable, version |not usable: ).*")),
                text);
        }
        assertTrue(text.lines().anyMatch(line -> line.matches("  chosen     \\S+ \\(media.crypto is auto\\)")), text);
        assertTrue(text.lines()
            .anyMatch(line -> line.matches("  path       (recvmmsg and sendmmsg|Netty's portable).*")), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("  lanes      \\d+ for \\d+ processors?")), text);
        assertTrue(text.endsWith("Nothing here stops a server.\n"), text);
    }

    @Test
    void theDoctorNamesTheSettingThatHoldsSocketsBack() {
        final Tuning tuning = Tuning.defaults();
        final PrintWriter writer = new PrintWriter(out, true);
        SocketsSection.print(new SocketReport(true, false, false, 212_992, 4_194_304, 4_194_304), tuning, writer);
        SocketsSection.print(new SocketReport(true, false, true, 4_194_304, 212_992, 4_194_304),
            tuning.withSegmenting(false), writer);
        SocketsSection.print(new SocketReport(false, false, false, 0, 0, 4_194_304), tuning, writer);
        for (final String line : List.of(
            "  receive    208 KiB of buffer, 4096 were asked for: sysctl -w net.core.rmem_max=4194304",
            "  send       208 KiB of buffer, 4096 were asked for: sysctl -w net.core.wmem_max=4194304",
            "  send       4096 KiB of buffer", "  UDP GSO    refused by this kernel: each datagram is a message",
            "  UDP GSO    off by media.gso")) {
            assertTrue(out.toString().lines().anyMatch(line::equals), out.toString());
        }
        assertTrue(out.toString().contains("  path       Netty's portable channels"), out.toString());
        assertTrue(new SocketsSection(tuning, 3, 2).print(writer));
        assertTrue(out.toString().contains("  lanes      3 for 2 processors: more lanes than processors"),
            out.toString());
    }

    @Test
    void theDoctorSaysWhenAServerWouldNotStart() {
        final DoctorSection good = new CryptoSection("jce");
        final DoctorSection bad = new CryptoSection("abacus");
        assertEquals(1, DoctorCommand.examine(List.of(bad, good), new PrintWriter(out, true)));
        assertTrue(out.toString().contains("  chosen     none: crypto is 'abacus': accepted is one of auto, ipsec-mb,"
            + " libcrypto, jce\n"), out.toString());
        assertTrue(out.toString().endsWith("A server would not start here.\n"), out.toString());
    }

    private int token(final String... more) {
        final List<String> arguments = new ArrayList<>(List.of("token", "--consultation", "c1", "--participant",
            "dr-1", "--key", "k1=" + SECRET));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    private int run(final String... arguments) {
        final CommandLine line = Chevet.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
