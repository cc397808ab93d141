package org.chevet.relay.queue;

import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * Leaves before every other queue of the subscriber and loses nothing it accepted: alerts and control. Small on
 * purpose; a full one refuses, because an alert that waits behind {@link #CAPACITY} others has already failed and
 * its sender must hear so.
 */
public final class First extends PacketQueue {
    /** Alerts that may wait at once. */
    public static final int CAPACITY = 64;

    /** A queue; {@code reason} counts refused packets. */
    public First(final PacketSlab slab, final LaneStats stats, final DropReason reason) {
        super(slab, stats, CAPACITY, reason, (slot, tag, flags) -> { });
    }

    @Override
    public boolean offer(final int slot, final long tag, final int entryFlags, final long nowNs) {
        if (isFull()) {
            return refuse(slot);
        }
        append(slot, tag, entryFlags, nowNs);
        return true;
    }

    @Override
    public void expire(final long nowNs) {
    }
}
