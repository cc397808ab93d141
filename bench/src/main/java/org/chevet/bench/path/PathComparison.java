package org.chevet.bench.path;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.chevet.relay.net.SocketOptions;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpProfile;
import org.jspecify.annotations.Nullable;

/**
 * Lane and floor in turns, a few milliseconds each, so that both see the same machine; figures are medians over
 * these stretches. One thread.
 */
final class PathComparison {
    /** Packets read by one call: what a burst brings. */
    static final int WIDTH = 8;
    private static final int BATCHES_PER_STRETCH = 32;

    private final AeadEngineProvider engines;
    private final int receivers;
    private final Sockets sockets;

    /** How copies leave. */
    enum Sockets {
        /** No sockets: from protected packets in memory to protected packets in memory. */
        NONE,
        /** Loopback, one datagram per message. */
        PLAIN,
        /** Loopback with UDP GSO. */
        GSO;

        @Nullable SocketOptions options() {
            final SocketOptions all = SocketOptions.defaults();
            return switch (this) {
                case NONE -> null;
                case PLAIN -> new SocketOptions(true, false, true, false, false, null);
                case GSO -> all;
            };
        }
    }

    /**
     * What was measured.
     *
     * @param provider cipher
     * @param sockets how copies left
     * @param receivers copies of each packet
     * @param laneNs nanoseconds per forwarded copy, receiving and opening included
     * @param floorNs the floor's
     * @param ratio median of the ratios of neighbouring stretches
     * @param bytesPerPacket bytes the lane allocated per forwarded copy
     * @param callsPerPacket system calls of the lane per forwarded copy
     * @param stretches pairs measured
     */
    record Result(String provider, Sockets sockets, int receivers, double laneNs, double floorNs, double ratio,
        double bytesPerPacket, double callsPerPacket, int stretches) {
    }

    PathComparison(final AeadEngineProvider engines, final int receivers, final Sockets sockets) {
        this.engines = engines;
        this.receivers = receivers;
        this.sockets = sockets;
    }

    /** Warms up, then measures for a time. */
    Result run(final long warmUpNs, final long measureNs) throws IOException {
        try (LaneSide lane = new LaneSide(SrtpProfile.AEAD_AES_256_GCM, engines, WIDTH, receivers, sockets.options());
            FloorSide floor = new FloorSide(engines, WIDTH, receivers, sockets.options())) {
            stretches(lane, floor, warmUpNs, new ArrayList<>(), new ArrayList<>());
            final long copiesBefore = lane.copies();
            final long broughtBefore = lane.brought();
            final long bytesBefore = lane.allocatedBytes();
            final long callsBefore = lane.systemCalls();
            final List<Double> laneNs = new ArrayList<>();
            final List<Double> floorNs = new ArrayList<>();
            stretches(lane, floor, measureNs, laneNs, floorNs);
            final double copies = lane.copies() - copiesBefore;
            final List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < laneNs.size(); i++) {
                ratios.add(laneNs.get(i) / floorNs.get(i));
            }
            expectEveryCopy((lane.brought() - broughtBefore) * receivers, (long) copies);
            expectNothingLost(lane);
            expectNothingLost(floor);
            return new Result(engines.name(), sockets, receivers, median(laneNs), median(floorNs), median(ratios),
                (lane.allocatedBytes() - bytesBefore) / copies, (lane.systemCalls() - callsBefore) / copies,
                ratios.size());
        }
    }

    private static void expectEveryCopy(final long wanted, final long made) {
        if (made != wanted) {
            throw new IllegalStateException("the lane forwarded " + made + " copies where " + wanted
                + " were due: the figures would mean nothing");
        }
    }

    private static void expectNothingLost(final PathSide side) {
        if (side.received() != side.copies() || side.copies() == 0) {
            throw new IllegalStateException(side.getClass().getSimpleName() + " sent " + side.copies()
                + " copies, and " + side.received() + " arrived: the figures would mean nothing");
        }
    }

    private void stretches(final PathSide lane, final PathSide floor, final long durationNs,
        final List<Double> laneNs, final List<Double> floorNs) {
        final long endNs = System.nanoTime() + durationNs;
        while (System.nanoTime() < endNs) {
            laneNs.add(stretch(lane));
            floorNs.add(stretch(floor));
        }
    }

    private double stretch(final PathSide side) {
        long elapsedNs = 0;
        for (int i = 0; i < BATCHES_PER_STRETCH; i++) {
            elapsedNs += side.batch();
        }
        return (double) elapsedNs / (BATCHES_PER_STRETCH * WIDTH * receivers);
    }

    private static double median(final List<Double> values) {
        final List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
