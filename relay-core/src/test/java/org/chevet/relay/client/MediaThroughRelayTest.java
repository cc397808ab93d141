package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.api.Reach;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.net.LaneThread;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The media client through a whole relay on loopback: HTTP, ICE, DTLS, SRTP, routing. */
@Timeout(60)
class MediaThroughRelayTest {
    private static final int FRAMES = 100;
    private static final byte[] KEY = "a key for tests, at least 32 bytes long".getBytes(StandardCharsets.UTF_8);
    /** Frames are sent as fast as the sound arrives, many times faster than in real time. */
    private final MediaClientConfig config =
        MediaClientConfig.create().withTimeout(Duration.ofSeconds(10)).withoutFeedback();
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        final RelayConfig defaults = RelayConfig.defaults();
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(), Map.of("k1", KEY),
            List.of("api"), List.of(), 10, 10, defaults.handshakeTimeoutMs(), defaults.idleTimeoutMs(),
            defaults.vitalsRingMs(), defaults.vitalsRingBytes(), defaults.tuning(),
            Reach.plain()));
        relay.open("c1").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    @Tag("REQ-A1")
    @Tag("REQ-A3")
    void publishedFramesReachAPlayerWholeAndInOrder() throws IOException, InterruptedException, TokenRefusal {
        final AtomicInteger asked = new AtomicInteger();
        final Map<Integer, Integer> payloads = new ConcurrentHashMap<>();
        try (WhipPublisher publisher = WhipPublisher.connect(config, endpoint("/whip/c1"), token("site", Role.DEVICE),
            List.of(new OutgoingTrack(TrackKind.AUDIO, "stethoscope", true), OutgoingTrack.video("ultrasound")),
            track -> asked.incrementAndGet())) {
            assertTrue(publisher.encoderParameters(0).contains("stereo=1"), publisher.encoderParameters(0));
            final Random random = new Random(42);
            try (WhepPlayer player = WhepPlayer.connect(config, endpoint("/whep/c1?from=site"),
                token("doctor", Role.PRACTITIONER), 1, 1, (track, packet, offset, length, sequence) -> {
                    if (track == 1) {
                        payloads.put(sequence, length - 4);
                    }
                })) {
                assertEquals("AEAD_AES_256_GCM", player.srtpProfile());
                final AtomicInteger before = new AtomicInteger();
                final byte[] delta = frame(random, false);
                assertTrue(Await.until(() -> {
                    publisher.send(1, delta, 0, delta.length, before.incrementAndGet() * 1_000_000L);
                    return asked.get() > 0;
                }), "a key frame is asked for");
                int bytes = 0;
                for (int i = 1; i <= FRAMES; i++) {
                    final byte[] frame = frame(random, i % 25 == 1);
                    bytes += frame.length;
                    assertTrue(publisher.send(1, frame, 0, frame.length, (25 + i) * 40_000_000L));
                    assertTrue(publisher.send(0, frame, 0, 120, i * 20_000_000L));
                    final int sent = i;
                    assertTrue(Await.until(() -> player.reports().getFirst().packets() == sent), "sound arrives");
                }
                final int expected = bytes;
                assertTrue(Await.until(() -> payloads.values().stream().mapToInt(Integer::intValue).sum() == expected),
                    () -> "of " + expected + " bytes: " + payloads.values().stream().mapToInt(Integer::intValue).sum()
                        + " " + player.reports());
                final ReceivedReport video = player.reports().get(1);
                assertEquals(FRAMES, video.frames());
                assertEquals(FRAMES / 25, video.keyFrames());
                assertEquals(0, video.lost());
                assertEquals("site", video.stream());
                assertEquals("ultrasound", video.track());
                assertEquals(FRAMES, player.reports().getFirst().frames());
                assertEquals(0, player.unknownPackets());
            }
        }
    }

    private static byte[] frame(final Random random, final boolean key) {
        final byte[] frame = new byte[500 + random.nextInt(4000)];
        random.nextBytes(frame);
        frame[0] = (byte) (key ? 0x10 : 0x11);
        return frame;
    }

    @Test
    void playerThatComesFirstReceivesAPublisherThatComesLater()
        throws IOException, InterruptedException, TokenRefusal {
        try (WhepPlayer player = WhepPlayer.connect(config, endpoint("/whep/c1"), token("doctor", Role.PRACTITIONER),
            1, 1, (track, packet, offset, length, sequence) -> { });
            WhipPublisher publisher = WhipPublisher.connect(config, endpoint("/whip/c1"), token("site", Role.DEVICE),
                List.of(OutgoingTrack.video("camera")), track -> { })) {
            final byte[] frame = frame(new Random(1), true);
            final AtomicInteger sent = new AtomicInteger();
            assertTrue(Await.until(() -> {
                publisher.send(0, frame, 0, frame.length, sent.getAndIncrement() * 40_000_000L);
                return player.reports().get(1).keyFrames() > 3;
            }), () -> player.reports().toString());
        }
    }

    @Test
    @Tag("REQ-E3")
    void iceRestartsOfBothSidesGoOnWithTheSameKeysAndTracks()
        throws IOException, InterruptedException, TokenRefusal {
        restartsWhileMediaFlows();
        final LaneStats lane = relay.laneStats().getFirst();
        assertEquals(4, lane.counted(Counter.ICE_RESTARTS));
        assertEquals(2, lane.counted(Counter.DTLS_STARTED), "no new handshake");
        assertEquals(0, lane.dropped(DropReason.STUN_UNKNOWN_USER));
    }

    private void restartsWhileMediaFlows() throws IOException, InterruptedException, TokenRefusal {
        try (WhepPlayer player = WhepPlayer.connect(config, endpoint("/whep/c1"), token("doctor", Role.PRACTITIONER),
            1, 1, (track, packet, offset, length, sequence) -> { });
            WhipPublisher publisher = WhipPublisher.connect(config, endpoint("/whip/c1"), token("site", Role.DEVICE),
                List.of(OutgoingTrack.audio("voice")), track -> { })) {
            final byte[] sound = new byte[80];
            final AtomicInteger sent = new AtomicInteger();
            assertTrue(Await.until(() -> {
                publisher.send(0, sound, 0, sound.length, sent.getAndIncrement() * 20_000_000L);
                return player.reports().getFirst().packets() > 0;
            }), "the relay may take its keys a little later than the client");
            for (int round = 0; round < 5; round++) {
                final long before = player.reports().getFirst().packets();
                for (int i = 0; i < 20; i++) {
                    assertTrue(publisher.send(0, sound, 0, sound.length, sent.getAndIncrement() * 20_000_000L));
                }
                assertTrue(Await.until(() -> player.reports().getFirst().packets() >= before + 20),
                    () -> "after " + before + ": " + player.reports().getFirst());
                if (round % 2 == 0 && round < 4) {
                    publisher.restartIce();
                } else if (round < 4) {
                    player.restartIce();
                }
            }
            assertEquals(0, player.reports().getFirst().lost());
            assertTrue(publisher.isConnected() && player.isConnected());
        }
    }

    @Test
    @Tag("REQ-E3")
    void restartsFromTwoThreadsComeOneAfterTheOther() throws Exception {
        try (WhipPublisher publisher = WhipPublisher.connect(config, endpoint("/whip/c1"), token("site", Role.DEVICE),
                List.of(OutgoingTrack.audio("voice")), track -> { });
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final Callable<Boolean> restart = () -> {
                publisher.restartIce();
                return publisher.isConnected();
            };
            for (final Future<Boolean> one : threads.invokeAll(List.of(restart, restart))) {
                assertTrue(one.get());
            }
        }
        assertEquals(2, relay.laneStats().getFirst().counted(Counter.ICE_RESTARTS));
    }

    @Test
    void tokenOfAnotherConsultationIsRefusedWithTheReason() {
        final MediaClientException refused = assertThrows(MediaClientException.class, () -> WhepPlayer.connect(config,
            endpoint("/whep/c2"), token("doctor", Role.PRACTITIONER), 1, 0, (t, p, o, l, s) -> { }).close());
        assertTrue(refused.status() >= 400 && refused.status() < 500, refused.getMessage());
        assertTrue(refused.getMessage().startsWith("the relay refused (" + refused.status() + "): "));
    }

    @Test
    void lanesThatShareOnePortHandOverWhatReachesTheWrongOne()
        throws IOException, InterruptedException, TokenRefusal {
        Assumptions.assumeTrue(LaneThread.canSharePort(), "lanes share a port on 64-bit Linux only");
        relay.close();
        final RelayConfig defaults = RelayConfig.defaults();
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 4, Map.of(), Map.of("k1", KEY),
            List.of("api"), List.of(), 10, 10, defaults.handshakeTimeoutMs(), defaults.idleTimeoutMs(),
            defaults.vitalsRingMs(), defaults.vitalsRingBytes(), defaults.tuning().withSinglePort(true),
            Reach.plain()));
        relay.open("c1").toCompletableFuture().join();
        // Each round has new ports, so that within a few the kernel picks a lane without the consultation.
        for (int round = 0; round < 6; round++) {
            playerThatComesFirstReceivesAPublisherThatComesLater();
            restartsWhileMediaFlows();
        }
        long handedOver = 0;
        for (final LaneStats lane : relay.laneStats()) {
            handedOver += lane.counted(Counter.DATAGRAMS_HANDED_OVER);
            assertEquals(0, lane.dropped(DropReason.LANE_QUEUE_FULL));
        }
        assertTrue(handedOver > 0, "12 connections on 4 lanes, all on the lane of one consultation");
    }

    private URI endpoint(final String path) {
        return URI.create("http://127.0.0.1:" + relay.httpPort() + path);
    }

    private String token(final String participant, final Role role) throws TokenRefusal {
        return relay.issueToken(new Claims(participant, "c1", role, participant, Grants.parse(List.of("publish:audio",
            "publish:video", "publish:device-audio", "subscribe:audio", "subscribe:video",
            "subscribe:device-audio")), System.currentTimeMillis() + 600_000));
    }
}
