package org.chevet.relay.bwe;

/**
 * The transport-wide number of each packet of one RTP stream, by RTP sequence number, for feedback that names packets
 * by stream (RFC 8888). The last {@link #CAPACITY} are known. 8 KiB. Lane thread only.
 */
public final class StreamNumbers {
    /** Packets known; a power of two. */
    public static final int CAPACITY = 2048;
    /** In place of a number. */
    public static final int NOT_FOUND = -1;
    private static final int MASK = CAPACITY - 1;
    private static final int NUMBER_MASK = 0xFFFF;

    private final int[] known = new int[CAPACITY];

    /** Knows no packet. */
    public StreamNumbers() {
        for (int i = 0; i < CAPACITY; i++) {
            // A sequence number that belongs to another place stands for none.
            known[i] = (i ^ 1) << Short.SIZE;
        }
    }

    /** A packet of the stream left. */
    public void put(final int sequence, final int transportNumber) {
        known[sequence & MASK] = ((sequence & NUMBER_MASK) << Short.SIZE) | (transportNumber & NUMBER_MASK);
    }

    /** Its transport-wide number, 0 to 65535, or {@link #NOT_FOUND}. */
    public int find(final int sequence) {
        final int found = known[sequence & MASK];
        return found >>> Short.SIZE == (sequence & NUMBER_MASK) ? found & NUMBER_MASK : NOT_FOUND;
    }
}
