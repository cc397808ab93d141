package org.chevet.ops.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** aiortc, GStreamer and libwebrtc publish by WHIP and decode what comes by WHEP, through a whole relay on loopback. */
@Timeout(120)
class NativeClientsTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        final byte[] secret = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.UTF_8);
        relay = Relay.start(RelayConfig.defaults().withTokenKey("test", secret).withPorts(0, 0));
        relay.open("c1").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    @Interop(client = "aiortc", features = {"audio", "video"})
    void aiortcHearsAndSeesAiortc() throws Exception {
        ForeignClient.require("import aiortc", "python3-aiortc");
        publishAndView(ForeignClient.python("aiortc_client.py"));
    }

    @Test
    @Interop(client = "GStreamer webrtcbin", features = {"audio", "video"})
    void gstreamerHearsAndSeesGstreamer() throws Exception {
        ForeignClient.require("import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstWebRTC', '1.0');"
            + "from gi.repository import Gst; Gst.init(None);"
            + "assert all(Gst.ElementFactory.find(e) for e in ('webrtcbin', 'nicesrc', 'vp8enc', 'opusenc'))",
            "python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice gstreamer1.0-plugins-bad"
                + " gstreamer1.0-plugins-good gstreamer1.0-plugins-base");
        publishAndView(ForeignClient.python("gstreamer_client.py"));
    }

    @Test
    @Interop(client = "libwebrtc for Java", features = {"audio", "video"})
    void libwebrtcHearsAndSeesLibwebrtc() throws Exception {
        ForeignClient.requireLibwebrtc();
        publishAndView(ForeignClient.libwebrtc());
    }

    private void publishAndView(final List<String> program) throws IOException, TokenRefusal, InterruptedException {
        try (ForeignClient site = ForeignClient.start(program, "publish", url("whip"), token("site", Role.COMPANION));
            ForeignClient doctor = ForeignClient.start(program, "view", url("whep"),
                token("doctor", Role.PRACTITIONER))) {
            site.await(NativeClientsTest::isConnected, SOON);
            doctor.await(NativeClientsTest::decodes, SOON);
        }
        assertTrue(counted(Counter.SESSIONS_CLOSED) >= 2, "both took their leave");
    }

    private static boolean decodes(final JsonNode said) {
        return said.path("audio").asInt() >= 50 && said.path("video").asInt() >= 15;
    }

    private static boolean isConnected(final JsonNode said) {
        return said.path("state").asText().matches("connected|completed");
    }

    private long counted(final Counter counter) {
        return relay.laneStats().stream().mapToLong(lane -> lane.counted(counter)).sum();
    }

    private String url(final String kind) {
        return "http://127.0.0.1:" + relay.httpPort() + "/" + kind + "/c1";
    }

    private String token(final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "c1", role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
    }
}
