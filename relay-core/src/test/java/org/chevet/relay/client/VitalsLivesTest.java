package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.client.ObjectReceiver.Outcome;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand short seeded lives of a gateway and a practitioner: links break on both sides, the relay's process dies
 * and forgets, the reader stalls. With acknowledgement on delivery nothing is lost, doubled or reordered: waveforms,
 * numerics, alerts and a file.
 */
class VitalsLivesTest {
    private static final int SEEDS = Integer.getInteger("chevet.seeds", 10_000);
    private static final int STEPS = 120;
    private static final long STEP_NS = 25 * VitalsWorld.MS;
    private static final long QUIET_NS = 60 * VitalsWorld.SECOND;
    private static final int FILE_BYTES = 30_000;

    private long breaks;
    private long restarts;
    private long resent;
    private long alertsTold;

    @Test
    @Tag("REQ-O17")
    @Tag("REQ-O18")
    @Tag("REQ-A8")
    void nothingIsLostDoubledOrReordered() {
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                live(new Random(seed));
            } catch (final RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + " replays it", failure);
            }
        }
        assertTrue(breaks > SEEDS && restarts > SEEDS / 2 && resent > SEEDS && alertsTold > SEEDS,
            "the lives are too quiet: " + breaks + " breaks, " + restarts + " restarts, " + resent + " resent, "
                + alertsTold + " alerts");
    }

    private void live(final Random random) {
        final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), random, STEP_NS);
        final PublisherMachine machine = new PublisherMachine(random.nextLong(), "sim", VitalsEvents.NONE,
            () -> world.nowNs, 300 * VitalsWorld.SECOND, 1 << 20);
        final VitalsWorld.Node gateway = world.add(machine, "gateway", false);
        final Practitioner doctor = new Practitioner();
        final VitalsWorld.Node reader =
            world.add(new SubscriberMachine(random.nextLong(), "sim", doctor), "doctor", true);
        final List<Publication> streams = new ArrayList<>();
        for (final Kind kind : List.of(Kind.WAVEFORM, Kind.NUMERIC)) {
            streams.add(machine.open(StreamSpec.of(kind.name(), kind, 50, 1,
                List.of(new StreamSpec.Channel(131_330, "II", "mV"))).withDelivery(0, AckMode.DELIVERED)));
        }
        final AlertPublisher alerts = AlertPublisher.attach(machine.open(StreamSpec.alerts("alarms", 3_000)),
            new AlertPublisher.Listener() { });
        final byte[] file = new byte[FILE_BYTES];
        random.nextBytes(file);
        int raised = 0;
        for (int step = 0; step < STEPS; step++) {
            raised += act(step, random, world, List.of(gateway, reader), streams, alerts);
            if (step == STEPS / 4) {
                ObjectSender.offer(machine.open(StreamSpec.object("file")), "file", "", file,
                    HexFormat.of().formatHex(ObjectManifest.sha256Digest().digest(file)));
            }
            world.step();
        }
        reader.stalled = false;
        final long until = world.nowNs + QUIET_NS;
        while (world.nowNs < until && !doctor.has(streams, raised)) {
            world.step();
        }
        assertEquals("", doctor.trouble);
        assertTrue(doctor.has(streams, raised), "all came: " + doctor.next + ", " + doctor.alerts.size() + " of "
            + raised + " alerts, file " + doctor.outcomes);
        assertTrue(doctor.outcomes.getFirst() instanceof Outcome.Complete whole
            && whole.content().equals(ByteBuffer.wrap(file)), "the file, bit for bit");
        breaks += gateway.breaks + reader.breaks;
        alertsTold += doctor.alerts.size();
        streams.forEach(stream -> resent += stream.resent());
    }

    private int act(final int step, final Random random, final VitalsWorld world, final List<VitalsWorld.Node> nodes,
        final List<Publication> streams, final AlertPublisher alerts) {
        for (final VitalsWorld.Node node : nodes) {
            if (random.nextInt(80) == 0) {
                node.breakLink();
            }
            if (node.receives && random.nextInt(node.stalled ? 10 : 60) == 0) {
                node.stalled = !node.stalled;
            }
        }
        if (random.nextInt(STEPS) == 0) {
            world.restartRelay();
            restarts++;
        }
        for (final Publication stream : streams) {
            if (random.nextInt(3) == 0) {
                final long sequence = stream.nextSequence();
                assertTrue(stream.offer(sequence * 4, 4, world.nowNs, 0, payload(stream.spec().name(), sequence)));
            }
        }
        if (step % 40 == 20) {
            assertTrue(alerts.raise(new VitalsAlert.Terms(AlertPriority.MEDIUM, AlertPhase.START, 120_000, 5_000),
                world.nowNs, ByteBuffer.wrap(new byte[] {(byte) step})).isPresent());
            return 1;
        }
        return 0;
    }

    private static ByteBuffer payload(final String name, final long sequence) {
        final ByteBuffer bytes = ByteBuffer.allocate(8);
        return bytes.putInt(0, name.hashCode()).putInt(4, (int) sequence);
    }

    /** Believes nothing. */
    private static final class Practitioner implements VitalsListener {
        private final Map<String, Long> next = new HashMap<>();
        private final List<Long> alerts = new ArrayList<>();
        private final List<Outcome> outcomes = new ArrayList<>();
        private final ObjectReceiver receiver = new ObjectReceiver(outcomes::add);
        private String trouble = "";

        @Override
        public Start onStream(final SubscribedStream stream) {
            return new Start(StartFrom.SEQUENCE, 0, 0, true);
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            if (stream.spec().kind() == Kind.OBJECT) {
                receiver.onBlock(block);
                return;
            }
            final String name = stream.spec().name();
            final long expected = next.getOrDefault(name, 0L);
            if (block.sequence() != expected || block.firstSample() != 4 * expected
                || !block.payload().equals(payload(name, expected))) {
                trouble += " " + name + " " + block.sequence() + " came instead of " + expected;
            }
            next.put(name, expected + 1);
        }

        @Override
        public void onAlert(final SubscribedStream stream, final VitalsAlert alert) {
            if (alert.alertId() != alerts.size() + 1L) {
                trouble += " alert " + alert.alertId() + " after " + alerts.size();
            }
            alerts.add(alert.alertId());
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            trouble += " gap " + fromSequence + ".." + toSequence + " of " + stream.spec().name() + " " + reason;
        }

        @Override
        public void onMalformed(final String why) {
            trouble += " malformed: " + why;
        }

        boolean has(final List<Publication> streams, final int raised) {
            for (final Publication stream : streams) {
                if (next.getOrDefault(stream.spec().name(), 0L) != stream.nextSequence()) {
                    return false;
                }
            }
            return alerts.size() == raised && !outcomes.isEmpty();
        }
    }
}
