package org.chevet.relay.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.chevet.codec.vitals.VitalsCloseCode;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.relay.client.EndToEnd;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.ReplayThread;
import org.chevet.relay.client.Replayer;
import org.chevet.relay.client.StreamSpec;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsEvents;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WavFile;
import org.chevet.relay.client.WebSocketTransport;
import org.chevet.relay.client.WfdbRecord;
import org.chevet.relay.client.e2ee.EpochKeys;
import org.chevet.relay.client.e2ee.KeySchedule;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.net.Await;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.token.TokenRefusal;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real recordings through a real relay on loopback, over WebSockets that are cut three times: nothing is lost. */
class VitalsEndToEndTest {
    private static final String CONSULTATION = "e2e";
    private static final int SPEED = 6;
    private static final int RECORD_SECONDS = 60;
    private static final int BLOCK_MS = 100;
    private static final int CUTS = 3;
    private static final Path ODBL = Path.of("..", "..", "shared", "data", "monitor", "mixedsignals_e.i16le");

    @Test
    @Tag("REQ-E2")
    @Tag("REQ-O17")
    void sixtySecondsOfTwelveLeadsArriveSampleExactAcrossThreeReconnects() throws Exception {
        final WfdbRecord record = WfdbRecord.read(
            new String(resource("HR06004.hea"), StandardCharsets.US_ASCII), VitalsEndToEndTest::resource);
        final Recording ecg = Recording.ofSignals(record.signals(), "ecg", "12-lead ECG", "PTB-XL HR06004");
        final int frames = 500 * RECORD_SECONDS;
        final short[] arrived = shortsOf(play(ecg, true, frames));
        assertEquals(12 * frames, arrived.length, "samples of all leads");
        for (int lead = 0; lead < 12; lead++) {
            for (int repetition = 0; repetition < frames / ecg.frames(); repetition++) {
                int sum = 0;
                for (int i = 0; i < ecg.frames(); i++) {
                    sum += arrived[(repetition * ecg.frames() + i) * 12 + lead];
                }
                assertEquals(record.signals().get(lead).declaredChecksum() & 0xFFFF, sum & 0xFFFF,
                    "WFDB checksum of " + record.signals().get(lead).label() + ", repetition " + repetition);
            }
        }
    }

