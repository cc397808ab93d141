package org.chevet.relay.sim;

import static org.chevet.relay.sim.SctpWorld.MS;
import static org.chevet.relay.sim.SctpWorld.message;
import static org.chevet.relay.sim.SctpWorld.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.sctp.SctpConfig;
import org.chevet.relay.sctp.SctpListener;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.Test;

/**
 * What two associations promise each other over networks that lose, delay, reorder and double. A failure names its
 * seed; {@code -Dchevet.sctp.seed} and {@code -Dchevet.sctp.seeds} choose others.
 */
class SctpSimulationTest {
    private static final long SEED = Long.getLong("chevet.sctp.seed", 1);
    private static final int SEEDS = Integer.getInteger("chevet.sctp.seeds", 1_200);
    private static final SctpConfig LARGE =
        new SctpConfig(5000, 5000, 8_000_000, 8_000_000, 8_000_000, 16_000_000, true);
    private static final SctpConfig PLAIN =
        new SctpConfig(5000, 5000, 262_144, 262_144, 262_144, 1_048_576, false);

    private static SimNetwork.Conditions link(final double loss, final long delayMs, final long jitterMs) {
        return new SimNetwork.Conditions(loss, 0, 1, loss / 2, delayMs * MS, jitterMs * MS, 0, 0, 1500);
    }

    @Test
    void everyReliableMessageArrivesOnceAndInOrder() {
        for (long seed = SEED; seed < SEED + SEEDS; seed++) {
            try {
                reliable(seed);
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("-Dchevet.sctp.seed=" + seed, e);
            }
        }
    }

