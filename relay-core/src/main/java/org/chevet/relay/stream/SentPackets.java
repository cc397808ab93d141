package org.chevet.relay.stream;

import org.jspecify.annotations.Nullable;

/**
 * What a subscriber's outgoing sequence numbers stand for, to find the packet of a NACK again: the source's history
 * and the sequence number there. Numbers left out for packets still missing are remembered too, so that a repair that
 * comes too late to be forwarded can still be asked for. Lane thread only.
 */
public final class SentPackets {
    /** Outgoing sequence numbers remembered; a power of two. */
    public static final int CAPACITY = 1024;
    private static final int MASK = CAPACITY - 1;
    private static final long UNUSED = -1;

    private final long[] outgoing = new long[CAPACITY];
    private final long[] incoming = new long[CAPACITY];
    private final int[] timestampOffsets = new int[CAPACITY];
    private final long[] answeredNs = new long[CAPACITY];
    private final @Nullable PacketHistory[] histories = new PacketHistory[CAPACITY];
    private long highest = UNUSED;

    /** Nothing sent yet. */
    public SentPackets() {
        java.util.Arrays.fill(outgoing, UNUSED);
    }

    /**
     * Notes an outgoing extended sequence number; those between the highest so far and it stand for lost packets.
     *
     * @param out extended number towards the subscriber
     * @param in extended number at the source
     * @param history where the source's packets are kept
     * @param timestampOffset what the outgoing timestamp is ahead of the source's
     */
    public void add(final long out, final long in, final PacketHistory history, final int timestampOffset) {
        if (highest != UNUSED && out > highest + 1) {
            final long from = Math.max(highest + 1, out - CAPACITY + 1);
            for (long lost = from; lost < out; lost++) {
                put(lost, in - (out - lost), history, timestampOffset);
            }
        }
        put(out, in, history, timestampOffset);
        highest = Math.max(highest, out);
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
        if (highest == UNUSED) {
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

    /** History of the source; may have lost the packet. */
    public @Nullable PacketHistory history(final int index) {
        return histories[index];
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
        java.util.Arrays.fill(histories, null);
        java.util.Arrays.fill(outgoing, UNUSED);
    }

    private void put(final long out, final long in, final PacketHistory history, final int timestampOffset) {
        final int index = (int) out & MASK;
        outgoing[index] = out;
        incoming[index] = in;
        answeredNs[index] = Long.MIN_VALUE;
        // Reading is cheaper than storing a reference, which the collector wants to know of.
        if (histories[index] != history) {
            histories[index] = history;
        }
        timestampOffsets[index] = timestampOffset;
    }
}
