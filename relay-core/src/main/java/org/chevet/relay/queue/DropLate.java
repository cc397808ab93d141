package org.chevet.relay.queue;

import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/** Audio: the newest counts. A full queue throws away its oldest, and what waited too long is not sent at all. */
public final class DropLate extends PacketQueue {
    private final long maxAgeNs;

    /** A queue of {@code capacity} entries (a power of two) in which nothing grows older than {@code maxAgeNs}. */
    public DropLate(final PacketSlab slab, final LaneStats stats, final int capacity, final long maxAgeNs,
        final Discarded discarded) {
        super(slab, stats, capacity, DropReason.QUEUE_LATE, discarded);
        this.maxAgeNs = maxAgeNs;
    }

    @Override
    public boolean offer(final int slot, final long tag, final int entryFlags, final long nowNs) {
        if (isFull()) {
            discardHead();
        }
        append(slot, tag, entryFlags, nowNs);
        return true;
    }

    @Override
    public void expire(final long nowNs) {
        while (!isEmpty() && headAgeNs(nowNs) > maxAgeNs) {
            discardHead();
        }
    }
}
