package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.client.e2ee.KeySource;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sealed sound and picture through a whole relay on loopback. */
@Timeout(60)
class EndToEndMediaTest {
    private static final int FRAMES = 50;
    private static final byte[] KEY = "a key for tests, at least 32 bytes long".getBytes(StandardCharsets.UTF_8);
    private static final String CANARY = "what nobody between the two may read";

    private final MediaClientConfig config =
        MediaClientConfig.create().withTimeout(Duration.ofSeconds(10)).withoutFeedback();
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        relay = Relay.start(RelayConfig.defaults().withTokenKey("k1", KEY).withPorts(0, 0));
        relay.open("c1").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    @Tag("REQ-O7")
    void whoHasTheKeyHasEveryFrameAndOthersHaveNone() throws Exception {
        final Map<Integer, byte[]> sound = new ConcurrentHashMap<>();
        final Map<Integer, byte[]> pictures = new ConcurrentHashMap<>();
        final AtomicInteger wrong = new AtomicInteger();
        final AtomicInteger plain = new AtomicInteger();
        final AtomicInteger packets = new AtomicInteger();
        try (WhipPublisher publisher = WhipPublisher.connect(config.withEndToEnd(EndToEnd.required(keys(1), "site")),
            endpoint("/whip/c1"), token("site", Role.COMPANION),
            List.of(OutgoingTrack.audio("voice"), OutgoingTrack.video("camera")), track -> { });
            WhepPlayer player = WhepPlayer.connectFrames(config.withEndToEnd(EndToEnd.required(keys(1), "doctor")),
                endpoint("/whep/c1?from=site"), token("doctor", Role.PRACTITIONER), 1, 1,
                (track, timestamp, frame, offset, length) -> {
                    final byte[] bytes = new byte[length];
                    frame.getBytes(offset, bytes);
                    (track == 0 ? sound : pictures).put(timestamp, bytes);
                });
            WhepPlayer other = WhepPlayer.connectFrames(config.withEndToEnd(EndToEnd.required(keys(2), "guest")),
                endpoint("/whep/c1?from=site"), token("guest", Role.PRACTITIONER), 1, 1,
                (track, timestamp, frame, offset, length) -> wrong.incrementAndGet());
            WhepPlayer without = WhepPlayer.connect(config, endpoint("/whep/c1"),
                token("curious", Role.PRACTITIONER), 1, 1, (track, packet, offset, length, sequence) -> {
                    final byte[] bytes = new byte[length];
                    packet.buffer().getBytes(offset, bytes);
                    packets.incrementAndGet();
                    plain.addAndGet(new String(bytes, StandardCharsets.ISO_8859_1).contains(CANARY) ? 1 : 0);
                })) {
            final Random random = new Random(3);
            final AtomicInteger time = new AtomicInteger();
            assertTrue(Await.until(() -> {
                send(publisher, frame(random, true), time.getAndIncrement());
                return !pictures.isEmpty() && !sound.isEmpty() && other.unopenedFrames() > 1 && packets.get() > 1;
            }), () -> pictures.size() + " pictures, " + sound.size() + " sounds, " + other.unopenedFrames());
            pictures.clear();
            sound.clear();
            for (int i = 0; i < FRAMES; i++) {
                final byte[] frame = frame(random, i % 10 == 0);
                send(publisher, frame, time.getAndIncrement());
                final int sent = i + 1;
                assertTrue(Await.until(() -> sound.size() >= sent
                    && pictures.values().stream().anyMatch(one -> Arrays.equals(one, frame))), "frame " + i);
            }
            sound.values().forEach(one -> assertArrayEquals(CANARY.getBytes(StandardCharsets.UTF_8), one));
            assertEquals(0, player.unopenedFrames());
            assertTrue(without.isConnected());
            assertEquals(0, wrong.get());
            assertEquals(0, plain.get(), "of " + packets.get());
            assertTrue(player.reports().get(1).keyFrames() >= FRAMES / 10, "key frames are known by their clear bytes");
        }
    }

    private static void send(final WhipPublisher publisher, final byte[] frame, final int number) {
        final byte[] voice = CANARY.getBytes(StandardCharsets.UTF_8);
        publisher.send(0, voice, 0, voice.length, number * 20_000_000L);
        publisher.send(1, frame, 0, frame.length, number * 40_000_000L);
    }

    /** A picture that says the canary again and again. */
    private static byte[] frame(final Random random, final boolean key) {
        final byte[] frame = CANARY.repeat(20 + random.nextInt(60)).getBytes(StandardCharsets.UTF_8);
        frame[0] = (byte) (key ? 0x10 : 0x11);
        return frame;
    }

    private static KeySource keys(final int seed) {
        final byte[] secret = new byte[KeySchedule.LINK_BYTES];
        new Random(seed).nextBytes(secret);
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(secret, ""), System.nanoTime());
        return keys;
    }

    private URI endpoint(final String path) {
        return URI.create("http://127.0.0.1:" + relay.httpPort() + path);
    }

    private String token(final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "c1", role, participant, Grants.defaultsOf(role),
            System.currentTimeMillis() + 600_000));
    }
}
