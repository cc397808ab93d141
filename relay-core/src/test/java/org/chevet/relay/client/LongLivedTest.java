package org.chevet.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.relay.vitals.VitalsLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Channels that live for days, in virtual time: nothing drifts, nothing grows. */
class LongLivedTest {
    private static final long SECOND = VitalsWorld.SECOND;
    private static final long DAY = 86_400 * SECOND;
    private static final int DAYS = 7;
    private static final int BLOCK_BYTES = 500;

    /** Counts, and notes what is not the next sample. */
    private static final class Reader implements VitalsListener {
        private long blocks;
        private long nextSample;
        private long gaps;
        private long lost;
        private long wrong;
        private long lastClockNs;

        @Override
        public Start onStream(final SubscribedStream stream) {
            return Start.beginning();
        }

        @Override
        public void onBlock(final SubscribedStream stream, final VitalsBlock block) {
            blocks++;
            if (block.firstSample() != nextSample) {
                wrong++;
            }
            nextSample = block.firstSample() + block.sampleCount();
        }

        @Override
        public void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
            final long fromSample, final long toSample, final GapReason reason) {
            gaps++;
            lost += toSequence - fromSequence;
            nextSample = toSample;
        }

        @Override
        public void onPublisherClock(final String participant, final long offsetNs, final long uncertaintyNs) {
            lastClockNs = uncertaintyNs;
        }
    }

    private static Publication gateway(final VitalsWorld world) {
        final PublisherMachine machine = new PublisherMachine(1, "gateway", VitalsEvents.NONE, () -> world.nowNs,
            300 * SECOND, 32 << 20);
        world.add(machine, "gateway", false);
        return machine.open(StreamSpec.of("ecg", Kind.WAVEFORM, 250, 1,
            List.of(new StreamSpec.Channel(131_330, "II", "mV"))));
    }

    private static boolean publish(final Publication stream, final VitalsWorld world) {
        final long sequence = stream.nextSequence();
        return stream.offer(sequence * (BLOCK_BYTES / 2), BLOCK_BYTES / 2, world.nowNs, 0,
            ByteBuffer.allocate(BLOCK_BYTES));
    }

    @Test
    @Tag("REQ-A8")
    void sevenDaysOfOneChannelAreWholeAndInBoundedMemory(final TestReporter reporter) {
        final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), new Random(7), SECOND);
        final Publication stream = gateway(world);
        final Reader reader = new Reader();
        final VitalsWorld.Node doctor = world.add(new SubscriberMachine(2, "doctor", reader), "doctor", true);
        final long startNs = world.nowNs;
        long mostHeld = 0;
        long dayOne = 0;
        long seconds = 0;
        while (world.nowNs - startNs < DAYS * DAY) {
            assertTrue(publish(stream, world), "the publisher takes every block");
            world.step();
            seconds++;
            if (seconds % 10_007 == 0) {
                doctor.breakLink();
            }
            if (seconds % 14_009 == 0) {
                world.nodes.getFirst().breakLink();
            }
            mostHeld = Math.max(mostHeld, world.hub.heldBytes());
            if (seconds == 86_400) {
                dayOne = mostHeld;
            }
        }
        for (int i = 0; i < 60; i++) {
            world.step();
        }
        assertEquals(604_800, stream.nextSequence());
        assertEquals(604_800, reader.blocks);
        assertEquals(0, reader.gaps + reader.wrong);
        assertEquals(dayOne, mostHeld, "what the relay holds does not grow after the first day");
        assertTrue(mostHeld <= VitalsLimits.defaults().ringBytes());
        assertEquals(0, stream.retainedBytes());
        assertTrue(reader.lastClockNs > 0 && reader.lastClockNs <= 3 * SECOND, "the clocks are still known: "
            + reader.lastClockNs);
        reporter.publishEntry("held",
            String.format("7 days: %d blocks, at most %d bytes held", reader.blocks, mostHeld));
    }

    @Test
    @Tag("REQ-A8")
    void aReaderThatStallsForAnHourCostsARingAndNobodyElseAnything(final TestReporter reporter) {
        final VitalsWorld world = new VitalsWorld(VitalsLimits.defaults(), new Random(8), SECOND / 10);
        final Publication stream = gateway(world);
        final Reader good = new Reader();
        final Reader slow = new Reader();
        world.add(new SubscriberMachine(2, "doctor", good), "doctor", true);
        final VitalsWorld.Node stalled = world.add(new SubscriberMachine(3, "slow", slow), "slow", true);
        for (int i = 0; i < 100; i++) {
            publish(stream, world);
            world.step();
        }
        stalled.frozen = true;
        stalled.stalled = true;
        long held = 0;
        for (int i = 0; i < 36_000; i++) {
            publish(stream, world);
            world.step();
            held = Math.max(held, world.hub.heldBytes());
        }
        stalled.frozen = false;
        stalled.stalled = false;
        for (int i = 0; i < 600; i++) {
            world.step();
        }
        assertEquals(36_100, good.blocks);
        assertEquals(0, good.gaps + good.wrong + slow.wrong);
        assertEquals(36_100, slow.blocks + slow.lost, "what it missed is told as a gap");
        assertTrue(slow.gaps > 0 && slow.blocks >= 3_000, "five minutes of backfill: " + slow.blocks);
        assertTrue(held <= 4L << 20, "one ring: " + held);
        reporter.publishEntry("held", String.format("a reader stalled for an hour: %d bytes held", held));
    }
}
