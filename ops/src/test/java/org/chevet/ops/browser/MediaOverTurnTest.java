package org.chevet.ops.browser;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real Chromium that may use relayed candidates only, through Debian's coturn, whose address and credentials it got
 * from the relay: where a firewall lets nothing but TCP or TLS out to a TURN server.
 */
@Timeout(120)
class MediaOverTurnTest {
    private static final byte[] TOKEN_KEY = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    @Interop(client = "Chromium", features = "TURN")
    void soundAndPictureFlowThroughTurnByTcpAndByTls() throws Exception {
        Chromium.require();
        try (Coturn coturn = Coturn.start(folder);
            Chromium browser = Chromium.start("--ignore-certificate-errors")) {
            flow(browser, coturn.tcp(), "tcp");
            flow(browser, coturn.tls(), "tls");
        }
    }

    private static void flow(final Chromium browser, final String server, final String protocol) throws Exception {
        final Reach reach = Reach.plain().withTurn(List.of(server), Coturn.SECRET.getBytes(StandardCharsets.UTF_8), 60);
        try (Relay relay = Relay.start(
            RelayConfig.defaults().withTokenKey("test", TOKEN_KEY).withPorts(0, 0).withReach(reach),
            started -> List.of(new ConsoleRoute(), new TestPages()));
            ProbePair pair = new ProbePair(relay, browser::open, "turn-" + protocol, ProbePair.THROUGH_TURN,
                ProbePair.PLAIN)) {
            pair.awaitSoundAndPicture();
            pair.assertRelayed(protocol);
            pair.assertProtocol("udp");
        }
    }
}
