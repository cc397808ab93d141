package org.chevet.relay.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/**
 * A network of datagrams in virtual time: every packet gets its fate from one seeded generator.
 *
 * <p>Loss (single and in bursts), delay, jitter (which reorders), duplicates, a rate with a bounded queue, and an MTU.
 */
final class SimNetwork {
    private static final int IP_UDP_OVERHEAD = 28;

    private final RandomGenerator random;
    private final PriorityQueue<Delivery> flying = new PriorityQueue<>(
        Comparator.comparingLong(Delivery::atNs).thenComparingLong(Delivery::order));
    private Conditions conditions;
    private boolean inBurst;
    private long linkFreeNs = Long.MIN_VALUE;
    private long order;
    private long lost;
    private long duplicated;

    SimNetwork(final RandomGenerator random, final Conditions conditions) {
        this.random = random;
        this.conditions = conditions;
    }

    /**
     * How bad it is.
     *
     * @param loss probability that a packet is lost by itself
     * @param burstStart probability that a packet starts a burst of losses
     * @param burstEnd probability that a burst ends with a packet
     * @param duplicate probability that a packet arrives twice
     * @param delayNs one-way delay
     * @param jitterNs most that is added to it, uniformly: larger than the packet distance means reordering
     * @param rateBps bits per second of the link, 0 for unlimited
     * @param queueNs most a packet waits for the link; longer is lost
     * @param mtu largest IP packet in bytes; larger is lost
     */
    record Conditions(double loss, double burstStart, double burstEnd, double duplicate, long delayNs, long jitterNs,
        long rateBps, long queueNs, int mtu) {
        static final Conditions PERFECT = new Conditions(0, 0, 1, 0, 1_000_000, 0, 0, 0, 1500);
        static final Conditions POOR =
            new Conditions(0.03, 0.002, 0.3, 0.01, 30_000_000, 25_000_000, 8_000_000, 200_000_000, 1500);
    }

    /**
     * A datagram on its way.
     *
     * @param order breaks ties: first sent, first delivered
     * @param bytes only read after it was sent
     */
    record Delivery(long atNs, long order, TransportAddress from, TransportAddress to, DirectBuffer bytes) {
    }

    void conditions(final Conditions changed) {
        conditions = changed;
    }

    void send(final TransportAddress from, final TransportAddress to, final byte[] bytes, final long nowNs) {
        inBurst = inBurst ? random.nextDouble() >= conditions.burstEnd : random.nextDouble() < conditions.burstStart;
        if (inBurst || random.nextDouble() < conditions.loss || bytes.length + IP_UDP_OVERHEAD > conditions.mtu) {
            lost++;
            return;
        }
        long departNs = nowNs;
        if (conditions.rateBps > 0) {
            departNs = Math.max(nowNs, linkFreeNs);
            if (departNs - nowNs > conditions.queueNs) {
                lost++;
                return;
            }
            linkFreeNs = departNs + (bytes.length + IP_UDP_OVERHEAD) * 8L * 1_000_000_000L / conditions.rateBps;
        }
        fly(departNs, from, to, bytes);
        if (random.nextDouble() < conditions.duplicate) {
            duplicated++;
            fly(departNs, from, to, bytes);
        }
    }

    /** The next datagram that arrives at or before {@code nowNs}, or null. */
    @Nullable Delivery poll(final long nowNs) {
        final Delivery first = flying.peek();
        return first != null && first.atNs <= nowNs ? flying.poll() : null;
    }

    /** When the next datagram arrives, or {@code Long.MAX_VALUE}. */
    long nextNs() {
        final Delivery first = flying.peek();
        return first == null ? Long.MAX_VALUE : first.atNs;
    }

    long lost() {
        return lost;
    }

    long duplicated() {
        return duplicated;
    }

    private void fly(final long departNs, final TransportAddress from, final TransportAddress to, final byte[] bytes) {
        final long jitter = conditions.jitterNs == 0 ? 0 : random.nextLong(conditions.jitterNs);
        flying.add(new Delivery(departNs + conditions.delayNs + jitter, order++,
            from, to, new UnsafeBuffer(bytes.clone())));
    }
}
