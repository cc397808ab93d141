package org.chevet.relay.stream;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.BigEndian;

/**
 * The last datagrams of one outgoing stream exactly as they left, for receivers that ask again without having agreed to
 * retransmission streams (RFC 4585 section 6.2.1 without RFC 4588): browsers do so for audio.
 *
 * <p>The very same bytes are sent again. Sealing the packet anew would need the same nonce for a header that may differ
 * in a bit, which with AES-GCM gives the authentication key away (RFC 7714 section 8.1).
 *
 * <p>Bounded in packets and bytes; the oldest are overwritten. Memory is taken with the first packet. Lane thread only.
 */
public final class SealedPackets {
    /** Requests waiting to be served. */
    public static final int MAX_WAITING = 64;
    /** Returned for what is not held any more. */
    public static final int NONE = -1;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int MIN_LENGTH = 12;

    private final int packets;
    private final int bytes;
    private final int[] waiting = new int[MAX_WAITING];
    private int waitingCount;
    private int missed;
    private int[] sequences = {};
    private int[] lengths = {};
    private int[] tags = {};
    private int nextTag;
    /** Where each begins, counted from the first byte ever written. */
    private long[] starts = {};
    private UnsafeBuffer ring = new UnsafeBuffer();
    private long written;

    /**
     * An empty one.
     *
     * @param packets most datagrams held, a power of two
     * @param bytes most bytes held; a longer datagram is not kept
     */
    public SealedPackets(final int packets, final int bytes) {
        if (Integer.bitCount(packets) != 1 || bytes <= 0) {
            throw new IllegalArgumentException("packets: " + packets + ", accepted: a power of two; bytes: " + bytes
                + ", accepted: 1 or more");
        }
        this.packets = packets;
        this.bytes = bytes;
    }

    /** Says what the next datagram kept is to be known by: its transport-wide number. */
    public void tagNext(final int tag) {
        nextTag = tag;
    }

    /** Keeps a copy of a sealed RTP packet; the bytes are borrowed for the call. */
    public void add(final DirectBuffer datagram, final int offset, final int length) {
        if (length > bytes || length < MIN_LENGTH) {
            return;
        }
        if (starts.length == 0) {
            allocate();
        }
        final int at = (int) (written % bytes);
        // In one piece: what is left before the end stays unused.
        written += at + length > bytes ? bytes - at : 0;
        final int sequence = BigEndian.u16(datagram, offset + SEQUENCE_OFFSET);
        final int index = sequence & (packets - 1);
        sequences[index] = sequence;
        lengths[index] = length;
        tags[index] = nextTag;
        starts[index] = written;
        ring.putBytes((int) (written % bytes), datagram, offset, length);
        written += length;
    }

    /** The place of a 16-bit sequence number for {@link #offset} and {@link #length}, or {@link #NONE}. */
    public int find(final int sequence) {
        if (starts.length == 0) {
            return NONE;
        }
        final int index = sequence & (packets - 1);
        return sequences[index] == (sequence & 0xFFFF) && lengths[index] > 0 && starts[index] >= written - bytes
            ? index : NONE;
    }

    /** Puts a sequence number on the list of what is to be sent again; false when the list is full. */
    public boolean ask(final int sequence) {
        if (waitingCount == MAX_WAITING) {
            return false;
        }
        waiting[waitingCount++] = sequence;
        return true;
    }

    /** Takes the place of the next datagram to send again, oldest request first, or {@link #NONE}. */
    public int pollAsked() {
        while (waitingCount > 0) {
            final int index = find(waiting[0]);
            waitingCount--;
            System.arraycopy(waiting, 1, waiting, 0, waitingCount);
            if (index != NONE) {
                return index;
            }
            missed++;
        }
        return NONE;
    }

    /** How many that were asked for {@link #pollAsked} did not find any more since the last call. */
    public int takeMissed() {
        final int count = missed;
        missed = 0;
        return count;
    }

    /** The buffer of all datagrams held. */
    public DirectBuffer buffer() {
        return ring;
    }

    /** Where the datagram begins in {@link #buffer}. */
    public int offset(final int index) {
        return (int) (starts[index] % bytes);
    }

    /** Bytes of the datagram. */
    public int length(final int index) {
        return lengths[index];
    }

    /** What was said by {@link #tagNext} before it was kept. */
    public int tag(final int index) {
        return tags[index];
    }

    /** Forgets everything: what the stream carried may not be sent any more. */
    public void clear() {
        waitingCount = 0;
        Arrays.fill(lengths, 0);
        ring.setMemory(0, ring.capacity(), (byte) 0);
    }

    private void allocate() {
        sequences = new int[packets];
        lengths = new int[packets];
        tags = new int[packets];
        starts = new long[packets];
        ring = new UnsafeBuffer(new byte[bytes]);
    }
}
