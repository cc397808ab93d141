package org.chevet.relay.queue;

import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * What was accepted is delivered, however late: a full queue refuses, and the caller holds the packet back or says
 * that there is a gap. For retransmissions and for everything a patient's truth hangs on.
 */
public final class NeverDrop extends PacketQueue {
    /** A queue of {@code capacity} entries (a power of two); {@code reason} counts refused packets. */
    public NeverDrop(final PacketSlab slab, final LaneStats stats, final int capacity, final DropReason reason) {
        super(slab, stats, capacity, reason, (slot, tag, flags) -> { });
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
