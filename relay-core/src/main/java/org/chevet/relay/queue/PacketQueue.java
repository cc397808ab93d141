package org.chevet.relay.queue;

import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * A bounded first-in first-out queue of packets towards one subscriber; its subclasses are the named policies of
 * what happens when it is full or late.
 *
 * <p>An entry is a slab slot, on which the queue holds one reference of its own, or a marker without a slot
 * ({@link #MARKER}) that keeps its place among the packets. Lane thread only; nothing allocates after construction.
 */
public abstract sealed class PacketQueue permits NeverDrop, DropLate, DropToKeyFrame, First {
    /** In place of a slot: the entry is a marker. */
    public static final int MARKER = PacketSlab.NONE;
    /** Flag of an entry: a decoder can start at this packet. */
    public static final int KEY_FRAME_START = 1;
    /** Bound on the capacity of any queue. */
    public static final int MAX_CAPACITY = 4096;

    /** Hears of entries that a policy throws away. */
    @FunctionalInterface
    public interface Discarded {
        /** Called before the queue gives its reference back; must not touch the queue. */
        void onDiscarded(int slot, long tag, int flags);
    }

    private final PacketSlab slab;
    private final LaneStats stats;
    private final DropReason reason;
    private final Discarded discarded;
    private final int[] slots;
    private final int[] flags;
    private final long[] tags;
    private final long[] queuedNs;
    private final int mask;
    private int head;
    private int count;

    PacketQueue(final PacketSlab slab, final LaneStats stats, final int capacity, final DropReason reason,
        final Discarded discarded) {
        if (capacity < 1 || capacity > MAX_CAPACITY || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity: " + capacity + ", accepted: a power of two up to "
                + MAX_CAPACITY);
        }
        this.slab = slab;
        this.stats = stats;
        this.reason = reason;
        this.discarded = discarded;
        slots = new int[capacity];
        flags = new int[capacity];
        tags = new long[capacity];
        queuedNs = new long[capacity];
        mask = capacity - 1;
    }

    /**
     * Queues an entry; an accepted packet is retained by the queue, the caller keeps its own reference.
     *
     * @param slot the packet, or {@link #MARKER}
     * @param tag whatever the caller wants back with it
     * @param entryFlags {@link #KEY_FRAME_START} and any flag of the caller
     * @return false when the policy refuses it; the refusal is counted
     */
    public abstract boolean offer(int slot, long tag, int entryFlags, long nowNs);

    /** Applies the age bound of the policy; call before draining. */
    public abstract void expire(long nowNs);

    /** Slot of the oldest entry, or {@link #MARKER}. The queue must not be empty. */
    public final int headSlot() {
        return slots[head];
    }

    /** Tag of the oldest entry. */
    public final long headTag() {
        return tags[head];
    }

    /** Flags of the oldest entry. */
    public final int headFlags() {
        return flags[head];
    }

    /** Drops the oldest entry from the queue after use and gives its reference back. */
    public final void pop() {
        final int slot = slots[head];
        head = (head + 1) & mask;
        count--;
        if (slot != MARKER) {
            slab.release(slot);
        }
    }

    /** Throws everything away without a count of drops: the subscriber or the source is gone. Returns packets lost. */
    public final int clear() {
        int packets = 0;
        while (count > 0) {
            packets += slots[head] == MARKER ? 0 : 1;
            pop();
        }
        return packets;
    }

    /** Entries held. */
    public final int size() {
        return count;
    }

    /** True when nothing is queued. */
    public final boolean isEmpty() {
        return count == 0;
    }

    /** Entries the queue can hold. */
    public final int capacity() {
        return mask + 1;
    }

    final boolean isFull() {
        return count > mask;
    }

    final long headAgeNs(final long nowNs) {
        return nowNs - queuedNs[head];
    }

    final void append(final int slot, final long tag, final int entryFlags, final long nowNs) {
        final int index = (head + count) & mask;
        slots[index] = slot;
        tags[index] = tag;
        flags[index] = entryFlags;
        queuedNs[index] = nowNs;
        count++;
        if (slot != MARKER) {
            slab.retain(slot);
        }
    }

    final void discardHead() {
        if (slots[head] != MARKER) {
            stats.drop(reason);
        }
        discarded.onDiscarded(slots[head], tags[head], flags[head]);
        pop();
    }

    final boolean refuse(final int slot) {
        if (slot != MARKER) {
            stats.drop(reason);
        }
        return false;
    }
}
