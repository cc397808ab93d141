package org.chevet.relay.net;

import org.jspecify.annotations.Nullable;

/**
 * How a lane uses its sockets and its thread. Immutable.
 *
 * @param systemCalls our own batched system calls where the platform has them; else Netty's portable channels
 * @param segmenting UDP GSO where the kernel has it
 * @param timestamps kernel receive timestamps, the start of a forwarding time
 * @param sharedPort several lanes bind the same port (SO_REUSEPORT)
 * @param spinning the thread looks for datagrams without ever sleeping: lower latency, one processor always busy
 * @param processor the thread stays on this processor; null for any
 */
public record SocketOptions(boolean systemCalls, boolean segmenting, boolean timestamps, boolean sharedPort,
    boolean spinning, @Nullable Integer processor) {
    /** The fastest this platform has, nothing pinned. */
    public static SocketOptions defaults() {
        return new SocketOptions(true, true, true, false, false, null);
    }

    /** Netty's channels, as on a platform without our system calls. */
    public static SocketOptions portable() {
        return new SocketOptions(false, false, false, false, false, null);
    }
}
