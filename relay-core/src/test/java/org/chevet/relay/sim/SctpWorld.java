package org.chevet.relay.sim;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.sctp.SctpAssociation;
import org.chevet.relay.sctp.SctpConfig;
import org.chevet.relay.sctp.SctpListener;
import org.chevet.relay.stats.LaneStats;

/** Two associations over a seeded network in virtual time. */
final class SctpWorld {
    static final long MS = 1_000_000L;

    final SplittableRandom random;
    final SimNetwork network;
    final End a;
    final End b;
    long nowNs = 1_000 * MS;
    /** Probability that a packet is damaged on its way. */
    double damage;
    /** Whether damaged packets get a right checksum, as a peer that lies would give them. */
    boolean damageIsSummed;
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[1500]);

    SctpWorld(final long seed, final SimNetwork.Conditions conditions, final SctpConfig configA,
        final SctpConfig configB) {
        random = new SplittableRandom(seed);
        network = new SimNetwork(random.split(), conditions);
        a = new End(configA, TransportAddress.ofIpv4(1, 1), random.split());
        b = new End(configB, TransportAddress.ofIpv4(2, 2), random.split());
    }

    /** A message as it came. */
    @SuppressWarnings("ArrayRecordComponent") // test data, never compared
    record Received(int streamId, int ppid, byte[] bytes, boolean unordered, long atNs) {
    }

    /** One side. */
    final class End implements SctpListener {
        final LaneStats stats = new LaneStats();
        final SctpConfig config;
        final TransportAddress address;
        final SplittableRandom entropy;
        final List<Received> received = new ArrayList<>();
        final List<Integer> incomingResets = new ArrayList<>();
        final List<Integer> outgoingResets = new ArrayList<>();
        final List<Integer> refusedResets = new ArrayList<>();
        final List<Integer> low = new ArrayList<>();
        final List<SctpListener.End> ends = new ArrayList<>();
        SctpAssociation association;
        int established;
        int restarts;

        End(final SctpConfig config, final TransportAddress address, final SplittableRandom entropy) {
            this.config = config;
            this.address = address;
            this.entropy = entropy;
            association = new SctpAssociation(config, this, stats, entropy);
        }

        void startAnew() {
            association = new SctpAssociation(config, this, stats, entropy);
        }

        int send(final int streamId, final byte[] bytes) {
            return send(streamId, bytes, true, -1, -1);
        }

        int send(final int streamId, final byte[] bytes, final boolean ordered, final int maxRetransmits,
            final long lifetimeMs) {
            return association.send(streamId, 53, new UnsafeBuffer(bytes), 0, bytes.length, ordered, maxRetransmits,
                lifetimeMs, nowNs);
        }

        @Override
        public void onEstablished() {
            established++;
        }

        @Override
        public void onRestart() {
            restarts++;
        }

        @Override
        public void onMessage(final int streamId, final int ppid, final DirectBuffer buffer, final int offset,
            final int length, final boolean unordered) {
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            received.add(new Received(streamId, ppid, bytes, unordered, nowNs));
        }

        @Override
        public void onIncomingReset(final int streamId) {
            incomingResets.add(streamId);
        }

        @Override
        public void onOutgoingReset(final int streamId) {
            outgoingResets.add(streamId);
        }

        @Override
        public void onOutgoingResetRefused(final int streamId) {
            refusedResets.add(streamId);
        }

        @Override
        public void onBufferedAmountLow(final int streamId) {
            low.add(streamId);
        }

        @Override
        public void onClosed(final SctpListener.End end) {
            ends.add(end);
        }
    }

    /** Runs until {@code done} or for {@code limitNs}; true when done. */
    boolean run(final BooleanSupplier done, final long limitNs) {
        final long endNs = nowNs + limitNs;
        drain(a, b);
        drain(b, a);
        while (!done.getAsBoolean()) {
            final long nextNs = Math.min(network.nextNs(),
                Math.min(a.association.nextDeadlineNs(), b.association.nextDeadlineNs()));
            if (nextNs > endNs) {
                nowNs = endNs;
                return done.getAsBoolean();
            }
            nowNs = Math.max(nowNs, nextNs);
            for (SimNetwork.Delivery each = network.poll(nowNs); each != null; each = network.poll(nowNs)) {
                deliver(each);
            }
            timeout(a, b);
            timeout(b, a);
        }
        return true;
    }

    private void deliver(final SimNetwork.Delivery delivery) {
        final boolean isToA = delivery.to().equals(a.address);
        final End to = isToA ? a : b;
        DirectBuffer bytes = delivery.bytes();
        if (damage > 0 && random.nextDouble() < damage) {
            bytes = damaged(bytes);
        }
        to.association.handlePacket(bytes, 0, bytes.capacity(), nowNs);
        drain(to, isToA ? b : a);
    }

    private DirectBuffer damaged(final DirectBuffer bytes) {
        final byte[] changed = new byte[bytes.capacity()];
        bytes.getBytes(0, changed);
        if (!damageIsSummed) {
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            return new UnsafeBuffer(changed);
        }
        // Most of what decides stands at the start of the first chunk.
        for (int i = random.nextInt(4); i >= 0; i--) {
            final int span = changed.length - 12;
            final int at = 12 + random.nextInt(random.nextBoolean() ? Math.min(span, 24) : span);
            changed[at] = (byte) (random.nextBoolean() ? random.nextInt() : changed[at] + random.nextInt(5) - 2);
        }
        final UnsafeBuffer summed = new UnsafeBuffer(changed);
        summed.putInt(8, 0);
        final CRC32C crc = new CRC32C();
        crc.update(changed);
        summed.putInt(8, (int) crc.getValue(), ByteOrder.LITTLE_ENDIAN);
        return summed;
    }

    private void timeout(final End end, final End other) {
        if (end.association.nextDeadlineNs() <= nowNs) {
            end.association.handleTimeout(nowNs);
        }
        drain(end, other);
    }

    private void drain(final End from, final End to) {
        int packets = 0;
        for (int length = from.association.pollTransmit(out, 0, nowNs); length > 0;
            length = from.association.pollTransmit(out, 0, nowNs)) {
            if (length > SctpAssociation.MTU || ++packets > 10_000) {
                throw new AssertionError(packets + " packets at once, the last of " + length + " bytes");
            }
            final byte[] bytes = new byte[length];
            out.getBytes(0, bytes);
            network.send(from.address, to.address, bytes, nowNs);
        }
        final long bound = 2L * (from.config.receiveWindow() + (long) from.config.maxReceiveMessage());
        if (from.association.receiveMemory() > bound
            || from.association.sendBuffered() > from.config.sendBuffer()
            || from.association.sendMemory() > 2L * from.config.sendBuffer() + 4096 * 448) {
            throw new AssertionError("memory beyond its bound");
        }
    }

    /** Both up. */
    void establish() {
        a.association.connect(nowNs);
        if (!run(() -> a.established > 0 && b.established > 0, 120_000 * MS)) {
            throw new AssertionError("not established: " + a.association.state() + " " + b.association.state());
        }
    }

    /** Nothing waits or is in flight, in both directions. */
    boolean isQuiet() {
        return a.association.sendBuffered() == 0 && b.association.sendBuffered() == 0;
    }

    /** A message that knows its number and shows any change. */
    static byte[] message(final int number, final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i < 4 ? number >>> (8 * i) : number * 31 + i * 7);
        }
        return bytes;
    }

    /** The number of a message of at least four bytes; fails when it was changed. */
    static int number(final byte[] bytes) {
        int number = 0;
        for (int i = 0; i < 4; i++) {
            number |= (bytes[i] & 0xFF) << (8 * i);
        }
        if (!java.util.Arrays.equals(bytes, message(number, bytes.length))) {
            throw new AssertionError("message " + number + " was changed");
        }
        return number;
    }
}
