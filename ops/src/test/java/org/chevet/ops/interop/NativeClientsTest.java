package org.chevet.ops.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.chevet.relay.stats.DropReason;
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
    @Interop(client = "aiortc", features = "data channel")
    void aiortcCarriesVitalsAndChat() throws Exception {
        ForeignClient.require("import aiortc", "python3-aiortc");
        final List<String> script = ForeignClient.python("aiortc_channels.py");
        try (ForeignClient site = ForeignClient.start(script, "publish", url("whip"), token("site", Role.COMPANION));
            ForeignClient doctor = ForeignClient.start(script, "view", url("whep"),
                token("doctor", Role.PRACTITIONER))) {
            final JsonNode seen =
                doctor.await(said -> said.path("received").asInt() == 60 && said.path("words").size() > 1, SOON);
            assertEquals("[]", seen.path("faults").toString());
            assertEquals("from publish", seen.path("words").path(0).asText());
            final JsonNode sent =
                site.await(said -> said.path("held").asInt() == 60 && said.path("words").size() > 1, SOON);
            assertEquals("[]", sent.path("faults").toString());
            assertEquals("from view", sent.path("words").path(0).asText());
        }
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
    @Interop(client = "libwebrtc for Java", features = {"audio", "video", "ICE restart"})
    void libwebrtcHearsAndSeesLibwebrtcAndBothRestartIce() throws Exception {
        ForeignClient.requireLibwebrtc();
        try (ForeignClient site = libwebrtc("publish", ""); ForeignClient doctor = libwebrtc("view", "")) {
            doctor.await(NativeClientsTest::decodes, SOON);
            final long handshakes = counted(Counter.DTLS_STARTED);
            for (final ForeignClient client : List.of(site, doctor)) {
                final long restarts = counted(Counter.ICE_RESTARTS);
                client.act();
                doctor.await(said -> counted(Counter.ICE_RESTARTS) > restarts, SOON);
                final int now = doctor.await(said -> true, SOON).path("video").asInt();
                doctor.await(said -> said.path("video").asInt() > now + 30 && isConnected(said), SOON);
            }
            assertEquals(handshakes, counted(Counter.DTLS_STARTED));
        }
        assertTrue(counted(Counter.SESSIONS_CLOSED) >= 2, "both took their leave");
    }

    @Test
    @Interop(client = "libwebrtc for Java", features = "TCP only")
    void libwebrtcHearsAndSeesLibwebrtcOverTheHttpPort() throws Exception {
        ForeignClient.requireLibwebrtc();
        try (ForeignClient site = libwebrtc("publish", LibwebrtcClient.TCP);
            ForeignClient doctor = libwebrtc("view", LibwebrtcClient.TCP)) {
            for (final ForeignClient client : List.of(site, doctor)) {
                assertEquals("tcp", client.await(said -> !said.path("protocol").asText().isEmpty(), SOON)
                    .path("protocol").asText());
            }
            doctor.await(NativeClientsTest::decodes, SOON);
        }
    }

    @Test
    @Interop(client = "libwebrtc for Java", features = "simulcast")
    void layersOfLibwebrtcArriveAndTheViewerSeesTheWidest() throws Exception {
        ForeignClient.requireLibwebrtc();
        try (ForeignClient site = libwebrtc("publish", LibwebrtcClient.LAYERS);
            ForeignClient doctor = libwebrtc("view", "")) {
            site.await(NativeClientsTest::isConnected, SOON);
            doctor.await(said -> decodes(said) && said.path("width").asInt() == LibwebrtcClient.WIDTH, SOON);
        }
        assertTrue(dropped(DropReason.LAYER_NOT_SELECTED) > 0, "more than one layer arrived");
        assertEquals(0, dropped(DropReason.RTP_UNKNOWN_STREAM));
    }

    @Test
    @Interop(client = "libwebrtc for Java", features = "data channel")
    void libwebrtcChatsBesideSoundAndPicture() throws Exception {
        ForeignClient.requireLibwebrtc();
        try (ForeignClient site = libwebrtc("publish", LibwebrtcClient.CHAT);
            ForeignClient doctor = libwebrtc("view", LibwebrtcClient.CHAT)) {
            final List<ForeignClient> both = List.of(site, doctor);
            for (final ForeignClient client : both) {
                client.await(said -> said.path("open").asBoolean(), SOON);
            }
            for (final ForeignClient client : both) {
                client.act();
            }
            for (final ForeignClient client : both) {
                final JsonNode heard =
                    client.await(said -> said.path("heard").asInt() == LibwebrtcClient.CHATTED, SOON);
                assertEquals(0, heard.path("faults").asInt(), heard.toString());
            }
            doctor.await(NativeClientsTest::decodes, SOON);
        }
    }

    private ForeignClient libwebrtc(final String mode, final String option) throws IOException, TokenRefusal {
        final boolean publishes = mode.equals("publish");
        return ForeignClient.start(ForeignClient.libwebrtc(), mode, url(publishes ? "whip" : "whep"),
            publishes ? token("site", Role.COMPANION) : token("doctor", Role.PRACTITIONER), option);
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

    private long dropped(final DropReason reason) {
        return relay.laneStats().stream().mapToLong(lane -> lane.dropped(reason)).sum();
    }

    private String url(final String kind) {
        return "http://127.0.0.1:" + relay.httpPort() + "/" + kind + "/c1";
    }

    private String token(final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "c1", role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
    }
}
