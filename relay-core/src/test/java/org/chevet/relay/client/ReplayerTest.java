package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Recordings through publisher, hub and subscriber in virtual time, compared sample by sample. */
class ReplayerTest {
    private static final Path MIXED = Path.of("..", "..", "shared", "data", "monitor", "mixedsignals_e.i16le");
    private static final long STEP_NS = 5 * VitalsWorld.MS;
    private static final long MINUTE_NS = 60 * VitalsWorld.SECOND;

    /** What arrived of one stream. */
    private static final class Sink implements VitalsListener {
        private final List<Integer> samples = new ArrayList<>();
        private long missing;
        private long gaps;
        private long nextSample;
        private String trouble = "";

        @Override
        public Start onStream(final SubscribedStream stream) {
            return Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            if (block.firstSample() != nextSample) {
                trouble += " block begins at " + block.firstSample() + ", expected " + nextSample;
            }
            nextSample = block.firstSample() + block.sampleCount();
            if (block.isMissing()) {
                missing += block.sampleCount();
                final int marker = (int) stream.spec().missingValue().orElse(0);
                for (int i = 0; i < block.sampleCount() * stream.spec().channels().size(); i++) {
                    samples.add(marker);
                }
            } else {
                while (block.payload().hasRemaining()) {
                    samples.add((int) block.payload().getShort());
                }
            }
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            gaps++;
        }
    }

