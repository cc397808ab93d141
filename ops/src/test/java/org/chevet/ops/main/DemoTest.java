package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import picocli.CommandLine;

/** The command of README.md, shortened: everything through real sockets on loopback. */
@Isolated
class DemoTest {
    @Test
    @Tag("REQ-A3")
    @Tag("REQ-A4")
    void theHeadlessPractitionerReceivesAllOfItBitForBit() {
        final StringWriter out = new StringWriter();
        final CommandLine line = Chevet.commandLine();
        line.setOut(new PrintWriter(out, true));
        final int code = line.execute("demo", "--headless-check", "8");
        assertEquals(0, code, out.toString());
        assertEquals(1, out.toString().lines().count(), out.toString());
        assertTrue(out.toString().contains("\"samplesLost\":0,\"samplesWrong\":0,\"gaps\":0,\"ok\":true"),
            out.toString());
    }

    @Test
    @Tag("REQ-O15")
    void onAPoorNetworkVideoYieldsAndDeviceDataDoesNot() {
        final StringWriter out = new StringWriter();
        final StringWriter err = new StringWriter();
        final CommandLine line = Chevet.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        final int code = line.execute("demo", "--headless-check", "15", "--netem", "300k,10%");
        Assumptions.assumeFalse(err.toString().contains("cannot be made here"), "skipped: " + err);
        assertEquals(0, code, out.toString() + err);
        assertTrue(out.toString().contains("\"videoFlowed\":false"), "it needs five times as much: " + out);
        assertTrue(out.toString().contains("\"samplesLost\":0,\"samplesWrong\":0,\"gaps\":0,\"ok\":true"),
            out.toString());
    }
}
