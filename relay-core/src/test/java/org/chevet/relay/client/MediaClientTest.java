package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.relay.dtls.BouncyDtls;
import org.chevet.relay.dtls.DtlsCertificate;
import org.chevet.relay.net.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The media client over real sockets, ICE, DTLS and SRTP against {@link FakeRelay}. */
@Timeout(60)
class MediaClientTest {
    private static final int FRAMES = 100;
    private final MediaClientConfig config = MediaClientConfig.create().withTimeout(Duration.ofSeconds(10));
    private FakeRelay relay;

    @BeforeEach
    void start() throws IOException {
        final SecureRandom random = new SecureRandom();
        final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now(), 1);
        relay = new FakeRelay(BouncyDtls.factory(certificate, random), certificate.fingerprint());
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void everyFrameArrivesWholeAlthoughPacketsAreLostOnTheWay() throws IOException, InterruptedException {
        final AtomicInteger asked = new AtomicInteger();
        final Map<Integer, Integer> payloads = new ConcurrentHashMap<>();
        try (WhipPublisher publisher = WhipPublisher.connect(config, relay.endpoint("/whip/c"), "good",
            List.of(OutgoingTrack.audio("microphone"), OutgoingTrack.video("ultrasound")),
            track -> asked.incrementAndGet());
            WhepPlayer player = WhepPlayer.connect(config, relay.endpoint("/whep/c"), "good", 1, 1,
                (track, packet, offset, length, sequence) -> {
                    if (track == 1) {
                        payloads.put(sequence, length - 4);
                    }
                })) {
            assertEquals("AEAD_AES_256_GCM", player.srtpProfile());
            assertEquals("label=0:microphone&label=1:ultrasound", relay.firstQuery);
            assertTrue(Await.until(() -> asked.get() > 0), "a player without picture asks for a key frame");
            final Random random = new Random(42);
            int bytes = 0;
            for (int i = 0; i < FRAMES; i++) {
                // No player can miss a packet before the first or after the last it got: those two frames arrive.
                assertTrue(i != 1 || Await.until(() -> !payloads.isEmpty()), "the first frame arrives");
                relay.dropEvery = i > 0 && i < FRAMES - 1 ? 7 : 0;
                final byte[] frame = new byte[500 + random.nextInt(4000)];
                random.nextBytes(frame);
                frame[0] = (byte) (i % 25 == 0 ? 0x10 : 0x11);
                bytes += frame.length;
                assertTrue(publisher.send(1, frame, 0, frame.length, i * 40_000_000L));
                assertTrue(publisher.send(0, frame, 0, 120, i * 20_000_000L));
                final int sent = i + 1;
                // Sound is never dropped here, so it paces the picture: no burst overruns a socket of this machine.
                assertTrue(Await.until(() -> player.reports().getFirst().packets() == sent), "sound arrives");
            }
            final int expected = bytes;
            assertTrue(Await.until(() -> payloads.values().stream().mapToInt(Integer::intValue).sum() == expected),
                () -> "bytes of " + expected + ": " + payloads.values().stream().mapToInt(Integer::intValue).sum()
                    + " " + player.reports());
            final ReceivedReport video = player.reports().get(1);
            assertTrue(relay.dropped.get() > 10);
            assertEquals(relay.dropped.get(), video.repaired());
            assertEquals(0, video.lost());
            assertEquals(FRAMES / 25, video.keyFrames());
            assertEquals("VP8", video.codec());
            assertEquals("site", video.stream());
            assertEquals("video-1", video.track());
            final ReceivedReport audio = player.reports().getFirst();
            assertEquals(FRAMES, audio.frames());
            assertEquals(FRAMES * 120L, audio.bytes());
            assertEquals(FRAMES, publisher.reports().get(1).frames());
            assertEquals(video.packets(), publisher.reports().get(1).packets());
            assertEquals(0, publisher.reports().get(1).unsent());
            assertTrue(publisher.reports().get(1).keyFrameRequests() > 0);
        }
        assertEquals(2, relay.deleted.get());
    }

    @Test
    void deviceAudioIsDemandedByQueryAndEncoderParametersShowTheAnswer() throws IOException, InterruptedException {
        try (WhipPublisher publisher = WhipPublisher.connect(config, relay.endpoint("/whip/c"), "good",
            List.of(new OutgoingTrack(TrackKind.AUDIO, "stéthoscope 1", true)), track -> { })) {
            assertEquals("label=0:stéthoscope 1&audio=device", relay.firstQuery);
            assertTrue(publisher.encoderParameters(0).contains("useinbandfec"));
            assertThrows(IllegalArgumentException.class, () -> publisher.send(1, new byte[10], 0, 10, 0));
            assertThrows(IllegalArgumentException.class, () -> publisher.send(0, new byte[1276], 0, 1276, 0));
        }
    }

    @Test
    void refusalIsThrownWithStatusAndTheRelaysWords() {
        final MediaClientException refused = assertThrows(MediaClientException.class,
            () -> WhepPlayer.connect(config, relay.endpoint("/whep/c"), "bad", 1, 0, (t, p, o, l, s) -> { }).close());
        assertEquals(401, refused.status());
        assertEquals("the relay refused (401): Token refused: the signature does not verify", refused.getMessage());
    }

    @Test
    void unreachableRelayIsASentence() {
        final MediaClientException refused = assertThrows(MediaClientException.class, () -> WhepPlayer.connect(config,
            URI.create("http://127.0.0.1:1/whep/c"), "good", 1, 0, (t, p, o, l, s) -> { }).close());
        assertEquals("the relay cannot be reached at 127.0.0.1:1: ConnectException", refused.getMessage());
    }

    @Test
    void silentMediaPortIsToldFromARefusalAndTheResourceIsDeleted() {
        relay.vanish();
        final MediaClientException refused = assertThrows(MediaClientException.class,
            () -> WhepPlayer.connect(config.withTimeout(Duration.ofMillis(600)), relay.endpoint("/whep/c"), "good", 1,
                0, (t, p, o, l, s) -> { }).close());
        assertEquals("the relay's media port does not connect: no answer to ICE checks within 600 ms",
            refused.getMessage());
        assertEquals(1, relay.deleted.get());
    }

    @Test
    void wrongCertificateFailsTheConnection() throws IOException {
        try (FakeRelay impostor = new FakeRelay(config.dtls(), "sha-256 " + "00:".repeat(31) + "00")) {
            final MediaClientException refused = assertThrows(MediaClientException.class,
                () -> WhepPlayer.connect(config, impostor.endpoint("/whep/c"), "good", 1, 0,
                    (t, p, o, l, s) -> { }).close());
            assertTrue(refused.getMessage().contains("DTLS failed"), refused.getMessage());
        }
    }

    @Test
    void closeNotifyOfTheRelayEndsTheConnection() throws IOException, InterruptedException {
        try (WhepPlayer player = WhepPlayer.connect(config, relay.endpoint("/whep/c"), "good", 1, 0,
            (t, p, o, l, s) -> { })) {
            assertTrue(player.isConnected());
            relay.goodbye();
            assertTrue(Await.until(() -> !player.isConnected()));
            assertEquals("the relay closed the connection", player.ended());
            assertFalse(player.isConnected());
        }
    }
}
