package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Hundreds of seeded lives of a hub with publishers and subscribers: links break, the relay restarts, subscribers
 * stall, rings overflow, publishers run out of memory. Whatever happens, every subscriber sees every sequence of
 * every stream exactly once, in order, with the bytes that were published, or inside exactly one Gap.
 */
class VitalsSimulationTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 600;
    private static final long STEP_NS = 20 * VitalsWorld.MS;
    private static final long QUIET_NS = 30 * VitalsWorld.SECOND;

    /** What was published, by stream name: first samples; the payload is a function of name and sequence. */
    private final Map<String, List<Long>> truth = new HashMap<>();
    private long gapsSeen;
    private long blocksSeen;
    private long breaksSeen;
    private long resentSeen;

    @Test
    @Tag("REQ-O17")
    void everySequenceComesOnceInOrderOrInOneGap() {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, true);
        }
        assertTrue(gapsSeen > SEEDS && breaksSeen > SEEDS && resentSeen > SEEDS && blocksSeen > 100L * SEEDS,
            "the simulation does not reach what it is for: " + gapsSeen + " gaps, " + breaksSeen + " breaks, "
                + resentSeen + " resent, " + blocksSeen + " blocks");
    }

    @Test
    @Tag("REQ-A8")
    void withoutOverrunAndRestartNothingIsLost() {
        for (int seed = 1_000; seed < 1_000 + SEEDS / 3; seed++) {
            gapsSeen = 0;
            run(seed, false);
            assertEquals(0, gapsSeen, "gaps with seed " + seed);
        }
        assertTrue(breaksSeen > SEEDS / 3);
    }

    private void run(final int seed, final boolean harsh) {
        try {
            live(new Random(seed), harsh);
        } catch (final RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + " harsh " + harsh + ": run(" + seed + ", " + harsh
                + ") replays it", failure);
        }
    }

    private void live(final Random random, final boolean harsh) {
        truth.clear();
        final VitalsLimits limits = harsh ? tight() : VitalsLimits.defaults();
        final VitalsWorld world = new VitalsWorld(limits, random, STEP_NS);
        final List<Publication> publications = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            final PublisherMachine machine = new PublisherMachine(random.nextLong(), "sim", VitalsEvents.NONE,
                () -> world.nowNs, 60 * VitalsWorld.SECOND, harsh ? 4_000 : 1 << 20);
            world.add(machine, "gateway" + i, false);
            for (int stream = 0; stream < 2; stream++) {
                final Kind kind = stream == 0 ? Kind.WAVEFORM : Kind.NUMERIC;
                final String name = "g" + i + "s" + stream;
                publications.add(machine.open(StreamSpec.of(name, kind, 50, 1,
                    List.of(new StreamSpec.Channel(131330, "II", "mV")))
                    .withDelivery(0, stream == 0 ? AckMode.HELD : AckMode.DELIVERED)));
                truth.put(name, new ArrayList<>());
            }
        }
        final List<Watcher> watchers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            final Watcher watcher = new Watcher(random.nextBoolean() ? 4 : 0);
            watchers.add(watcher);
            world.add(new SubscriberMachine(random.nextLong(), "sim", watcher), "doctor" + i, true);
        }
        for (int step = 0; step < STEPS; step++) {
            disturb(world, random, harsh);
            for (final Publication publication : publications) {
                if (random.nextInt(4) == 0) {
                    publish(publication, random, world.nowNs, harsh);
                }
            }
            world.step();
        }
        world.nodes.forEach(node -> node.stalled = false);
        final long until = world.nowNs + QUIET_NS;
        while (world.nowNs < until && !isSettled(publications, watchers)) {
            world.step();
        }
        check(world, publications, watchers);
    }

    /** Rings of 2000 bytes and 4 s, which wrap and overrun all the time. */
    private static VitalsLimits tight() {
        final VitalsLimits base = VitalsLimits.defaults();
        return new VitalsLimits(16, 16, 8, 512, 4 * VitalsWorld.SECOND, 2_000, 64, 1 << 20, base.heartbeatNs(),
            base.timeoutNs(), base.replaceableNs(), base.silentNs(), base.expiryNs(), base.ackDelayNs(), 16, 64);
    }

    private static void disturb(final VitalsWorld world, final Random random, final boolean harsh) {
        for (final VitalsWorld.Node node : world.nodes) {
            if (random.nextInt(400) == 0) {
                node.breakLink();
            }
            if (node.receives && random.nextInt(node.stalled ? 60 : 300) == 0) {
                node.stalled = !node.stalled;
            }
        }
        if (harsh && random.nextInt(1_500) == 0) {
            world.restartRelay();
        }
    }

    private void publish(final Publication publication, final Random random, final long nowNs, final boolean harsh) {
        final List<Long> firstSamples = truth.get(publication.spec().name());
        final long end = firstSamples.isEmpty() ? 0 : firstSamples.getLast() + samplesOf(firstSamples.size() - 1);
        final long first = end + (random.nextInt(20) == 0 ? random.nextInt(50) : 0);
        final long sequence = firstSamples.size();
        final int count = samplesOf(sequence);
        boolean accepted = publication.offer(first, count, nowNs, 0, payload(publication.spec().name(), sequence));
        if (!accepted && harsh && random.nextBoolean()) {
            publication.dropOldest();
            accepted = publication.offer(first, count, nowNs, 0, payload(publication.spec().name(), sequence));
        }
        if (accepted) {
            firstSamples.add(first);
        }
    }

    private static int samplesOf(final long sequence) {
        return 1 + (int) (sequence % 7) * 20;
    }

    private static ByteBuffer payload(final String name, final long sequence) {
        final ByteBuffer bytes = ByteBuffer.allocate(2 * samplesOf(sequence));
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.put(i, (byte) (name.hashCode() + sequence * 17 + i));
        }
        return bytes;
    }

    private static boolean isSettled(final List<Publication> publications, final List<Watcher> watchers) {
        for (final Publication publication : publications) {
            for (final Watcher watcher : watchers) {
                if (watcher.next.getOrDefault(publication.spec().name(), 0L) != publication.nextSequence()) {
                    return false;
                }
            }
        }
        return publications.stream().allMatch(publication -> publication.heldBelow() == publication.nextSequence()
            && publication.retainedBytes() == 0);
    }

    private void check(final VitalsWorld world, final List<Publication> publications, final List<Watcher> watchers) {
        for (final Publication publication : publications) {
            assertEquals("", publication.failure());
            assertEquals(publication.nextSequence(), publication.heldBelow(), "the relay holds all that was offered");
            assertEquals(0, publication.retainedBytes(), "what is held, or delivered, is forgotten");
            if (publication.spec().ackMode() == AckMode.DELIVERED) {
                assertEquals(publication.nextSequence(), publication.deliveredBelow(), "all of it was delivered");
            }
            resentSeen += publication.resent();
            for (final Watcher watcher : watchers) {
                assertEquals(publication.nextSequence(), watcher.next.getOrDefault(publication.spec().name(), 0L),
                    "subscriber's next sequence of " + publication.spec().name());
            }
        }
        for (final Watcher watcher : watchers) {
            assertEquals("", watcher.trouble);
            for (final SubscribedStream stream : watcher.streams) {
                assertEquals(0, stream.duplicates(), "the relay sent a block twice");
                assertEquals(0, stream.undeclaredHoles(), "the relay left a hole without a Gap");
            }
        }
        world.nodes.forEach(node -> breaksSeen += node.breaks);
    }

    /** A subscriber that believes nothing. */
    private final class Watcher implements VitalsListener {
        private final int credit;
        private final Map<String, Long> next = new HashMap<>();
        private final List<SubscribedStream> streams = new ArrayList<>();
        private String trouble = "";

        Watcher(final int credit) {
            this.credit = credit;
        }

        @Override
        public Start onStream(final SubscribedStream stream) {
            if (next.put(stream.spec().name(), 0L) != null) {
                trouble += " stream announced as new twice";
            }
            streams.add(stream);
            return new Start(StartFrom.SEQUENCE, 0, credit, true);
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            final String name = stream.spec().name();
            advance(name, block.sequence(), block.sequence() + 1);
            final long expectedFirst = truth.get(name).get((int) block.sequence());
            if (block.firstSample() != expectedFirst || block.sampleCount() != samplesOf(block.sequence())
                || !block.payload().equals(payload(name, block.sequence()))) {
                trouble += " block " + block.sequence() + " of " + name + " is not what was published";
            }
            blocksSeen++;
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            advance(stream.spec().name(), fromSequence, toSequence);
            if (toSequence <= fromSequence || (fromSample >= 0 && toSample >= 0 && toSample < fromSample)) {
                trouble += " empty or turned gap";
            }
            gapsSeen++;
        }

        @Override
        public void onMalformed(final String why) {
            trouble += " malformed: " + why;
        }

        private void advance(final String name, final long from, final long to) {
            final long expected = next.get(name);
            if (from != expected) {
                trouble += " " + name + " expected " + expected + " and got " + from;
            }
            next.put(name, to);
        }
    }
}
