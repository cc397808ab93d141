package org.chevet.relay.memory;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The packet memory of a lane: equal slots over one direct buffer, each with a reference count.
 *
 * <p>A packet is decrypted into a slot once and stays there, unchanged, while histories and subscriber queues hold
 * references. Owned and used by the lane's thread alone; nothing here allocates after construction. The last
 * {@link #META_LENGTH} bytes of a slot belong to the routing stage, which keeps there what it parsed.
 */
public final class PacketSlab {
    /** Bytes of one slot. */
    public static final int SLOT_LENGTH = 2048;
    /** Bytes at the end of each slot for what routing knows of the packet. */
    public static final int META_LENGTH = 128;
    /** The largest packet a slot takes, in bytes from {@link #offset(int)}. */
    public static final int MAX_PACKET_LENGTH = SLOT_LENGTH - META_LENGTH;
    /** Most slots of one slab: what a buffer with int offsets can hold. */
    public static final int MAX_SLOTS = Integer.MAX_VALUE / SLOT_LENGTH;
    /** What {@link #acquire()} returns when no slot is free. */
    public static final int NONE = -1;

    private final UnsafeBuffer buffer;
    private final int[] references;
    private final int[] free;
    private int freeCount;

    /**
     * Allocates the memory.
     *
     * @param slots number of slots, 1 to {@link #MAX_SLOTS}
     */
    public PacketSlab(final int slots) {
        if (slots < 1 || slots > MAX_SLOTS) {
            throw new IllegalArgumentException("slots: " + slots + ", accepted: 1 to " + MAX_SLOTS);
        }
        buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(slots * SLOT_LENGTH));
        references = new int[slots];
        free = new int[slots];
        for (int i = 0; i < slots; i++) {
            free[i] = slots - 1 - i;
        }
        freeCount = slots;
    }

    /** Takes a free slot with one reference, or {@link #NONE}. The most recently released slot comes first. */
    public int acquire() {
        if (freeCount == 0) {
            return NONE;
        }
        final int slot = free[--freeCount];
        references[slot] = 1;
        return slot;
    }

    /** Adds one reference to a slot in use. */
    public void retain(final int slot) {
        if (references[slot] == 0) {
            throw new IllegalStateException("slot " + slot + " retained but free");
        }
        references[slot]++;
    }

    /** Gives one reference back; the last one frees the slot. */
    public void release(final int slot) {
        final int left = references[slot] - 1;
        if (left < 0) {
            throw new IllegalStateException("slot " + slot + " released but free");
        }
        references[slot] = left;
        if (left == 0) {
            free[freeCount++] = slot;
        }
    }

    /** Where the slot starts in {@link #buffer()}; its packet may take {@link #MAX_PACKET_LENGTH} bytes from here. */
    public int offset(final int slot) {
        return slot * SLOT_LENGTH;
    }

    /** Where the {@link #META_LENGTH} bytes of the routing stage start in {@link #buffer()}. */
    public int metaOffset(final int slot) {
        return slot * SLOT_LENGTH + MAX_PACKET_LENGTH;
    }

    /** The one buffer under all slots. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** References held on a slot now; 0 when free. */
    public int references(final int slot) {
        return references[slot];
    }

    /** Slots with at least one reference. */
    public int inUse() {
        return references.length - freeCount;
    }

    /** Slots nobody holds. */
    public int available() {
        return freeCount;
    }

    /** All slots. */
    public int capacity() {
        return references.length;
    }

    /**
     * For tests and for the end of a lane: fails when a slot is still held.
     *
     * @throws IllegalStateException naming the first slots and their counts
     */
    public void checkAllReleased() {
        if (inUse() == 0) {
            return;
        }
        final StringBuilder held = new StringBuilder();
        int shown = 0;
        for (int slot = 0; slot < references.length && shown < 8; slot++) {
            if (references[slot] > 0) {
                held.append(' ').append(slot).append('x').append(references[slot]);
                shown++;
            }
        }
        throw new IllegalStateException(inUse() + " slots still held:" + held);
    }
}
