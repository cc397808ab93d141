package org.chevet.ops.browser;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real browsers that may use relayed candidates only, through Debian's coturn, whose address and credentials they got
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
            try (Relay relay = relay(coturn.tcp())) {
                flow(relay, browser::open, "tcp");
            }
            try (Relay relay = relay(coturn.tls())) {
                flow(relay, browser::open, "tls");
            }
        }
    }

    /** By TCP alone: Firefox takes no certificate that nobody it knows has signed. */
    @Test
    @Interop(client = "Firefox ESR", features = "TURN")
    void soundAndPictureOfFirefoxFlowThroughTurnByTcp() throws Exception {
        try (Coturn coturn = Coturn.start(folder); Relay relay = relay(coturn.tcp());
            Firefox browser = Firefox.start("http://127.0.0.1:" + relay.httpPort())) {
            flow(relay, browser::open, "tcp");
        }
    }

    private static Relay relay(final String server) throws IOException {
        final Reach reach = Reach.plain().withTurn(List.of(server), Coturn.SECRET.getBytes(StandardCharsets.UTF_8), 60);
        return Relay.start(RelayConfig.defaults().withTokenKey("test", TOKEN_KEY).withPorts(0, 0).withReach(reach),
            started -> List.of(new ConsoleRoute(), new TestPages()));
    }

    private static void flow(final Relay relay, final Function<String, Scripted> open, final String protocol)
        throws Exception {
        try (ProbePair pair =
            new ProbePair(relay, open, "turn-" + protocol, ProbePair.THROUGH_TURN, ProbePair.PLAIN)) {
            pair.awaitSoundAndPicture();
            pair.assertRelayed(protocol);
            pair.assertProtocol("udp");
        }
    }
}
