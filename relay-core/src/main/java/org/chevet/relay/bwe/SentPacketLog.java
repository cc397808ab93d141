package org.chevet.relay.bwe;

/**
 * Gives out the transport-wide sequence numbers of one peer and remembers what left under each, until feedback tells
 * of it. Bounded by {@link #CAPACITY} and by {@link #MAX_AGE_NS}. No allocation after the first packet. Lane thread
 * only.
 */
public final class SentPacketLog {
    /** Packets remembered; a power of two. */
    public static final int CAPACITY = 4096;
    /** Feedback about packets older than this is too late to be of use. */
    public static final long MAX_AGE_NS = 10_000_000_000L;
    /** In place of a probe cluster. */
    public static final int NO_CLUSTER = -1;
    /** In place of an index. */
    public static final int NOT_FOUND = -1;

    private static final int MASK = CAPACITY - 1;
    private static final int SEQUENCE_MASK = 0xFFFF;
    private static final byte OUTSTANDING = 1;
    private static final byte LOST = 2;
    private static final byte RECEIVED = 3;
    private static final byte REPEATED = 4;
    private static final long[] NO_LONGS = {};
    private static final int[] NO_INTS = {};
    private static final byte[] NO_BYTES = {};
    private static final ClinicalClass[] CLASSES = ClinicalClass.values();

    // Made with the first packet: who receives nothing needs none of it.
    private long[] sentNs = NO_LONGS;
    private int[] sizes = NO_INTS;
    private int[] clusters = NO_INTS;
    private byte[] classes = NO_BYTES;
    private byte[] states = NO_BYTES;
    private long oldest;
    private long next;
    private long outstandingBytes;

    /**
     * Notes a packet that leaves now.
     *
     * @param sizeBytes what it costs on the wire
     * @param cluster the probe it belongs to, or {@link #NO_CLUSTER}
     * @return its transport-wide sequence number, 0 to 65535
     */
    public int add(final int sizeBytes, final ClinicalClass clinicalClass, final int cluster, final long nowNs) {
        if (sentNs.length == 0) {
            sentNs = new long[CAPACITY];
            sizes = new int[CAPACITY];
            clusters = new int[CAPACITY];
            classes = new byte[CAPACITY];
            states = new byte[CAPACITY];
        }
        expire(nowNs);
        if (next - oldest == CAPACITY) {
            forgetOldest();
        }
        final int index = (int) next & MASK;
        sentNs[index] = nowNs;
        sizes[index] = sizeBytes;
        clusters[index] = cluster;
        classes[index] = (byte) clinicalClass.ordinal();
        states[index] = OUTSTANDING;
        outstandingBytes += sizeBytes;
        return (int) next++ & SEQUENCE_MASK;
    }

    /** The number given last, 0 to 65535. */
    public int newest() {
        return (int) (next - 1) & SEQUENCE_MASK;
    }

    /** The place of a 16-bit sequence number for the other methods, or {@link #NOT_FOUND} when forgotten. */
    public int find(final int sequence, final long nowNs) {
        expire(nowNs);
        final long candidate = next - 1 - ((next - 1 - sequence) & SEQUENCE_MASK);
        return candidate >= oldest && candidate < next ? (int) candidate & MASK : NOT_FOUND;
    }

    /**
     * Feedback says it arrived; false when that was known or cannot be told. A packet that was called lost may arrive
     * after all.
     */
    public boolean onReceived(final int index) {
        if (states[index] == RECEIVED || states[index] == REPEATED) {
            return false;
        }
        settle(index, RECEIVED);
        return true;
    }

    /** True when feedback called it lost. */
    public boolean isLost(final int index) {
        return states[index] == LOST;
    }

    /** True when the same number left again: nobody can tell which of the two arrived when. */
    public boolean isRepeated(final int index) {
        return states[index] == REPEATED;
    }

    /** The packet leaves again under the same number. */
    public void onRepeated(final int index) {
        if (states[index] == OUTSTANDING) {
            settle(index, REPEATED);
        }
    }

    /** Feedback says it is missing, or it was repeated; false when that was known or it has arrived. */
    public boolean onLost(final int index) {
        if (states[index] != OUTSTANDING && states[index] != REPEATED) {
            return false;
        }
        settle(index, LOST);
        return true;
    }

    private void settle(final int index, final byte state) {
        if (states[index] == OUTSTANDING) {
            outstandingBytes -= sizes[index];
        }
        states[index] = state;
    }

    private void expire(final long nowNs) {
        while (oldest < next && nowNs - sentNs[(int) oldest & MASK] > MAX_AGE_NS) {
            forgetOldest();
        }
    }

    private void forgetOldest() {
        settle((int) oldest & MASK, LOST);
        oldest++;
    }

    /** When it was sent. */
    public long sentNs(final int index) {
        return sentNs[index];
    }

    /** Bytes it cost. */
    public int sizeBytes(final int index) {
        return sizes[index];
    }

    /** The probe it belongs to, or {@link #NO_CLUSTER}. */
    public int cluster(final int index) {
        return clusters[index];
    }

    /** Its class. */
    public ClinicalClass clinicalClass(final int index) {
        return CLASSES[classes[index]];
    }

    /** Bytes sent and neither reported nor forgotten. */
    public long outstandingBytes() {
        return outstandingBytes;
    }

    /** Packets remembered, at most {@link #CAPACITY}. */
    public int size() {
        return (int) (next - oldest);
    }
}