    @Test
    @Tag("REQ-O7")
    void sixtySecondsOfTwelveLeadsSealedArriveSampleExactAcrossThreeReconnects() throws Exception {
        final WfdbRecord record = WfdbRecord.read(
            new String(resource("HR06004.hea"), StandardCharsets.US_ASCII), VitalsEndToEndTest::resource);
        final Recording clear = Recording.ofSignals(record.signals(), "ecg", "12-lead ECG", "PTB-XL HR06004");
        final byte[] samples = new byte[clear.frames() * 12 * Short.BYTES];
        final ByteBuffer out = ByteBuffer.wrap(samples).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < clear.frames() * 12; i++) {
            out.putShort((short) clear.sample(i / 12, i % 12));
        }
        final int frames = 500 * RECORD_SECONDS;
        final byte[] arrived = play(Recording.ofI16le(samples, clear.spec().encrypted()), true, frames);
        for (int at = 0; at < arrived.length; at += samples.length) {
            assertArrayEquals(samples, Arrays.copyOfRange(arrived, at, at + samples.length), "from byte " + at);
        }
        assertEquals(frames * 12 * Short.BYTES, arrived.length);
    }

    @Test
    @Tag("REQ-E2")
    void sixtySecondsAtOddRateArriveSampleExactWithTheirMissingSamples() throws Exception {
        Assumptions.assumeTrue(Files.exists(ODBL),
            "skipped: the MIMIC-IV excerpt (ODbL) is not shipped with the source");
        final byte[] all = Files.readAllBytes(ODBL);
        final int frames = 24_989 * RECORD_SECONDS / 100;
        final StreamSpec spec = StreamSpec.of("monitor", Kind.WAVEFORM, 24_989, 100,
            List.of(new StreamSpec.Channel(131_330, "II", "mV"), new StreamSpec.Channel(131_389, "III", "mV"),
                new StreamSpec.Channel(131_331, "V", "mV"))).withFormat(SampleFormat.I16LE, 0.005, 0)
            .withMissingValue(Short.MIN_VALUE);
        final byte[] minute = Arrays.copyOf(all, frames * 3 * Short.BYTES);
        assertArrayEquals(minute, play(Recording.ofI16le(minute, spec), false, frames));
    }

    @Test
    @Tag("REQ-A3")
    void sixtySecondsOfAHeartSoundArriveSampleExactAcrossThreeReconnects() throws Exception {
        final Recording heart = Recording.ofHeartSound(WavFile.parse(resource("circor_40840_AV.wav")), "heart",
            "Aortic", "CirCor 40840");
        assertEquals(4000, heart.rate().numerator() / heart.rate().denominator());
        final int frames = 4000 * RECORD_SECONDS;
        final short[] arrived = shortsOf(play(heart, true, frames));
        assertEquals(frames, arrived.length);
        for (int i = 0; i < frames; i++) {
            assertEquals(heart.sample(i % heart.frames(), 0), arrived[i], "sample " + i);
        }
    }

    @Test
    void whatIsNotGrantedIsRefusedAndASecondInstanceIsTurnedAway() throws Exception {
        final List<ErrorCode> refusals = new CopyOnWriteArrayList<>();
        final List<Integer> codes = new CopyOnWriteArrayList<>();
        final VitalsPublisher.Options watched = VitalsPublisher.Options.defaults("test").withEvents(new VitalsEvents() {
            @Override
            public void onRefused(final ErrorCode code, final String text) {
                refusals.add(code);
            }

            @Override
            public void onDisconnected(final int code, final String reason, final boolean retrying) {
                codes.add(code);
            }
        });
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 500, 1,
            List.of(new StreamSpec.Channel(131_330, "II", "mV")));
        try (Relay relay = Relay.start(TestConfigs.loopback());
            CuttableProxy proxy = new CuttableProxy(relay.httpPort())) {
            assertEquals(null, relay.open(CONSULTATION).toCompletableFuture().join().refusal());
            try (VitalsPublisher patient = VitalsPublisher.start(transport(relay, proxy, "patient", Role.PATIENT),
                watched)) {
                final Publication refused = patient.open(spec);
                assertTrue(Await.until(() -> !refused.failure().isEmpty()), "told");
                assertEquals(List.of(ErrorCode.NOT_GRANTED), refusals);
            }
            refusals.clear();
            codes.clear();
            try (VitalsPublisher first = VitalsPublisher.start(transport(relay, proxy, "gateway", Role.DEVICE),
                VitalsPublisher.Options.defaults("test"))) {
                final Publication held = first.open(spec);
                assertTrue(held.offerMissing(0, 1, 0));
                assertTrue(Await.until(() -> held.heldBelow() == 1), "the first publishes");
                try (VitalsPublisher second = VitalsPublisher.start(transport(relay, proxy, "gateway", Role.DEVICE),
                    watched)) {
                    second.open(spec.withName("other"));
                    assertTrue(Await.until(() -> codes.contains(VitalsCloseCode.CONFLICT)), () -> "closed " + codes);
                    assertTrue(refusals.contains(ErrorCode.CONFLICT));
                }
            }
        }
    }

    /** Publishes, cuts both ends three times on the way, and returns the payload bytes a subscriber got. */
    private static byte[] play(final Recording recording, final boolean loop, final int frames) throws Exception {
        final EpochKeys keys = new EpochKeys();
        keys.hold(0, KeySchedule.epochZero(new byte[32], "K7P"), 0);
        // Takes clear recordings too: what is encrypted is said by the recording's stream.
        final EndToEnd opening = EndToEnd.allowed(keys, "doctor");
        final EndToEnd sealing = EndToEnd.required(keys, "gateway");
        final RelayConfig config = TestConfigs.loopback();
        try (Relay relay = Relay.start(config); CuttableProxy proxy = new CuttableProxy(relay.httpPort())) {
            assertEquals(null, relay.open(CONSULTATION).toCompletableFuture().join().refusal());
            final Collector collector = new Collector();
            try (VitalsSubscriber subscriber = VitalsSubscriber.start(
                    transport(relay, proxy, "doctor", Role.PRACTITIONER), "test", collector, opening);
                VitalsPublisher publisher = VitalsPublisher.start(transport(relay, proxy, "gateway", Role.DEVICE),
                    VitalsPublisher.Options.defaults("test").withEndToEnd(sealing))) {
                final Publication publication = publisher.open(recording.spec());
                final Replayer replayer = new Replayer(recording, publication,
                    Replayer.framesOf(recording.rate(), BLOCK_MS), loop, SPEED, System.nanoTime(), publisher.clockNs());
                try (ReplayThread _ = ReplayThread.start(List.of(replayer))) {
                    int cutSockets = 0;
                    for (int cut = 1; cut <= CUTS; cut++) {
                        // What has come shows that both ends are connected again: the cut hits a stream in full flow.
                        collector.await(frames * cut / (CUTS + 1), publication);
                        cutSockets += proxy.cut();
                    }
                    assertTrue(cutSockets >= 2 * CUTS, "sockets cut: " + cutSockets);
                    collector.await(frames, publication);
                }
                assertTrue(Await.until(() -> collector.clocks.get() > 0), "the publisher's clock travels");
                assertTrue(Math.abs(publisher.clockOffsetNs()) < 1_000_000_000L, "one machine, one clock");
                assertTrue(publisher.connections() > CUTS, "publisher reconnected: " + publisher.connections());
                assertTrue(subscriber.connections() > CUTS, "subscriber reconnected: " + subscriber.connections());
                assertEquals(List.of(), collector.faults());
                assertEquals(0, sum(relay, Counter.VITALS_GAPS_REPORTED));
                assertEquals(0, sum(relay, Counter.LANE_ERRORS));
                return collector.bytes(frames * recording.spec().channels().size() * Short.BYTES);
            }
        }
    }

    private static long sum(final Relay relay, final Counter counter) {
        return relay.laneStats().stream().mapToLong((final LaneStats stats) -> stats.counted(counter)).sum();
    }

    private static WebSocketTransport transport(final Relay relay, final CuttableProxy proxy, final String participant,
        final Role role) throws TokenRefusal {
        final String token = relay.issueToken(new Claims(participant, CONSULTATION, role, participant,
            Grants.defaultsOf(role), System.currentTimeMillis() + 3_600_000));
        return new WebSocketTransport(URI.create("ws://127.0.0.1:" + proxy.port() + "/v1/vitals"), () -> token);
    }

    private static byte[] resource(final String name) throws IOException {
        try (var in = VitalsEndToEndTest.class.getResourceAsStream("/recordings/" + name)) {
            if (in == null) {
                throw new IOException("no test resource " + name);
            }
            return in.readAllBytes();
        }
    }

    private static short[] shortsOf(final byte[] bytes) {
        final short[] samples = new short[bytes.length / Short.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }

    /** Puts the blocks of the one stream behind one another and notes whatever is not as promised. */
    private static final class Collector implements VitalsListener {
        private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
        private final List<String> faults = new ArrayList<>();
        private final AtomicInteger received = new AtomicInteger();
        private final AtomicInteger clocks = new AtomicInteger();
        private long nextSample;

        @Override
        public Start onStream(final SubscribedStream stream) {
            return Start.beginning();
        }

        @Override
        public synchronized void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            if (block.firstSample() != nextSample) {
                faults.add("block starts at sample " + block.firstSample() + " instead of " + nextSample);
            }
            nextSample = block.firstSample() + block.sampleCount();
            if ((block.flags() & VitalsBlock.MISSING) != 0) {
                // The device had no samples here: the recording says so with its missing value, -32768.
                for (int i = 0; i < block.sampleCount() * stream.spec().channels().size(); i++) {
                    payload.writeBytes(new byte[] {0, (byte) 0x80});
                }
            } else {
                final byte[] bytes = new byte[block.payload().remaining()];
                block.payload().duplicate().get(bytes);
                payload.writeBytes(bytes);
            }
            received.addAndGet(block.sampleCount());
        }

        @Override
        public synchronized void onUndecryptable(final SubscribedStream stream, final long sequence,
            final long firstSample, final int sampleCount) {
            faults.add("block " + sequence + " does not open");
        }

        @Override
        public synchronized void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            faults.add("gap [" + fromSequence + ", " + toSequence + ") " + reason);
        }

        @Override
        public void onPublisherClock(final String participant, final long offsetNs, final long uncertaintyNs) {
            clocks.incrementAndGet();
        }

        /** Waits until so many frames have come, or fails with what is known. */
        void await(final int frames, final Publication publication) throws InterruptedException {
            assertTrue(Await.until(() -> received.get() >= frames), () -> "only " + received.get() + " of " + frames
                + " frames came; held below " + publication.heldBelow() + " of " + publication.nextSequence() + "; "
                + publication.failure() + faults());
        }

        synchronized List<String> faults() {
            return List.copyOf(faults);
        }

        synchronized byte[] bytes(final int length) {
            return Arrays.copyOf(payload.toByteArray(), length);
        }
    }
}
