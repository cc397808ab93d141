package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.MediaClientException;
import org.chevet.relay.client.OutgoingTrack;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsEvents;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WhepPlayer;
import org.chevet.relay.client.WhipPublisher;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who does not encrypt where it is required, and who does where it is off, is told so and kept out. */
@Timeout(60)
class EndToEndPolicyTest {
    private static final byte[] KEY = "a key for tests, at least 32 bytes long".getBytes(StandardCharsets.UTF_8);

    private final MediaClientConfig clear = MediaClientConfig.create();
    private final MediaClientConfig sealed = clear.withEndToEnd(keys());
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        relay = Relay.start(RelayConfig.defaults().withTokenKey("k1", KEY).withPorts(0, 0)
            .withEndToEnd(EndToEndPolicy.REQUIRED));
        relay.open("required").toCompletableFuture().join();
        relay.open("off", EndToEndPolicy.OFF).toCompletableFuture().join();
        relay.open("allowed", EndToEndPolicy.ALLOWED).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    @Tag("REQ-O21")
    @Tag("REQ-O7")
    void mediaInTheClearIsRefusedWhereEncryptionIsRequired() throws Exception {
        final String refused = refusal(clear, "required");
        assertTrue(refused.contains("(403)") && refused.contains("end-to-end encrypted"), refused);
        final MediaClientException player = assertThrows(MediaClientException.class, () -> WhepPlayer.connect(clear,
            endpoint("/whep/required"), token("required"), 1, 0, (t, p, o, l, s) -> { }).close());
        assertEquals(403, player.status());
        publish(sealed, "required");
    }

    @Test
    void encryptedMediaIsRefusedWhereItIsOff() throws Exception {
        assertTrue(refusal(sealed, "off").contains("(403)"));
        publish(clear, "off");
    }

    @Test
    void whereItIsAllowedEachDecides() throws Exception {
        publish(clear, "allowed");
        publish(sealed, "allowed");
    }

    @Test
    @Tag("REQ-O21")
    void deviceStreamsFollowThePolicyToo() throws Exception {
        assertEquals(ErrorCode.NOT_GRANTED, openStream("required", false));
        assertEquals(ErrorCode.NULL_VAL, openStream("required", true));
        assertEquals(ErrorCode.NOT_GRANTED, openStream("off", true));
        assertEquals(ErrorCode.NULL_VAL, openStream("off", false));
        assertEquals(2, relay.laneStats().stream()
            .mapToLong(lane -> lane.counted(Counter.VITALS_ENCRYPTION_REFUSED)).sum());
        assertEquals(ErrorCode.NULL_VAL, openStream("allowed", false));
        assertEquals(ErrorCode.NULL_VAL, openStream("allowed", true));
    }

    /** What became of a stream: the code it was refused with, or NULL_VAL when the relay took it. */
    private ErrorCode openStream(final String consultation, final boolean encrypted) throws Exception {
        final AtomicReference<ErrorCode> refused = new AtomicReference<>(ErrorCode.NULL_VAL);
        final VitalsPublisher.Options options = VitalsPublisher.Options.defaults("test").withEvents(new VitalsEvents() {
            @Override
            public void onRefused(final ErrorCode code, final String text) {
                refused.set(code);
            }
        });
        final String token = token(consultation);
        final StreamSpec spec =
            StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1, List.of(new StreamSpec.Channel(0, "II", "mV")));
        try (VitalsPublisher publisher = VitalsPublisher.start(new WebSocketTransport(
            URI.create("ws://127.0.0.1:" + relay.httpPort() + "/v1/vitals"), () -> token),
            encrypted ? options.withEndToEnd(keys()) : options)) {
            final Publication stream = publisher.open(encrypted ? spec.encrypted() : spec);
            assertTrue(stream.offer(0, 1, Long.MIN_VALUE, 0, ByteBuffer.allocate(2)));
            assertTrue(Await.until(() -> refused.get() != ErrorCode.NULL_VAL || stream.heldBelow() == 1));
            return refused.get();
        }
    }

    private String refusal(final MediaClientConfig config, final String consultation) {
        return String.valueOf(
            assertThrows(MediaClientException.class, () -> publish(config, consultation)).getMessage());
    }

    private void publish(final MediaClientConfig config, final String consultation) throws Exception {
        final AtomicInteger asked = new AtomicInteger();
        try (WhipPublisher publisher = WhipPublisher.connect(config, endpoint("/whip/" + consultation),
            token(consultation), List.of(OutgoingTrack.audio("voice")), track -> asked.incrementAndGet())) {
            assertTrue(publisher.isConnected());
        }
    }

    private static EndToEnd keys() {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(new byte[KeySchedule.LINK_BYTES], ""), System.nanoTime());
        return EndToEnd.required(keys, "site");
    }

    private URI endpoint(final String path) {
        return URI.create("http://127.0.0.1:" + relay.httpPort() + path);
    }

    private String token(final String consultation) throws TokenRefusal {
        return relay.issueToken(new Claims("site", consultation, Role.COMPANION, "site",
            Grants.defaultsOf(Role.COMPANION), System.currentTimeMillis() + 600_000));
    }
}
