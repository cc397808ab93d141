package org.chevet.relay.vitals;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The newest blocks of one stream, as the bytes they arrived in: oldest first, sequences rising, bounded by bytes,
 * by blocks and (by its owner calling {@link #evictOlder}) by age. Grows by doubling as long as the hub's budget
 * lasts; then the oldest blocks leave. One thread.
 */
final class BlockRing {
    /**
     * Bytes all rings of a hub may hold together: half is shared by whoever comes first, the other half is each
     * stream's own equal share, so that nobody's appetite leaves another with nothing.
     */
    static final class Budget {
        private final long shareBytes;
        private long freeBytes;

        Budget(final long bytes, final int maxStreams) {
            shareBytes = bytes / 2 / maxStreams;
            freeBytes = bytes / 2;
        }

        private boolean take(final long from, final long to) {
            final long shared = beyondShare(to) - beyondShare(from);
            if (shared > freeBytes) {
                return false;
            }
            freeBytes -= shared;
            return true;
        }

        private void giveBack(final long bytes) {
            freeBytes += beyondShare(bytes);
        }

        private long beyondShare(final long bytes) {
            return Math.max(0, bytes - shareBytes);
        }
    }

    private static final int FIRST_BYTES = 4 * 1024;
    private static final int FIRST_BLOCKS = 64;

    private final Budget budget;
    private final int maxBytes;
    private final int maxBlocks;
    private UnsafeBuffer bytes = new UnsafeBuffer(new byte[0]);
    private int writeAt;
    /** Index arrays are one ring: capacity a power of two, entry i at (first + i) & mask. */
    private int[] offsets = new int[FIRST_BLOCKS];
    private int[] lengths = new int[FIRST_BLOCKS];
    private long[] sequences = new long[FIRST_BLOCKS];
    private long[] firstSamples = new long[FIRST_BLOCKS];
    private long[] arrivalsNs = new long[FIRST_BLOCKS];
    private int first;
    private int count;

    BlockRing(final Budget budget, final int maxBytes, final int maxBlocks) {
        this.budget = budget;
        this.maxBytes = maxBytes;
        this.maxBlocks = maxBlocks;
    }

    /** Bytes that are taken from the heap for blocks. */
    int capacity() {
        return bytes.capacity();
    }

    int count() {
        return count;
    }

    /** Sequence of entry {@code index}, 0 the oldest. */
    long sequence(final int index) {
        return sequences[slot(index)];
    }

    /** First sample of entry {@code index}. */
    long firstSample(final int index) {
        return firstSamples[slot(index)];
    }

    /** When entry {@code index} arrived, in the hub's nowNs. */
    long arrivalNs(final int index) {
        return arrivalsNs[slot(index)];
    }

    int length(final int index) {
        return lengths[slot(index)];
    }

    /** Copies the message of entry {@code index} and returns its length. */
    int copy(final int index, final MutableDirectBuffer out, final int offset) {
        final int slot = slot(index);
        out.putBytes(offset, bytes, offsets[slot], lengths[slot]);
        return lengths[slot];
    }

    /** The oldest entry whose sequence is at least the given one, or {@link #count} when there is none. */
    int indexOfSequence(final long sequence) {
        // Most rings have no hole: then the distance from the newest is the place.
        final long guess = count == 0 ? -1 : count - 1 - (sequence(count - 1) - sequence);
        if (guess >= 0 && guess < count && sequence((int) guess) == sequence) {
            return (int) guess;
        }
        int low = 0;
        int high = count;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (sequence(middle) < sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The oldest entry that arrived at the time or later, or {@link #count} when there is none. */
    int indexOfArrival(final long atNs) {
        int low = 0;
        int high = count;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (arrivalNs(middle) < atNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Keeps one message; the oldest ones leave when there is no room. Returns false, and keeps nothing, only when
     * the message does not fit an empty ring.
     */
    boolean append(final DirectBuffer in, final int offset, final int length, final long sequence,
        final long firstSample, final long nowNs) {
        if (length > maxBytes) {
            return false;
        }
        if (count == maxBlocks) {
            evictOldest();
        }
        int at = place(length);
        while (at < 0) {
            if (!grow(length)) {
                if (count == 0) {
                    return false;
                }
                evictOldest();
            }
            at = place(length);
        }
        if (count == offsets.length) {
            growIndex();
        }
        bytes.putBytes(at, in, offset, length);
        writeAt = at + length;
        final int slot = slot(count);
        offsets[slot] = at;
        lengths[slot] = length;
        sequences[slot] = sequence;
        firstSamples[slot] = firstSample;
        arrivalsNs[slot] = nowNs;
        count++;
        return true;
    }

    /** Drops what arrived before the time; the newest goes too. */
    void evictOlder(final long beforeNs) {
        while (count > 0 && arrivalNs(0) < beforeNs) {
            evictOldest();
        }
    }

    /** Gives the memory back; the ring is empty after. */
    void release() {
        budget.giveBack(bytes.capacity());
        bytes = new UnsafeBuffer(new byte[0]);
        writeAt = 0;
        first = 0;
        count = 0;
    }

    private void evictOldest() {
        first = (first + 1) & (offsets.length - 1);
        count--;
    }

    /** Where a message of this length fits in one piece, or -1. */
    private int place(final int length) {
        final int capacity = bytes.capacity();
        if (count == 0) {
            return length <= capacity ? 0 : -1;
        }
        final int oldestAt = offsets[first];
        if (writeAt > oldestAt) {
            if (capacity - writeAt >= length) {
                return writeAt;
            }
            return oldestAt >= length ? 0 : -1;
        }
        return oldestAt - writeAt >= length ? writeAt : -1;
    }

    /** Doubles the bytes (at least to hold the length) within the bounds; straightens the content out. */
    private boolean grow(final int length) {
        final int capacity = bytes.capacity();
        int wanted = (int) Math.min(maxBytes, Math.max(FIRST_BYTES, Math.max(2L * capacity, 2L * length)));
        if (wanted <= capacity || !budget.take(capacity, wanted)) {
            wanted = (int) Math.min(maxBytes, budget.shareBytes);
            if (wanted <= capacity || !budget.take(capacity, wanted)) {
                return false;
            }
        }
        final UnsafeBuffer larger = new UnsafeBuffer(new byte[wanted]);
        int at = 0;
        for (int i = 0; i < count; i++) {
            final int slot = slot(i);
            larger.putBytes(at, bytes, offsets[slot], lengths[slot]);
            offsets[slot] = at;
            at += lengths[slot];
        }
        bytes = larger;
        writeAt = at;
        return true;
    }

    private void growIndex() {
        final int size = offsets.length;
        final int[] newOffsets = Arrays.copyOf(offsets, 2 * size);
        final int[] newLengths = Arrays.copyOf(lengths, 2 * size);
        final long[] newSequences = Arrays.copyOf(sequences, 2 * size);
        final long[] newFirstSamples = Arrays.copyOf(firstSamples, 2 * size);
        final long[] newArrivals = Arrays.copyOf(arrivalsNs, 2 * size);
        for (int i = 0; i < count; i++) {
            final int slot = slot(i);
            newOffsets[i] = offsets[slot];
            newLengths[i] = lengths[slot];
            newSequences[i] = sequences[slot];
            newFirstSamples[i] = firstSamples[slot];
            newArrivals[i] = arrivalsNs[slot];
        }
        offsets = newOffsets;
        lengths = newLengths;
        sequences = newSequences;
        firstSamples = newFirstSamples;
        arrivalsNs = newArrivals;
        first = 0;
    }

    private int slot(final int index) {
        return (first + index) & (offsets.length - 1);
    }
}
