package org.chevet.ops.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.client.Publication;
import org.chevet.relay.client.Recording;
import org.chevet.relay.client.ReplayThread;
import org.chevet.relay.client.Replayer;
import org.chevet.relay.client.SubscribedStream;
import org.chevet.relay.client.VitalsBlock;
import org.chevet.relay.client.VitalsListener;
import org.chevet.relay.client.VitalsPublisher;
import org.chevet.relay.client.VitalsSubscriber;
import org.chevet.relay.client.WavFile;
import org.chevet.relay.client.WfdbRecord;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Role;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The relay's process is killed (SIGKILL) three times while 12 leads and a heart sound run through it: the next one
 * knows nothing, and the subscriber still gets every sample. Three minutes, at six times the speed; {@code
 * -Dchevet.long=true}: in real time.
 */
@Execution(ExecutionMode.CONCURRENT)
class KilledRelayTest {
    private static final boolean LONG = Boolean.getBoolean("chevet.long");
    private static final int SECONDS = 180;
    private static final int SPEED = LONG ? 1 : 6;
    private static final int KILLS = 3;
    private static final String CONSULTATION = "killed";
    private static final Path RECORDINGS = Path.of("../relay-core/src/test/resources/recordings");

    @TempDir
    private Path folder;
    private final List<RelayProcess> relays = new ArrayList<>();
    private int port;

    @Test
    @Tag("REQ-O17")
    @Tag("REQ-O15")
    @Tag("REQ-A8")
    void everySampleArrivesThoughTheRelayIsKilledThreeTimes() throws Exception {
        final WfdbRecord record = WfdbRecord.read(
            Files.readString(RECORDINGS.resolve("HR06004.hea"), StandardCharsets.US_ASCII),
            name -> Files.readAllBytes(RECORDINGS.resolve(name)));
        final Recording ecg = Recording.ofSignals(record.signals(), "ecg", "12-lead ECG", "PTB-XL HR06004");
        final Recording heart = Recording.ofHeartSound(
            WavFile.parse(Files.readAllBytes(RECORDINGS.resolve("circor_40840_AV.wav"))), "heart", "Aortic", "CirCor");
        port = RelayProcess.freePort();
        startRelay();
        final Sums sums = new Sums(Map.of("ecg", ecg, "heart", heart));
        final Map<String, Long> wanted = Map.of("ecg", 500L * SECONDS, "heart", 4_000L * SECONDS);
        try (VitalsSubscriber _ = VitalsSubscriber.start(relays.getFirst().vitals("doctor", Role.PRACTITIONER), "test",
            sums);
            VitalsPublisher gateway = VitalsPublisher.start(relays.getFirst().vitals("gateway", Role.DEVICE),
                VitalsPublisher.Options.defaults("test"))) {
            // The subscriber is there before the first block: delivered means delivered to it.
            final Replayer first = replay(gateway, ecg);
            final Replayer second = replay(gateway, heart);
            RelayProcess.await(() -> sums.streams.get() == 2, "both streams are announced");
            try (ReplayThread _ = ReplayThread.start(List.of(first, second))) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    final long until = wanted.get("ecg") * kill / (KILLS + 1);
                    RelayProcess.await(() -> sums.frames("ecg") >= until, "flow before kill " + kill + sums);
                    assertTrue(sums.frames("ecg") < wanted.get("ecg"), "kill " + kill + " hits a stream in full flow");
                    assertTrue(relays.getLast().isAlive());
                    relays.getLast().kill();
                    startRelay();
                    final int connections = kill + 1;
                    RelayProcess.await(() -> gateway.connections() >= connections, "the gateway is back");
                }
                RelayProcess.await(() -> wanted.entrySet().stream()
                    .allMatch(one -> sums.frames(one.getKey()) >= one.getValue()), "all of it: " + sums);
            }
            assertEquals("", sums.faults());
            assertEquals(KILLS + 1, relays.size());
            sums.check(ecg, record, wanted.get("ecg"));
            assertTrue(gateway.connections() > KILLS, "connections: " + gateway.connections());
        } finally {
            relays.forEach(RelayProcess::close);
        }
    }

    private static Replayer replay(final VitalsPublisher gateway, final Recording recording) {
        final Publication publication = gateway.open(recording.spec().withDelivery(0, AckMode.DELIVERED));
        return new Replayer(recording, publication, Replayer.framesOf(recording.rate(), 100), true, SPEED,
            System.nanoTime() + 5_000_000_000L, gateway.clockNs());
    }

    private void startRelay() throws Exception {
        relays.add(RelayProcess.start(folder, port, CONSULTATION, EndToEndPolicy.ALLOWED));
    }

    /** Compares every sample with its recording and adds them up as WFDB does. */
    private static final class Sums implements VitalsListener {
        private final Map<String, Recording> recordings;
        private final Map<String, Long> frames = new HashMap<>();
        private final Map<String, int[]> sums = new HashMap<>();
        private final AtomicLong streams = new AtomicLong();
        private String faults = "";

        Sums(final Map<String, Recording> recordings) {
            this.recordings = recordings;
        }

        @Override
        public Start onStream(final SubscribedStream stream) {
            streams.incrementAndGet();
            return new Start(StartFrom.SEQUENCE, 0, 0, true);
        }

        @Override
        public synchronized void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final String name = stream.spec().name();
            final Recording recording = recordings.get(name);
            final int channels = stream.spec().channels().size();
            final long first = frames.getOrDefault(name, 0L);
            if (block.firstSample() != first) {
                faults += " " + name + " went from sample " + first + " to " + block.firstSample();
            }
            final int[] sum = sums.computeIfAbsent(name, ignored -> new int[channels]);
            for (int i = 0; i < block.sampleCount(); i++) {
                final int frame = (int) ((block.firstSample() + i) % recording.frames());
                for (int channel = 0; channel < channels; channel++) {
                    final int sample = block.payload().getShort(2 * (i * channels + channel));
                    if (sample != recording.sample(frame, channel)) {
                        faults += " sample " + (block.firstSample() + i) + " of " + name + " differs";
                    }
                    // Only whole repetitions count for the checksum.
                    sum[channel] += first + i < wholeFrames(recording) ? sample : 0;
                }
            }
            frames.put(name, block.firstSample() + block.sampleCount());
        }

        private static long wholeFrames(final Recording recording) {
            final long wanted = recording.rate().numerator() / recording.rate().denominator() * SECONDS;
            return wanted / recording.frames() * recording.frames();
        }

        @Override
        public synchronized void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            faults += " gap " + fromSequence + ".." + toSequence + " of " + stream.spec().name() + " " + reason;
        }

        synchronized long frames(final String name) {
            return frames.getOrDefault(name, 0L);
        }

        synchronized String faults() {
            return faults;
        }

        synchronized void check(final Recording ecg, final WfdbRecord record, final long wanted) {
            final long repetitions = wanted / ecg.frames();
            assertTrue(repetitions >= 1, "the recording of " + ecg.frames() + " frames fits");
            for (int lead = 0; lead < record.signals().size(); lead++) {
                assertEquals(record.signals().get(lead).declaredChecksum() * repetitions & 0xFFFF,
                    sums.get("ecg")[lead] & 0xFFFF, "WFDB checksum of " + record.signals().get(lead).label());
            }
        }

        @Override
        public synchronized String toString() {
            return " " + frames + faults;
        }
    }
}