    private static void reliable(final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final SimNetwork.Conditions conditions = link(random.nextDouble() * 0.15, 1 + random.nextInt(60),
            random.nextInt(40));
        final SctpWorld world = new SctpWorld(seed, conditions,
            random.nextInt(3) == 0 ? PLAIN : SctpConfig.DEFAULT, random.nextInt(3) == 0 ? PLAIN : SctpConfig.DEFAULT);
        if (random.nextBoolean()) {
            world.b.association.connect(world.nowNs);
        }
        world.damage = random.nextInt(4) == 0 ? 0.05 : 0;
        world.establish();
        final int streams = 1 + random.nextInt(4);
        final int count = 20 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            final int length = random.nextInt(8) == 0 ? 5_000 + random.nextInt(20_000) : 4 + random.nextInt(1_500);
            final int stream = random.nextInt(streams);
            assertEquals(SctpAssociation.SENT, world.a.send(stream, message(i, length), stream != 3, -1, -1));
            assertEquals(SctpAssociation.SENT, world.b.send(stream, message(i, length / 2 + 4), stream != 3, -1, -1));
            if (random.nextInt(4) == 0) {
                world.run(() -> false, random.nextInt(100) * MS);
            }
        }
        assertTrue(world.run(world::isQuiet, 300_000 * MS), "not all acknowledged: "
            + world.a.association.sendBuffered() + " " + world.b.association.sendBuffered());
        check(world.b.received, count);
        check(world.a.received, count);
        assertEquals(0, world.a.association.receiveBuffered() + world.b.association.receiveBuffered());
    }

    private static void check(final List<SctpWorld.Received> received, final int count) {
        final int[] last = {-1, -1, -1, -1};
        final Set<Integer> seen = new HashSet<>();
        for (final SctpWorld.Received each : received) {
            final int number = number(each.bytes());
            assertTrue(seen.add(number), "twice: " + number);
            assertTrue(each.streamId() == 3 || number > last[each.streamId()], "out of order: " + number);
            last[each.streamId()] = number;
        }
        assertEquals(count, seen.size());
    }

    @Test
    void partlyReliableMessagesAreNeverDoubledReorderedOrStuck() {
        for (long seed = SEED; seed < SEED + SEEDS / 3; seed++) {
            try {
                partial(seed);
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("-Dchevet.sctp.seed=" + seed, e);
            }
        }
    }

    private static void partial(final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final SctpWorld world = new SctpWorld(seed, link(random.nextDouble() * 0.2, 20, random.nextInt(30)),
            SctpConfig.DEFAULT, random.nextBoolean() ? PLAIN : SctpConfig.DEFAULT);
        world.establish();
        final int count = 60;
        int reliable = 0;
        for (int i = 0; i < count; i++) {
            final int stream = random.nextInt(4);
            reliable += stream == 2 ? 1 : 0;
            assertEquals(SctpAssociation.SENT, world.a.send(stream, message(i, 4 + random.nextInt(4_000)),
                stream != 3, stream == 0 ? 0 : stream == 3 ? 1 : -1, stream == 1 ? 80 : -1));
            world.run(() -> false, random.nextInt(30) * MS);
        }
        assertTrue(world.run(world::isQuiet, 300_000 * MS), "stuck");
        final int[] last = {-1, -1, -1, -1};
        final Set<Integer> seen = new HashSet<>();
        int reliableSeen = 0;
        for (final SctpWorld.Received each : world.b.received) {
            final int number = number(each.bytes());
            assertTrue(seen.add(number), "twice: " + number);
            assertTrue(each.streamId() == 3 || number > last[each.streamId()], "out of order: " + number);
            last[each.streamId()] = number;
            reliableSeen += each.streamId() == 2 ? 1 : 0;
        }
        assertEquals(reliable, reliableSeen);
        final long givenUp = world.a.stats.dropped(DropReason.SCTP_EXPIRED);
        assertTrue(seen.size() + givenUp >= count, seen.size() + " came, " + givenUp + " given up of " + count);
        assertEquals(0, world.b.association.receiveBuffered());
    }

    @Test
    void anUrgentMessageDoesNotWaitBehindALargeOne() {
        final SimNetwork.Conditions slow =
            new SimNetwork.Conditions(0.01, 0, 1, 0, 20 * MS, 0, 8_000_000, 100 * MS, 1500);
        final SctpWorld world = new SctpWorld(7, slow, LARGE, LARGE);
        world.establish();
        world.a.association.stream(2, SctpAssociation.PRIORITY_HIGH, 0);
        world.a.association.stream(4, 128, 1_000);
        assertTrue(world.a.association.isInterleaved());
        assertEquals(SctpAssociation.SENT, world.a.send(4, message(1, 5_000_000)));
        final List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            world.run(() -> false, 50 * MS);
            final long sentNs = world.nowNs;
            final int before = world.b.received.size();
            world.a.send(2, message(i, 200));
            assertTrue(world.run(() -> world.b.received.size() > before, 5_000 * MS));
            delays.add(world.nowNs - sentNs);
        }
        delays.sort(null);
        assertTrue(delays.get(20) < 100 * MS, "median " + delays.get(20) / MS + " ms");
        assertTrue(world.b.received.stream().allMatch(each -> each.streamId() == 2), "the large one is not done yet");
        assertTrue(world.run(world::isQuiet, 120_000 * MS));
        assertEquals(1, number(world.b.received.getLast().bytes()));
        assertEquals(5_000_000, world.b.received.getLast().bytes().length);
        assertEquals(List.of(4), world.a.low.stream().filter(id -> id == 4).toList());
    }

    @Test
    void fivePercentLossLeavesAUsefulRate() {
        final SctpWorld world = new SctpWorld(11, link(0.05, 15, 2), LARGE, LARGE);
        world.establish();
        final long startNs = world.nowNs;
        for (int i = 0; i < 20; i++) {
            assertEquals(SctpAssociation.SENT, world.a.send(2, message(i, 100_000)));
        }
        assertTrue(world.run(world::isQuiet, 120_000 * MS));
        final long rateBps = 2_000_000L * 8 * 1_000_000_000L / (world.nowNs - startNs);
        assertTrue(rateBps > 500_000, "bits per second: " + rateBps);
        assertEquals(20, world.b.received.size());
    }

    @Test
    void streamsAreResetAfterWhatTheyCarryAndUsedAnew() {
        for (long seed = 1; seed <= 100; seed++) {
            final SctpWorld world = new SctpWorld(seed, link(0.1, 20, 20), SctpConfig.DEFAULT,
                seed % 2 == 0 ? PLAIN : SctpConfig.DEFAULT);
            world.establish();
            for (int round = 0; round < 3; round++) {
                final int base = round * 10;
                for (int i = 0; i < 10; i++) {
                    world.a.send(6, message(base + i, 2_000));
                }
                assertTrue(world.a.association.resetStream(6));
                assertEquals(SctpAssociation.NOT_OPEN, world.a.send(6, message(0, 4)));
                final int resets = round + 1;
                assertTrue(world.run(() -> world.a.outgoingResets.size() == resets, 60_000 * MS), "seed " + seed);
                assertEquals(resets, world.b.incomingResets.size(), "seed " + seed);
                assertEquals(10 * resets, world.b.received.size(), "seed " + seed);
            }
            check(world.b.received.stream().map(each -> new SctpWorld.Received(0, 0, each.bytes(), false, 0)).toList(),
                30);
        }
    }

    @Test
    void bothEndsShutDownInOrder() {
        for (long seed = 1; seed <= 50; seed++) {
            final SctpWorld world = new SctpWorld(seed, link(0.1, 20, 20), SctpConfig.DEFAULT, SctpConfig.DEFAULT);
            world.establish();
            world.a.send(1, message(1, 30_000));
            world.a.association.shutdown(world.nowNs);
            assertTrue(world.run(() -> !world.a.ends.isEmpty() && !world.b.ends.isEmpty(), 300_000 * MS));
            assertEquals(1, world.b.received.size());
            assertEquals(1, world.a.ends.size() + world.b.ends.size() - 1);
        }
    }

    @Test
    void anAbortEndsBoth() {
        final SctpWorld world = new SctpWorld(1, SimNetwork.Conditions.PERFECT, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        world.a.association.abort();
        assertTrue(world.run(() -> !world.b.ends.isEmpty(), 1_000 * MS));
        assertEquals(List.of(SctpListener.End.ABORTED), world.a.ends);
        assertEquals(List.of(SctpListener.End.ABORTED_BY_PEER), world.b.ends);
        assertEquals(SctpAssociation.NOT_OPEN, world.b.send(1, message(1, 4)));
        assertEquals(Long.MAX_VALUE, world.a.association.nextDeadlineNs());
    }

    @Test
    void aPeerThatStartsAnewIsTakenBack() {
        final SctpWorld world = new SctpWorld(3, SimNetwork.Conditions.PERFECT, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        world.b.send(1, message(1, 4));
        world.a.send(1, message(1, 4));
        assertTrue(world.run(() -> world.b.received.size() == 1, 1_000 * MS));
        world.a.startAnew();
        world.a.association.connect(world.nowNs);
        assertTrue(world.run(() -> world.a.established == 2 && world.b.restarts == 1, 10_000 * MS));
        world.a.send(1, message(2, 4));
        world.b.send(1, message(3, 4));
        assertTrue(world.run(() -> world.b.received.size() == 2 && number(world.a.received.getLast().bytes()) == 3,
            10_000 * MS));
    }

    @Test
    void aSilentPeerIsGivenUp() {
        final SctpWorld world = new SctpWorld(3, SimNetwork.Conditions.PERFECT, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        world.network.conditions(link(1, 1, 0));
        world.a.send(1, message(1, 4));
        assertTrue(world.run(() -> !world.a.ends.isEmpty(), 300_000 * MS));
        assertEquals(List.of(SctpListener.End.UNREACHABLE), world.a.ends);
        final SctpWorld never = new SctpWorld(3, link(1, 1, 0), SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        never.a.association.connect(never.nowNs);
        assertTrue(never.run(() -> !never.a.ends.isEmpty(), 300_000 * MS));
    }

    @Test
    void theSendBufferHasABoundAndKeepsRoomForUrgentStreams() {
        final SctpWorld world = new SctpWorld(3, SimNetwork.Conditions.PERFECT, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        world.a.association.stream(2, SctpAssociation.PRIORITY_HIGH, 0);
        int taken = 0;
        while (world.a.send(1, message(taken, 10_000)) == SctpAssociation.SENT) {
            taken++;
        }
        assertEquals(SctpConfig.DEFAULT_SEND_BUFFER * 3 / 4 / 10_000, taken);
        assertEquals(1, world.a.stats.dropped(DropReason.SCTP_BUFFER_FULL));
        assertEquals(SctpAssociation.SENT, world.a.send(2, message(0, 10_000)));
        assertEquals(SctpAssociation.BAD_LENGTH, world.a.send(2, new byte[262_145]));
        assertEquals(SctpAssociation.NOT_OPEN, world.a.send(1024, message(0, 10)));
        final int expected = taken + 1;
        assertTrue(world.run(() -> world.b.received.size() == expected, 60_000 * MS));
    }

    @Test
    void randomBytesAndStrangersChangeNothing() {
        final SctpWorld world = new SctpWorld(5, SimNetwork.Conditions.PERFECT, SctpConfig.DEFAULT, SctpConfig.DEFAULT);
        world.establish();
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = new byte[world.random.nextInt(64)];
            world.random.nextBytes(bytes);
            assertEquals(SctpAssociation.REFUSED,
                world.b.association.handlePacket(new UnsafeBuffer(bytes), 0, bytes.length, world.nowNs));
        }
        assertEquals(20_000, world.b.stats.dropped(DropReason.SCTP_MALFORMED)
            + world.b.stats.dropped(DropReason.SCTP_BAD_CHECKSUM));
        world.a.send(1, message(1, 4));
        assertTrue(world.run(() -> world.b.received.size() == 1, 1_000 * MS));
    }
}
