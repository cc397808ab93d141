package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line as a person meets it. */
class ChevetTest {
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
        final String secret = "0123456789abcdef0123456789abcdef";
        final Path file = Files.writeString(folder.resolve("chevet.yaml"), "tokens: {keys: {main: " + secret + "}}\n");
        assertEquals(0, run("config", "check", "--dev", "--config", file.toString()));
        assertTrue(out.toString().contains("token keys main"), out.toString());
        assertTrue(!out.toString().contains(secret), out.toString());
    }

    private int run(final String... arguments) {
        final CommandLine line = Chevet.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
