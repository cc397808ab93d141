package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.EpochSession;
import org.chevet.relay.client.MediaClientConfig;
import org.chevet.relay.client.MediaClientException;
import org.chevet.relay.client.OutgoingTrack;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WhipPublisher;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.client.e2ee.MessageSeal;
import org.chevet.relay.client.e2ee.SealKind;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.net.Await;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Epochs of keys among Java clients, over a real relay's session WebSockets. */
@Timeout(60)
class EpochSessionTest {
    private static final byte[] KEY = "a key for tests, at least 32 bytes long".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WORDS = "words".getBytes(StandardCharsets.UTF_8);
    private final AtomicLong random = new AtomicLong();
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        relay = Relay.start(RelayConfig.defaults().withTokenKey("k1", KEY).withPorts(0, 0));
        relay.open("c").toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    private final class Person implements AutoCloseable {
        private final EpochKeys keys = new EpochKeys();
        private final String name;
        private final String token;
        private final EpochSession session;

        Person(final String name, final Role role) throws TokenRefusal, InterruptedException {
            this.name = name;
            keys.hold(0, KeySchedule.epochZero(new byte[KeySchedule.LINK_BYTES], ""), System.nanoTime());
            token = relay.issueToken(new Claims(name, "c", role, name, Grants.defaultsOf(role),
                System.currentTimeMillis() + 600_000));
            session = EpochSession.start(uri("ws", "/v1/session"), () -> token, name, keys);
            assertTrue(Await.until(() -> roster().stream()
                .anyMatch(one -> one.participant().equals(name) && one.endToEnd() != null)), name);
        }

        boolean opens(final byte[] message) {
            return new MessageSeal(keys, SealKind.CHAT, name, random::incrementAndGet)
                .open(message, System.nanoTime()) != null;
        }

        byte[] says() {
            final byte[] sealed = new MessageSeal(keys, SealKind.CHAT, name, random::incrementAndGet).seal(WORDS);
            assertNotNull(sealed, name);
            return sealed;
        }

        boolean reaches(final int epoch) throws InterruptedException {
            return Await.until(() -> keys.newest() >= epoch && keys.current() != null);
        }

        @Override
        public void close() {
            session.close();
        }
    }

    @Test
    @Tag("REQ-O7")
    void whoIsPutOutHasNoKeyOfWhatIsSaidAfterwardsAndNoWayIn() throws Exception {
        try (Person doctor = new Person("doctor", Role.PRACTITIONER);
            Person nurse = new Person("nurse", Role.COMPANION);
            Person guest = new Person("guest", Role.GUEST)) {
            doctor.session.rotate();
            assertTrue(doctor.reaches(1) && nurse.reaches(1) && guest.reaches(1));
            assertTrue(guest.opens(nurse.says()) && doctor.opens(guest.says()));
            try (VitalsPublisher device = VitalsPublisher.start(new WebSocketTransport(uri("ws", "/v1/vitals"),
                () -> guest.token), VitalsPublisher.Options.defaults("test")
                .withEndToEnd(EndToEnd.required(guest.keys, "guest")))) {
                final Publication stream = device.open(StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
                    List.of(new StreamSpec.Channel(0, "II", "mV"))).encrypted());
                assertTrue(stream.offer(0, 1, Long.MIN_VALUE, 0, ByteBuffer.allocate(2)));
                assertTrue(Await.until(() -> connections("guest").contains("vitals")));

                nurse.session.evict("guest");
                assertTrue(Await.until(guest.session::isEvicted));
                assertTrue(doctor.reaches(2) && nurse.reaches(2));
                assertEquals(List.of(), connections("guest"));
            }
            assertArrayEquals(doctor.keys.current().secret(), nurse.keys.current().secret());
            final byte[] after = nurse.says();
            assertTrue(doctor.opens(after));
            assertFalse(guest.opens(after));
            assertEquals(1, guest.keys.newest());
            final MediaClientException refused = assertThrows(MediaClientException.class, () -> WhipPublisher.connect(
                MediaClientConfig.create().withEndToEnd(EndToEnd.required(guest.keys, "guest")),
                uri("http", "/whip/c"), guest.token, List.of(OutgoingTrack.audio("voice")), track -> { }).close());
            assertEquals(403, refused.status());
            assertTrue(String.valueOf(refused.getMessage()).contains("removed"), refused.getMessage());
        }
    }

    @Test
    void theKeysChangeToWhenTheOneWhoHoldsTheApiKeyPutsSomebodyOut() throws Exception {
        try (Person doctor = new Person("doctor", Role.PRACTITIONER); Person guest = new Person("guest", Role.GUEST)) {
            assertEquals("guest", relay.evict("c", "guest").toCompletableFuture().join().value());
            assertTrue(doctor.reaches(1) && Await.until(guest.session::isEvicted));
            assertFalse(guest.opens(doctor.says()));
        }
    }

    @Test
    void whoComesLaterIsServedAndWhoeverIsAloneWithAPatientMakesTheNextOne() throws Exception {
        try (Person patient = new Person("patient", Role.PATIENT)) {
            try (Person doctor = new Person("doctor", Role.PRACTITIONER)) {
                doctor.session.rotate();
                assertTrue(patient.reaches(1));
                try (Person late = new Person("late", Role.GUEST)) {
                    assertTrue(late.reaches(1));
                    assertTrue(patient.opens(late.says()));
                }
            }
            assertTrue(Await.until(() -> connections("doctor").isEmpty()));
            try (Person again = new Person("doctor", Role.PRACTITIONER)) {
                assertTrue(again.reaches(2) && patient.reaches(2));
                assertTrue(patient.opens(again.says()));
            }
        }
    }

    private List<RosterEntry> roster() {
        return relay.consultation("c").toCompletableFuture().join().value().roster();
    }

    private List<String> connections(final String participant) {
        return roster().stream().filter(one -> one.participant().equals(participant))
            .flatMap(one -> one.connections().stream()).toList();
    }

    private URI uri(final String scheme, final String path) {
        return URI.create(scheme + "://127.0.0.1:" + relay.httpPort() + path);
    }
}