    private static Sink replay(final Recording recording, final long frames, final int breaks) {
        final Random random = new Random(42);
        final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), random, STEP_NS);
        final PublisherMachine machine = new PublisherMachine(1, "test", VitalsEvents.NONE, () -> world.nowNs,
            Duration.ofMinutes(5).toNanos(), 32 << 20);
        final VitalsWorld.Node gateway = world.add(machine, "gateway", false);
        final Sink sink = new Sink();
        final VitalsWorld.Node doctor = world.add(new SubscriberMachine(2, "test", sink), "doctor", true);
        final Replayer replayer = new Replayer(recording, machine.open(recording.spec()),
            Replayer.framesOf(recording.rate(), 100), true, 1, world.nowNs, world.nowNs);
        final long endNs = world.nowNs + recording.rate().timeOfNs(frames);
        int broken = 0;
        while (world.nowNs < endNs) {
            replayer.publishDue(world.nowNs);
            world.step();
            if (broken < breaks && endNs - world.nowNs < MINUTE_NS / (breaks + 1) * (breaks - broken)) {
                (broken % 2 == 0 ? gateway : doctor).breakLink();
                broken++;
            }
        }
        replayer.publishDue(world.nowNs);
        for (int i = 0; i < 2_000; i++) {
            world.step();
        }
        assertEquals(breaks, gateway.breaks + doctor.breaks);
        return sink;
    }

    @Test
    @Tag("REQ-O17")
    void aMinuteOfTwelveLeadsArrivesSampleExactAcrossFourReconnects() throws IOException {
        final WfdbRecord record = WfdbRecordTest.record("HR06004");
        final Recording recording = Recording.ofWfdb(record, "ecg", "ECG", "test").getFirst();
        final Sink sink = replay(recording, 30_000, 4);
        assertEquals("", sink.trouble);
        assertEquals(0, sink.gaps);
        assertEquals(30_000, sink.nextSample);
        for (int loop = 0; loop < 6; loop++) {
            for (int channel = 0; channel < 12; channel++) {
                int sum = 0;
                for (int frame = 0; frame < 5_000; frame++) {
                    sum += sink.samples.get((loop * 5_000 + frame) * 12 + channel);
                }
                assertEquals(record.signals().get(channel).declaredChecksum() & 0xFFFF, sum & 0xFFFF,
                    "WFDB checksum of lead " + channel + " in loop " + loop);
            }
        }
    }

    @Test
    @Tag("REQ-A3")
    void aMonitorsOddRateKeepsItsMissingSamples() throws IOException {
        Assumptions.assumeTrue(Files.exists(MIXED), "skipped: ../shared/data (ODbL recordings) is not there");
        final List<StreamSpec.Channel> leads = List.of(new StreamSpec.Channel(131330, "II", "mV"),
            new StreamSpec.Channel(131389, "III", "mV"), new StreamSpec.Channel(0, "V", "mV"));
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 24_989, 100, leads).withMissingValue(-32768);
        final Recording recording = Recording.ofI16le(Files.readAllBytes(MIXED), spec);
        final Sink sink = replay(recording, recording.frames(), 3);
        assertEquals("", sink.trouble);
        assertEquals(0, sink.gaps);
        assertEquals(1024, sink.missing, "the recording's own missing samples, nothing else");
        for (int i = 0; i < recording.frames() * 3; i++) {
            assertEquals(recording.sample(i / 3, i % 3), sink.samples.get(i), "sample " + i);
        }
    }

    @Test
    void oddRatesDoNotDriftAndBlocksEndWhereTheIndexSays() {
        final List<StreamSpec.Channel> one = List.of(new StreamSpec.Channel(0, "II", "mV"));
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 24_989, 100, one);
        final Recording recording = new Recording(spec, new short[1_000]);
        final long[] now = {0};
        final PublisherMachine machine = new PublisherMachine(1, "test", VitalsEvents.NONE, () -> now[0],
            Long.MAX_VALUE, 1 << 30);
        final Publication publication = machine.open(spec);
        final Replayer replayer = new Replayer(recording, publication, 24, true, 1, 0, 0);
        long blocks = 0;
        while (now[0] < 3_600 * VitalsWorld.SECOND) {
            now[0] = replayer.nextDueNs();
            final long due = Rate.parse("249.89").timeOfNs((blocks + 1) * 24);
            assertEquals(due, now[0]);
            assertEquals(0, replayer.publishDue(now[0] - 1), "not a nanosecond early");
            assertEquals(1, replayer.publishDue(now[0]));
            blocks++;
            publication.acknowledged(Long.MAX_VALUE >> 1, 0);
        }
        assertEquals(blocks * 24, replayer.framesPublished());
        assertTrue(Math.abs(replayer.framesPublished() / 3_600.0 - 249.89) < 24 / 3_600.0 + 1e-9);
    }

    @Test
    void missingRunsAreTheirOwnBlocksAndTheLastBlockIsShort() {
        final List<StreamSpec.Channel> one = List.of(new StreamSpec.Channel(0, "II", "mV"));
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 100, 1, one).withMissingValue(-32768);
        final short[] samples = new short[25];
        for (int i = 7; i < 12; i++) {
            samples[i] = -32768;
        }
        final PublisherMachine machine = new PublisherMachine(1, "test", VitalsEvents.NONE, () -> 0, 1, 1 << 20);
        final Publication publication = machine.open(spec);
        final Replayer replayer = new Replayer(new Recording(spec, samples), publication, 10, false, 1, 0, 0);
        replayer.publishDue(250 * VitalsWorld.MS - 1);
        assertFalse(replayer.isDone());
        replayer.publishDue(250 * VitalsWorld.MS);
        assertTrue(replayer.isDone());
        assertEquals(Long.MAX_VALUE, replayer.nextDueNs());
        assertEquals(5, publication.nextSequence(), "0-6, 7-9 missing, 10-11 missing, 12-19, 20-24");
    }

    @Test
    void aFullPublicationDelaysTheReplayAndLosesNothing() {
        final List<StreamSpec.Channel> one = List.of(new StreamSpec.Channel(0, "II", "mV"));
        final StreamSpec spec = StreamSpec.of("ecg", Kind.WAVEFORM, 100, 1, one);
        final PublisherMachine machine = new PublisherMachine(1, "test", VitalsEvents.NONE, () -> 0, 1, 300);
        final Publication publication = machine.open(spec);
        final Replayer replayer = new Replayer(new Recording(spec, new short[1_000]), publication, 10, false, 1, 0, 0);
        final int first = replayer.publishDue(10 * VitalsWorld.SECOND);
        assertTrue(first > 0 && first < 100);
        assertEquals(1, replayer.refusals());
        publication.opened(1, 0);
        while (!replayer.isDone()) {
            publication.acknowledged(publication.nextSequence(), 0);
            replayer.publishDue(10 * VitalsWorld.SECOND);
        }
        assertEquals(1_000, replayer.framesPublished());
        assertEquals(100, publication.nextSequence());
    }
}
