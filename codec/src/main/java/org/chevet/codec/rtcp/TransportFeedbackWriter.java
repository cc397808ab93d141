package org.chevet.codec.rtcp;

import static org.chevet.codec.wire.BigEndian.put16;
import static org.chevet.codec.wire.BigEndian.put24;
import static org.chevet.codec.wire.BigEndian.put32;
import static org.chevet.codec.wire.BigEndian.put8;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.wire.SerialNumbers;

/**
 * Builds transport-wide congestion control feedback from arrival times
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1; {@link TransportFeedback} has the diagram).
 *
 * <p>{@link #begin}, then {@link #add} in the order of sequence numbers, then {@link #write}. Numbers that are left
 * out between two added ones are reported as not received. Rounding to ticks does not add up. Allocates nothing;
 * reusable; not thread-safe.
 */
public final class TransportFeedbackWriter {
    /** Most statuses of one packet, so that it always fits {@link #MAX_LENGTH}. */
    public static final int MAX_STATUSES = 400;
    /** Most bytes that {@link #write} writes: the header, two-bit chunks and two-byte deltas throughout, padding. */
    public static final int MAX_LENGTH = 940;

    private static final int WORD_MASK = 3;

    private final byte[] symbols = new byte[MAX_STATUSES];
    private final short[] deltas = new short[MAX_STATUSES];
    private int count;
    private int deltaBytes;
    private int baseSequence;
    private long referenceTime;
    private long lastTicks;

    /**
     * Starts feedback whose first status is about {@code baseSequence} (16 bits).
     *
     * @param firstArrivalNs when the first received packet arrived, or a little earlier: up to 8 s before it
     */
    public TransportFeedbackWriter begin(final int baseSequence, final long firstArrivalNs) {
        this.baseSequence = baseSequence & 0xFFFF;
        final long ticks = Math.floorDiv(firstArrivalNs, TransportFeedback.TICK_NS);
        referenceTime = Math.floorDiv(ticks, (long) TransportFeedback.REFERENCE_TICKS);
        lastTicks = referenceTime * TransportFeedback.REFERENCE_TICKS;
        count = 0;
        deltaBytes = 0;
        return this;
    }

    /**
     * Adds a packet that arrived.
     *
     * @param sequence its transport-wide number (16 bits), behind all that were added
     * @param arrivalNs when it arrived; may be earlier than the one before it
     * @return false, and nothing is added, when the number does not come behind the last one, the packet is full, or
     *     the time differs too much (8 s) from the one before: write this one and begin another
     */
    public boolean add(final int sequence, final long arrivalNs) {
        final int gap = SerialNumbers.distance16(baseSequence + count, sequence);
        if (gap < 0 || gap >= MAX_STATUSES - count) {
            return false;
        }
        final long ticks = Math.floorDiv(arrivalNs, TransportFeedback.TICK_NS);
        final long delta = ticks - lastTicks;
        if (delta != (short) delta) {
            return false;
        }
        for (int i = 0; i < gap; i++) {
            symbols[count++] = TransportFeedback.NOT_RECEIVED;
        }
        final boolean small = delta >= 0 && delta <= 0xFF;
        deltaBytes += small ? 1 : 2;
        deltas[count] = (short) delta;
        symbols[count++] = (byte) (small ? TransportFeedback.SMALL_DELTA : TransportFeedback.LARGE_DELTA);
        lastTicks = ticks;
        return true;
    }

    /** Number of statuses so far; 0 means there is nothing to write. */
    public int statusCount() {
        return count;
    }

