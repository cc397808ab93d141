package org.chevet.relay.net;

/**
 * The system calls of one UDP socket that is open already, as the batches use them; tests put a kernel of their own
 * in its place.
 *
 * <p>One thread.
 */
interface SocketCalls {
    /**
     * Reads waiting datagrams without blocking.
     *
     * @param messages address of an array of {@code mmsghdr}
     * @return datagrams read, or a negative number for none
     */
    int receive(long messages, int count);

    /**
     * Sends datagrams without blocking.
     *
     * @param messages address of an array of {@code mmsghdr}
     * @return messages taken by the kernel, at least 1, or a negative errno of the first one
     */
    int send(long messages, int count);

    /** The kernel's wall clock in nanoseconds since 1970: the clock of its receive timestamps. */
    long realtimeNs();
}
