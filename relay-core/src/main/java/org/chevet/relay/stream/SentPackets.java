package org.chevet.relay.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber's outgoing sequence numbers stand for, to find the packet of a NACK again: the source's history
 * and the sequence number there. Numbers left out for packets still missing are remembered too, so that a repair that
 * comes too late to be forwarded can still be asked for. Lane thread only.
 */
public final class SentPackets {
    /** Outgoing sequence numbers remembered; a power of two. */
    public static final int CAPACITY = 1024;
    /** In place of a note. */
    public static final int NO_NOTE = -1;
    private static final int MASK = CAPACITY - 1;
    private static final long UNUSED = -1;

    private static final long[] NO_LONGS = {};
    private static final int[] NO_INTS = {};
    private static final @Nullable PacketHistory[] NO_HISTORIES = {};

    // Made with the first packet: who receives nothing needs none of it.
    private long[] outgoing = NO_LONGS;
    private long[] incoming = NO_LONGS;
    private int[] timestampOffsets = NO_INTS;
    private int[] notes = NO_INTS;
    private long[] answeredNs = NO_LONGS;
    private boolean[] left = {};
    private @Nullable PacketHistory[] histories = NO_HISTORIES;
    private long highest = UNUSED;

    private void allocate() {
        outgoing = new long[CAPACITY];
        Arrays.fill(outgoing, UNUSED);
        incoming = new long[CAPACITY];
        timestampOffsets = new int[CAPACITY];
        notes = new int[CAPACITY];
        answeredNs = new long[CAPACITY];
        left = new boolean[CAPACITY];
        histories = new @Nullable PacketHistory[CAPACITY];
    }

    /**
     * Notes an outgoing extended sequence number of a packet that leaves; those between the highest so far and it
     * stand for lost packets.
     *
     * @param out extended number towards the subscriber
     * @param in extended number at the source
     * @param history where the source's packets are kept
     * @param timestampOffset what the outgoing timestamp is ahead of the source's
     * @param note what else the caller has to know to repeat it; {@link #NO_NOTE} for lost packets
     */
    public void add(final long out, final long in, final PacketHistory history, final int timestampOffset,
        final int note) {
        addLostBefore(out, in, history, timestampOffset);
        put(out, in, history, timestampOffset, note);
        left[(int) out & MASK] = true;
        highest = Math.max(highest, out);
    }

    /** As {@link #add}, for a number that stands for a lost packet itself, like those between. */
    public void addLost(final long out, final long in, final PacketHistory history, final int timestampOffset) {
        addLostBefore(out, in, history, timestampOffset);
        put(out, in, history, timestampOffset, NO_NOTE);
        highest = Math.max(highest, out);
    }

    private void addLostBefore(final long out, final long in, final PacketHistory history,
        final int timestampOffset) {
        if (highest != UNUSED && out > highest + 1) {
            final long from = Math.max(highest + 1, out - CAPACITY + 1);
            for (long lost = from; lost < out; lost++) {
                put(lost, in - (out - lost), history, timestampOffset, NO_NOTE);
            }
        }
    }

    /**
     * The next number is {@code out}, and none before it stands for a lost packet: another stretch begins. It may lie
     * below numbers that were noted as lost and are used again now.
     */
    public void leap(final long out) {
        highest = out - 1;
    }

    /** The place of a 16-bit outgoing sequence number for the other methods, or -1 when it is not remembered. */
    public int find(final int sequence) {
        if (outgoing.length == 0 || highest == UNUSED) {
            return -1;
        }
        final long out = highest - (((int) highest - sequence) & 0xFFFF);
        final int index = (int) out & MASK;
        return out >= 0 && outgoing[index] == out ? index : -1;
    }

    /** Extended sequence number at the source. */
    public long incoming(final int index) {
        return incoming[index];
    }

    /** Extended outgoing sequence number. */
    public long outgoing(final int index) {
        return outgoing[index];
    }

    /** What was added to the source's timestamp when the packet was sent. */
    public int timestampOffset(final int index) {
        return timestampOffsets[index];
    }

    /** The note it was added with. */
    public int note(final int index) {
        return notes[index];
    }

    /** History of the source; may have lost the packet. */
    public @Nullable PacketHistory history(final int index) {
        return histories[index];
    }

    /** True when a packet left with this number: under SRTP no other may, not even the same one. */
    public boolean hasLeft(final int index) {
        return left[index];
    }

    /** A packet that was missing left with this number. */
    public void leave(final int index) {
        left[index] = true;
    }

    /** True when this packet may be sent again now: at most once per {@code intervalNs}. It then counts as sent. */
    public boolean mayAnswer(final int index, final long intervalNs, final long nowNs) {
        if (answeredNs[index] != Long.MIN_VALUE && nowNs - answeredNs[index] < intervalNs) {
            return false;
        }
        answeredNs[index] = nowNs;
        return true;
    }

    /** Forgets every packet of a source that is gone. */
    public void forget() {
        Arrays.fill(histories, null);
        Arrays.fill(outgoing, UNUSED);
    }

    private void put(final long out, final long in, final PacketHistory history, final int timestampOffset,
        final int note) {
        if (outgoing.length == 0) {
            allocate();
        }
        final int index = (int) out & MASK;
        outgoing[index] = out;
        incoming[index] = in;
        answeredNs[index] = Long.MIN_VALUE;
        left[index] = false;
        // Reading is cheaper than storing a reference, which the collector wants to know of.
        if (histories[index] != history) {
            histories[index] = history;
        }
        timestampOffsets[index] = timestampOffset;
        notes[index] = note;
    }
}
