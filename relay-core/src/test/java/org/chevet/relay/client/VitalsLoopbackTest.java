package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.api.Relay;
import org.chevet.relay.api.RelayConfig;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client library against a whole relay over real WebSockets on loopback. */
class VitalsLoopbackTest {
    private static final Path MIXED = Path.of("..", "..", "shared", "data", "monitor", "mixedsignals_e.i16le");
    private static final byte[] SECRET = "a secret for tests of thirty-two bytes".getBytes(StandardCharsets.UTF_8);
    private static final long FAR_FUTURE_MS = System.currentTimeMillis() + 3_600_000L;
    private static final int SPEED = 10;
    private static final int RECONNECTS = 3;

    private Relay relay;

    @BeforeEach
    void start() throws Exception {
        final RelayConfig defaults = RelayConfig.defaults();
        relay = Relay.start(new RelayConfig("127.0.0.1", 0, List.of("127.0.0.1"), 0, 1, Map.of(),
            Map.of("k1", SECRET), List.of(), List.of(), 10, 16, defaults.handshakeTimeoutMs(),
            defaults.idleTimeoutMs(), defaults.vitalsRingMs(), defaults.vitalsRingBytes(),
            defaults.tuning()));
        relay.open("room").toCompletableFuture().get();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    private WebSocketTransport transport(final String participant, final Role role) {
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + relay.httpPort() + "/v1/vitals"), () -> {
            try {
                return relay.issueToken(new Claims(participant, "room", role, "", Grants.defaultsOf(role),
                    FAR_FUTURE_MS));
            } catch (final TokenRefusal refusal) {
                throw new IllegalStateException(refusal);
            }
        });
    }

    /** What arrived, by stream name. */
    private static final class Sink implements VitalsListener {
        private final Map<String, List<Integer>> samples = new ConcurrentHashMap<>();
        private final Map<String, Long> nextSamples = new ConcurrentHashMap<>();
        private final List<String> trouble = new CopyOnWriteArrayList<>();
        private final List<Long> clocks = new CopyOnWriteArrayList<>();

        @Override
        public Start onStream(final SubscribedStream stream) {
            samples.put(stream.spec().name(), Collections.synchronizedList(new ArrayList<>()));
            nextSamples.put(stream.spec().name(), 0L);
            return Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final String name = stream.spec().name();
            if (nextSamples.get(name) != block.firstSample()) {
                trouble.add(name + " expected " + nextSamples.get(name) + " and got " + block.firstSample());
            }
            nextSamples.put(name, block.firstSample() + block.sampleCount());
            final List<Integer> values = new ArrayList<>();
            for (int i = 0; block.isMissing() && i < block.sampleCount() * stream.spec().channels().size(); i++) {
                values.add((int) stream.spec().missingValue().orElse(0));
            }
            while (block.payload().hasRemaining()) {
                values.add((int) block.payload().getShort());
            }
            samples.get(name).addAll(values);
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            trouble.add("gap " + fromSequence + ".." + toSequence + " " + reason);
        }

        @Override
        public void onPublisherClock(final String participant, final long offsetNs, final long uncertaintyNs) {
            clocks.add(offsetNs);
            clocks.add(uncertaintyNs);
        }
    }

    @Test
    @Tag("REQ-A3")
    @Tag("REQ-O17")
    void aMinuteOfRealRecordingsArrivesSampleExactAcrossThreeReconnects() throws Exception {
        final WfdbRecord record = WfdbRecordTest.record("HR06004");
        final List<Recording> recordings = new ArrayList<>();
        recordings.add(Recording.ofWfdb(record, "ecg12", "ECG", "PTB-XL").getFirst());
        recordings.add(Recording.ofHeartSound(WavFile.parse(WfdbRecordTest.resource("circor_40840_AV.wav")), "heart",
            "Aortic", "CirCor"));
        if (Files.exists(MIXED)) {
            recordings.add(Recording.ofI16le(Files.readAllBytes(MIXED), StreamSpec.of("monitor", Kind.WAVEFORM,
                24_989, 100, List.of(new StreamSpec.Channel(131330, "II", "mV"),
                    new StreamSpec.Channel(131389, "III", "mV"), new StreamSpec.Channel(0, "V", "mV")))
                .withMissingValue(-32768)));
        }
        final WebSocketTransport gateway = transport("gateway", Role.DEVICE);
        final WebSocketTransport doctor = transport("doctor", Role.PRACTITIONER);
        final Sink sink = new Sink();
        try (VitalsPublisher publisher = VitalsPublisher.start(gateway, VitalsPublisher.Options.defaults("test"));
            VitalsSubscriber subscriber = VitalsSubscriber.start(doctor, "test", sink)) {
            final List<Replayer> replayers = new ArrayList<>();
            for (final Recording recording : recordings) {
                replayers.add(new Replayer(recording, publisher.open(recording.spec()),
                    Replayer.framesOf(recording.rate(), 100), true, SPEED, System.nanoTime(), publisher.clockNs()));
            }
            final ReplayThread replay = ReplayThread.start(replayers);
            for (int i = 0; i < RECONNECTS; i++) {
                Thread.sleep(1_400);
                gateway.close();
                doctor.close();
            }
            while (replayers.getFirst().framesPublished() < 30_000) {
                Thread.sleep(20);
            }
            replay.close();
            assertTrue(replay.join(1_000));
            assertTrue(publisher.awaitHeld(Duration.ofSeconds(10)), "the relay holds everything");
            for (int i = 0; i < recordings.size(); i++) {
                final long want = replayers.get(i).framesPublished();
                final String name = recordings.get(i).spec().name();
                for (int wait = 0; wait < 500 && sink.nextSamples.getOrDefault(name, 0L) < want; wait++) {
                    Thread.sleep(20);
                }
                assertEquals(want, sink.nextSamples.getOrDefault(name, 0L), "samples of " + name);
            }
            assertTrue(publisher.connections() > RECONNECTS, "publisher connected " + publisher.connections());
            assertTrue(subscriber.connections() > RECONNECTS, "subscriber connected " + subscriber.connections());
            assertTrue(publisher.clockUncertaintyNs() < 50_000_000L, "uncertainty " + publisher.clockUncertaintyNs());
            assertTrue(Math.abs(publisher.clockOffsetNs()) < 1_000_000_000L, "one machine, one clock");
        }
        assertEquals(List.of(), sink.trouble);
        assertNotEquals(List.of(), sink.clocks, "the publisher's clock estimate travels to subscribers");
        for (final Recording recording : recordings) {
            final int channels = recording.spec().channels().size();
            final Integer[] samples = sink.samples.get(recording.spec().name()).toArray(Integer[]::new);
            for (int i = 0; i < samples.length; i++) {
                assertEquals(recording.sample(i / channels % recording.frames(), i % channels), samples[i]);
            }
        }
        final Integer[] ecg = sink.samples.get("ecg12").toArray(Integer[]::new);
        for (int channel = 0; channel < 12; channel++) {
            int sum = 0;
            for (int frame = 25_000; frame < 30_000; frame++) {
                sum += ecg[frame * 12 + channel];
            }
            assertEquals(record.signals().get(channel).declaredChecksum() & 0xFFFF, sum & 0xFFFF, "WFDB checksum");
        }
    }

    @Test
    void grantsHoldAndASecondInstanceIsTurnedAway() throws Exception {
        final List<ErrorCode> refusals = new CopyOnWriteArrayList<>();
        final List<Integer> codes = new CopyOnWriteArrayList<>();
        final VitalsEvents events = new VitalsEvents() {
            @Override
            public void onRefused(final ErrorCode code, final String text) {
                refusals.add(code);
            }

            @Override
            public void onDisconnected(final int code, final String reason, final boolean retrying) {
                codes.add(code);
            }
        };
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
            List.of(new StreamSpec.Channel(131330, "II", "mV")));
        final VitalsPublisher.Options options = VitalsPublisher.Options.defaults("test").withEvents(events);
        try (VitalsPublisher patient = VitalsPublisher.start(transport("patient", Role.PATIENT), options)) {
            final Publication refused = patient.open(spec);
            waitFor(() -> !refused.failure().isEmpty());
            assertEquals(List.of(ErrorCode.NOT_GRANTED), refusals);
        }
        refusals.clear();
        codes.clear();
        try (VitalsPublisher first = VitalsPublisher.start(transport("gateway", Role.DEVICE),
            VitalsPublisher.Options.defaults("test"))) {
            first.open(spec);
            waitFor(() -> first.connections() == 1 && first.clockUncertaintyNs() != Long.MAX_VALUE);
            try (VitalsPublisher second = VitalsPublisher.start(transport("gateway", Role.DEVICE),
                VitalsPublisher.Options.defaults("test").withEvents(events))) {
                second.open(spec.withName("other"));
                waitFor(() -> codes.contains(VitalsCloseCode.CONFLICT));
                assertTrue(refusals.contains(ErrorCode.CONFLICT));
            }
        }
    }

    private static void waitFor(final java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(20);
        }
        assertTrue(condition.getAsBoolean(), "did not happen within 10 s");
    }
}
