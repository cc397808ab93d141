package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A simulcast publisher with loss, reordering, duplicates, padding, layers that come and go, source changes and
 * replacement of the whole publisher; a viewer that answers holes with NACKs. Replay a failure by its seed.
 */
class RouterPropertyTest {
    private static final int STEPS = 3000;
    private static final int LAYERS = 3;

    /** One simulated encoder layer. */
    private static final class Encoder {
        private int ssrc;
        private int sequence;
        private int timestamp;
        private boolean key = true;
        private boolean active = true;
    }

    /** A packet on its way, due at a step. */
    private record Travelling(long atStep, int ssrc, int layer, int sequence, int timestamp, boolean padding,
        boolean key, int stamp) {
    }

    private final List<Travelling> network = new ArrayList<>();
    private final Encoder[] encoders = new Encoder[LAYERS];
    private final Bench bench = new Bench(2048);
    private Random random = new Random(0);
    private int peer = 1;
    private int nextSsrc = 100;
    private int stamp;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 20261122})
    void theOutgoingStreamHasNoSeams(final long seed) {
        random = new Random(seed);
        final String replay = "seed " + seed;
        newPublisher();
        bench.subscriber(900, 2, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, 600, 601));
        for (int step = 0; step < STEPS; step++) {
            event(step);
            produce(step);
            deliver(step);
            bench.advance(random.nextInt(20) * MS);
            assertTrue(bench.slab.inUse() <= LAYERS * 512, replay);
        }
        assertTrue(bench.sentTo(900, 600).size() > STEPS / 4, replay + " sent " + bench.sentTo(900, 600).size()
            + bench.drops());
        check(replay);
        bench.router.removePeer(900, bench.nowNs);
        bench.router.removePeer(peer, bench.nowNs);
        bench.slab.checkAllReleased();
    }

    private void event(final int step) {
        switch (random.nextInt(400)) {
            case 0 -> {
                bench.router.removePeer(peer++, bench.nowNs);
                network.clear();
                newPublisher();
            }
            case 1 -> encoders[random.nextInt(LAYERS)].ssrc = nextSsrc++;
            case 2, 3, 4 -> encoders[random.nextInt(LAYERS)].active ^= true;
            case 5 -> encoders[random.nextInt(LAYERS)].sequence += 20_000;
            case 6 -> bench.advance(1500 * MS);
            case 7, 8, 9 -> nackSomething();
            default -> {
                for (final Encoder encoder : encoders) {
                    encoder.key |= step % 60 == 0 || random.nextInt(100) == 0;
                }
            }
        }
    }

    private void newPublisher() {
        network.clear();
        for (int i = 0; i < LAYERS; i++) {
            encoders[i] = new Encoder();
            encoders[i].ssrc = nextSsrc++;
            encoders[i].sequence = random.nextInt(0x1_0000);
            encoders[i].timestamp = random.nextInt();
        }
        bench.publisher(peer, 1, Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS,
            new OfferedSource("0", 0, 0), new OfferedSource("1", 0, 0), new OfferedSource("2", 0, 0)));
    }

    private void produce(final int step) {
        for (int layer = 0; layer < LAYERS; layer++) {
            final Encoder encoder = encoders[layer];
            encoder.timestamp += 1500;
            if (!encoder.active) {
                continue;
            }
            for (int n = random.nextInt(layer + 2) + 1; n > 0; n--) {
                final boolean padding = random.nextInt(12) == 0;
                final long delay = random.nextInt(8) == 0 ? random.nextInt(4) : 0;
                final Travelling packet = new Travelling(step + delay, encoder.ssrc, layer,
                    encoder.sequence++ & 0xFFFF, encoder.timestamp, padding, encoder.key && !padding, stamp++);
                encoder.key &= padding;
                if (random.nextInt(15) != 0) {
                    network.add(packet);
                }
                if (random.nextInt(20) == 0) {
                    network.add(packet);
                }
            }
        }
    }

    private void deliver(final int step) {
        for (int i = 0; i < network.size(); i++) {
            final Travelling packet = network.get(i);
            if (packet.atStep() <= step) {
                network.remove(i--);
                bench.packet(packet.ssrc(), 96, packet.sequence(), packet.timestamp(), true).padding(packet.padding());
                bench.withText(4, "v");
                bench.withText(10, String.valueOf(packet.layer()));
                final byte[] payload = packet.padding() ? new byte[] {0, 0, 3}
                    : new byte[20 + 200 * packet.layer()];
                if (!packet.padding()) {
                    payload[0] = 0x10;
                    payload[1] = (byte) (packet.key() ? 0 : 1);
                    ByteBuffer.wrap(payload).putInt(4, packet.ssrc()).putInt(8, packet.sequence())
                        .putInt(12, packet.timestamp()).putInt(16, packet.stamp());
                }
                bench.rtp(peer, payload);
            }
        }
    }

    private void nackSomething() {
        final List<Bench.Sent> sent = bench.sentTo(900, 600);
        if (!sent.isEmpty()) {
            final var rtcp = bench.rtcpWriter();
            for (int i = 0; i < 10; i++) {
                rtcp.nack(1, 600, (sent.get(sent.size() - 1).sequence() - random.nextInt(50)) & 0xFFFF);
            }
            bench.rtcp(900, rtcp);
        }
    }

    /**
     * Numbers are unique; in the order of numbers each source's packets are in its order, a hole stands for packets
     * of the source that did not come in time, the first packet of a source is a key frame, and time never steps back.
     */
    private void check(final String replay) {
        final List<Bench.Sent> sent = bench.sentTo(900, 600);
        final Map<Long, Bench.Sent> byNumber = new HashMap<>();
        long highest = sent.get(0).sequence() + 0x1_0000L;
        long lowest = highest;
        for (final Bench.Sent packet : sent) {
            assertTrue(packet.payload().length >= 20, replay + ": padding forwarded");
            final long number = highest + (short) (packet.sequence() - (int) highest);
            assertEquals(null, byNumber.put(number, packet), replay + ": number used twice");
            highest = Math.max(highest, number);
            lowest = Math.min(lowest, number);
        }
        Bench.Sent before = null;
        long numberBefore = 0;
        final Set<Integer> seen = new HashSet<>();
        for (long number = lowest; number <= highest; number++) {
            final Bench.Sent packet = byNumber.get(number);
            if (packet == null) {
                continue;
            }
            if (before == null || source(before) != source(packet)) {
                assertEquals(0, packet.payload()[1], replay + ": source starts without key frame at " + number);
                assertTrue(before == null || numberBefore + 1 == number, replay + ": hole at a switch");
                assertTrue(before == null || packet.timestamp() - before.timestamp() > 0, replay + ": time at switch");
            } else {
                final int out = (int) (number - numberBefore);
                final int in = (sequence(packet) - sequence(before)) & 0xFFFF;
                assertTrue(out <= in || in > 15_000, replay + ": hole of " + out + " for " + in + " at " + number);
                assertTrue(packet.timestamp() - before.timestamp() >= 0, replay + ": time steps back at " + number);
            }
            assertTrue(seen.add(stamp(packet, 0)), replay + ": packet sent twice");
            before = packet;
            numberBefore = number;
        }
        for (final Bench.Sent repair : bench.sentTo(900, 601)) {
            final int original = ByteBuffer.wrap(repair.payload()).getShort(0) & 0xFFFF;
            // A repair may also fill a hole: then nothing with its number was sent before.
            assertTrue(sent.stream().filter(packet -> packet.sequence() == original)
                .allMatch(packet -> packet.timestamp() == repair.timestamp() && stamp(packet, 0) == stamp(repair, 2)),
                () -> replay + ": repair is not the packet of number " + original);
            assertTrue(sent.stream().filter(packet -> stamp(packet, 0) == stamp(repair, 2))
                .allMatch(packet -> packet.sequence() == original),
                () -> replay + ": repair has another number than its packet had, " + original);
        }
        assertFalse(bench.sentTo(900, 601).isEmpty(), replay);
        assertTrue(bench.dropped(DropReason.RTP_PADDING_ONLY) > 0, replay);
    }

    private static int stamp(final Bench.Sent packet, final int shift) {
        return ByteBuffer.wrap(packet.payload()).getInt(16 + shift);
    }

    private static int source(final Bench.Sent packet) {
        return ByteBuffer.wrap(packet.payload()).getInt(4);
    }

    private static int sequence(final Bench.Sent packet) {
        return ByteBuffer.wrap(packet.payload()).getInt(8);
    }
}
