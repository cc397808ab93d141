package org.chevet.bench.path;

/** One of the two things compared: the lane or the floor, with the same packets in and copies out. One thread. */
interface PathSide extends AutoCloseable {
    /**
     * Takes one batch of packets in and sends its copies.
     *
     * @return nanoseconds from before the batch is read to after the last copy was handed over; what brings the
     *     packets and takes the copies away is not in it
     */
    long batch();

    /** Copies sent so far. */
    long copies();

    /** Copies that came back out of the receivers' sockets, or left the port in memory. */
    long received();

    /** System calls made so far in what is timed. */
    long systemCalls();

    /** Bytes allocated so far in what is timed. */
    long allocatedBytes();

    @Override
    void close();
}