    /**
     * Writes the packet.
     *
     * @param feedbackCount running number of feedback packets of this transport; the low 8 bits count
     * @return its length (a multiple of 4), or 0 when nothing was added or {@code capacity} is below what it needs;
     *     {@link #MAX_LENGTH} is always enough
     */
    public int write(final MutableDirectBuffer out, final int offset, final int capacity, final int senderSsrc,
        final int mediaSsrc, final int feedbackCount) {
        final int unpadded = TransportFeedback.HEADER_LENGTH + chunkBytes() + deltaBytes;
        final int length = (unpadded + WORD_MASK) & ~WORD_MASK;
        if (count == 0 || length > capacity) {
            return 0;
        }
        final int padding = length - unpadded;
        put8(out, offset, RtcpType.VERSION_BITS | (padding > 0 ? RtcpType.PADDING_BIT : 0)
            | RtcpType.FORMAT_TRANSPORT_CC);
        put8(out, offset + 1, RtcpType.TRANSPORT_FEEDBACK);
        put16(out, offset + 2, length / Integer.BYTES - 1);
        put32(out, offset + RtcpType.HEADER_LENGTH, senderSsrc);
        put32(out, offset + RtcpType.MEDIA_SSRC_OFFSET, mediaSsrc);
        put16(out, offset + TransportFeedback.BASE_OFFSET, baseSequence);
        put16(out, offset + TransportFeedback.COUNT_OFFSET, count);
        put24(out, offset + TransportFeedback.REFERENCE_OFFSET, (int) referenceTime);
        put8(out, offset + TransportFeedback.FEEDBACK_COUNT_OFFSET, feedbackCount);
        int at = writeDeltas(out, writeChunks(out, offset + TransportFeedback.HEADER_LENGTH));
        while (at < offset + length) {
            put8(out, at++, at == offset + length ? padding : 0);
        }
        return length;
    }

    private int chunkBytes() {
        int bytes = 0;
        for (int i = 0; i < count; i += covered(i)) {
            bytes += Short.BYTES;
        }
        return bytes;
    }

    private int writeChunks(final MutableDirectBuffer out, final int from) {
        int at = from;
        int covered;
        for (int i = 0; i < count; i += covered) {
            covered = covered(i);
            put16(out, at, chunk(i, covered));
            at += Short.BYTES;
        }
        return at;
    }

    private int writeDeltas(final MutableDirectBuffer out, final int from) {
        int at = from;
        for (int i = 0; i < count; i++) {
            if (symbols[i] == TransportFeedback.SMALL_DELTA) {
                put8(out, at++, deltas[i]);
            } else if (symbols[i] == TransportFeedback.LARGE_DELTA) {
                put16(out, at, deltas[i]);
                at += Short.BYTES;
            }
        }
        return at;
    }

    /** How many statuses from {@code from} the next chunk tells: a run when that tells more than a vector could. */
    private int covered(final int from) {
        final int run = run(from);
        final int left = count - from;
        final int vector = Math.min(left, hasLargeDelta(from, TransportFeedback.ONE_BIT_COUNT)
            ? TransportFeedback.TWO_BIT_COUNT : TransportFeedback.ONE_BIT_COUNT);
        return Math.max(run, vector);
    }

    private int chunk(final int from, final int covered) {
        if (run(from) == covered) {
            return (symbols[from] << TransportFeedback.RUN_SYMBOL_SHIFT) | covered;
        }
        final boolean twoBits = hasLargeDelta(from, TransportFeedback.ONE_BIT_COUNT);
        int word = 0;
        for (int i = 0; i < covered; i++) {
            word |= twoBits ? symbols[from + i] << (2 * (TransportFeedback.TWO_BIT_COUNT - 1 - i))
                : symbols[from + i] << (TransportFeedback.ONE_BIT_COUNT - 1 - i);
        }
        return TransportFeedback.VECTOR_BIT | (twoBits ? TransportFeedback.TWO_BIT_SYMBOLS : 0) | word;
    }

    private int run(final int from) {
        int to = from + 1;
        while (to < count && symbols[to] == symbols[from]) {
            to++;
        }
        return to - from;
    }

    private boolean hasLargeDelta(final int from, final int length) {
        for (int i = from; i < Math.min(count, from + length); i++) {
            if (symbols[i] == TransportFeedback.LARGE_DELTA) {
                return true;
            }
        }
        return false;
    }
}
