package org.chevet.relay.stream;

import java.util.Arrays;
import org.chevet.relay.memory.PacketSlab;

/**
 * The last packets of one source, held in the slab to answer NACKs of any subscriber.
 *
 * <p>Bounded in packets and age. When the lane's slab runs short, each history gives up its own oldest packets as new
 * ones come, so that no source lives off another. Lane thread only.
 */
public final class PacketHistory {
    /** The slab is short when less than this part of it is free. */
    private static final int LOW_WATER_PART = 16;
    /** Packets given up for each one added while the slab is short. */
    private static final int EVICT_WHEN_SHORT = 2;

    private final PacketSlab slab;
    // Made with the first packet: a source that is offered and silent needs none of it.
    private int[] slots = {};
    private long[] sequences = {};
    private long[] storedNs = {};
    private final int mask;
    private final long maxAgeNs;
    private final int lowWater;
    private long tail;
    private long end;
    private int count;

    /**
     * An empty history.
     *
     * @param packets most packets held, a power of two
     * @param maxAgeNs nothing older is kept or found
     */
    public PacketHistory(final PacketSlab slab, final int packets, final long maxAgeNs) {
        if (Integer.bitCount(packets) != 1) {
            throw new IllegalArgumentException("packets: " + packets + ", accepted: a power of two");
        }
        this.slab = slab;
        this.maxAgeNs = maxAgeNs;
        mask = packets - 1;
        lowWater = slab.capacity() / LOW_WATER_PART;
    }

    /** Keeps a packet under its extended sequence number with a reference of its own; too old a number is ignored. */
    public void add(final long sequence, final int slot, final long nowNs) {
        if (slots.length == 0) {
            slots = new int[mask + 1];
            Arrays.fill(slots, PacketSlab.NONE);
            sequences = new long[mask + 1];
            storedNs = new long[mask + 1];
        }
        if (count == 0) {
            tail = sequence;
            end = sequence;
        }
        if (sequence >= end) {
            end = sequence + 1;
        } else if (sequence <= end - 1 - slots.length) {
            return;
        }
        tail = Math.min(tail, sequence);
        while (count > 0 && tail < end - slots.length) {
            evictTail();
        }
        tail = count == 0 ? sequence : tail;
        final int index = (int) sequence & mask;
        if (slots[index] != PacketSlab.NONE) {
            return;
        }
        slots[index] = slot;
        sequences[index] = sequence;
        storedNs[index] = nowNs;
        count++;
        slab.retain(slot);
        expire(nowNs);
        if (slab.available() < lowWater) {
            for (int i = 0; i < EVICT_WHEN_SHORT; i++) {
                if (count > 0) {
                    evictTail();
                }
            }
        }
    }

    /** The slot of a packet, without a reference for the caller, or {@link PacketSlab#NONE}. */
    public int find(final long sequence, final long nowNs) {
        final int index = (int) sequence & mask;
        final boolean hit = count > 0 && slots[index] != PacketSlab.NONE && sequences[index] == sequence
            && nowNs - storedNs[index] <= maxAgeNs;
        return hit ? slots[index] : PacketSlab.NONE;
    }

    /** Gives up what is too old. */
    public void expire(final long nowNs) {
        while (count > 0 && nowNs - storedNs[(int) tail & mask] > maxAgeNs) {
            evictTail();
        }
    }

    /** When {@link #expire} has something to do, or {@code Long.MAX_VALUE}. */
    public long nextDeadlineNs() {
        return count == 0 ? Long.MAX_VALUE : storedNs[(int) tail & mask] + maxAgeNs + 1;
    }

    /** Gives up everything. */
    public void clear() {
        while (count > 0) {
            evictTail();
        }
    }

    /** Packets held. */
    public int size() {
        return count;
    }

    /** The oldest packet goes; the tail moves on to the next one held. */
    private void evictTail() {
        final int index = (int) tail & mask;
        slab.release(slots[index]);
        slots[index] = PacketSlab.NONE;
        count--;
        do {
            tail++;
        } while (count > 0 && slots[(int) tail & mask] == PacketSlab.NONE);
    }
}
