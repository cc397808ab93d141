package org.chevet.ops.browser;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.chevet.ops.console.ConsoleRoute;
import org.chevet.ops.interop.ForeignClient;
import org.chevet.ops.interop.Interop;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real browsers, aiortc and libwebrtc, that may use relayed candidates only, through Debian's coturn, whose address and
 * credentials they got from the relay: where a firewall lets nothing but TCP or TLS out to a TURN server.
 */
@Timeout(120)
class MediaOverTurnTest {
    private static final byte[] TOKEN_KEY = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
    private static final Duration SOON = Duration.ofSeconds(40);

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

    @Test
    @Interop(client = "aiortc", features = "TURN")
    void soundAndPictureOfAiortcFlowThroughTurnByTcp() throws Exception {
        ForeignClient.require("import aiortc", "python3-aiortc");
        try (Coturn coturn = Coturn.start(folder); Relay relay = relay(coturn.tcp())) {
            flow(relay, ForeignClient.python("aiortc_client.py"));
        }
    }

    @Test
    @Interop(client = "libwebrtc for Java", features = "TURN")
    void soundAndPictureOfLibwebrtcFlowThroughTurnByTcp() throws Exception {
        ForeignClient.requireLibwebrtc();
        try (Coturn coturn = Coturn.start(folder); Relay relay = relay(coturn.tcp())) {
            flow(relay, ForeignClient.libwebrtc());
        }
    }

    /** A program that publishes and one that views, neither with a candidate but the TURN server's. */
    private static void flow(final Relay relay, final List<String> program) throws Exception {
        relay.open("turn").toCompletableFuture().join();
        try (ForeignClient site = start(relay, program, "publish", "whip", "site", Role.COMPANION);
            ForeignClient doctor = start(relay, program, "view", "whep", "doctor", Role.PRACTITIONER)) {
            site.await(said -> said.path("state").asText().matches("connected|completed"), SOON);
            doctor.await(said -> said.path("audio").asInt() >= 50 && said.path("video").asInt() >= 15, SOON);
        }
    }

    private static ForeignClient start(final Relay relay, final List<String> program, final String mode,
        final String path, final String participant, final Role role) throws Exception {
        return ForeignClient.start(program, mode, "http://127.0.0.1:" + relay.httpPort() + "/" + path + "/turn",
            relay.issueToken(new Claims(participant, "turn", role, participant, Grants.defaultsOf(role),
                System.currentTimeMillis() + 600_000)), "turn");
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
