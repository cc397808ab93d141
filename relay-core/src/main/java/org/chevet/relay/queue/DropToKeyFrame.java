package org.chevet.relay.queue;

import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * Video: a picture with a hole is worth nothing, so a full or late queue is emptied up to the next key frame in it,
 * or altogether, and then takes nothing before a key frame starts. The owner sees {@link #awaitsKeyFrame()} and asks
 * the publisher for one.
 */
public final class DropToKeyFrame extends PacketQueue {
    private long maxAgeNs;
    private boolean awaiting;

    /** A queue of {@code capacity} entries (a power of two) in which nothing grows older than {@code maxAgeNs}. */
    public DropToKeyFrame(final PacketSlab slab, final LaneStats stats, final int capacity, final long maxAgeNs,
        final Discarded discarded) {
        super(slab, stats, capacity, DropReason.QUEUE_TO_KEY_FRAME, discarded);
        this.maxAgeNs = maxAgeNs;
    }

    /** Another age that nothing in the queue grows beyond, from the next {@link #expire} on. */
    public void maxAgeNs(final long newMaxAgeNs) {
        maxAgeNs = newMaxAgeNs;
    }

    @Override
    public boolean offer(final int slot, final long tag, final int entryFlags, final long nowNs) {
        final boolean start = (entryFlags & KEY_FRAME_START) != 0;
        if (isFull()) {
            dropToKeyFrame();
        }
        if (awaiting && !start) {
            return refuse(slot);
        }
        awaiting = false;
        append(slot, tag, entryFlags, nowNs);
        return true;
    }

    @Override
    public void expire(final long nowNs) {
        while (!isEmpty() && headAgeNs(nowNs) > maxAgeNs) {
            dropToKeyFrame();
        }
    }

    /** True after a drop that no key frame has mended yet. */
    public boolean awaitsKeyFrame() {
        return awaiting;
    }

    private void dropToKeyFrame() {
        do {
            discardHead();
        } while (!isEmpty() && (headFlags() & KEY_FRAME_START) == 0);
        awaiting = isEmpty();
    }
}
