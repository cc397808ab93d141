package org.chevet.relay.net;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.LaneStats;

/** One UDP socket read and written by our own system calls, in batches. One thread, but for {@link #open}. */
final class LinuxSocket implements SocketCalls, AutoCloseable {
    /** Asked for in both directions; the kernel's limit may be lower (net.core.rmem_max, wmem_max). */
    static final int BUFFER_BYTES = 4 * 1024 * 1024;

    private final MemorySegment state = Posix.newState(Arena.ofAuto());
    private final MemorySegment timespec = Posix.newTimespec(Arena.ofAuto());
    private final int descriptor;
    private final InetSocketAddress local;
    private final ReceiveBatch in;
    private final SendBatch out;
    private boolean closed;

    private LinuxSocket(final int descriptor, final InetSocketAddress local, final SocketAddresses addresses,
        final boolean segmenting, final LaneStats stats) {
        this.descriptor = descriptor;
        this.local = local;
        in = new ReceiveBatch(this, addresses);
        out = new SendBatch(this, local.getAddress().getAddress().length != Integer.BYTES, segmenting, stats);
    }

    /**
     * Opens and binds a socket.
     *
     * @param addresses shared by the sockets of the lane
     * @param options of the lane
     * @param stats counts what is sent and what is not
     * @throws IOException naming the call that failed and its errno
     */
    static LinuxSocket open(final InetSocketAddress address, final SocketAddresses addresses,
        final SocketOptions options, final LaneStats stats) throws IOException {
        final boolean ipv6 = address.getAddress().getAddress().length != Integer.BYTES;
        final MemorySegment state = Posix.newState(Arena.ofAuto());
        final int opened = checked("socket", Posix.socket(state, ipv6 ? Posix.AF_INET6 : Posix.AF_INET));
        try {
            if (ipv6) {
                checked("IPV6_V6ONLY", Posix.setOption(state, opened, Posix.IPPROTO_IPV6, Posix.IPV6_V6ONLY, 1));
            }
            if (options.sharedPort()) {
                checked("SO_REUSEPORT", Posix.setOption(state, opened, Posix.SOL_SOCKET, Posix.SO_REUSEPORT, 1));
            }
            enlarge(state, opened, Posix.SO_RCVBUFFORCE, Posix.SO_RCVBUF);
            enlarge(state, opened, Posix.SO_SNDBUFFORCE, Posix.SO_SNDBUF);
            // Without it forwarding times start when the datagram was read: less true, not wrong.
            Posix.setOption(state, opened, Posix.SOL_SOCKET, Posix.SO_TIMESTAMPNS, options.timestamps() ? 1 : 0);
            final boolean segmenting = options.segmenting()
                && Posix.option(state, opened, Posix.SOL_UDP, Posix.UDP_SEGMENT) >= 0;
            final InetSocketAddress local = bind(state, opened, address, ipv6);
            return new LinuxSocket(opened, local, addresses, segmenting, stats);
        } catch (IOException | RuntimeException failure) {
            Posix.close(state, opened);
            throw failure;
        }
    }

    private static InetSocketAddress bind(final MemorySegment state, final int descriptor,
        final InetSocketAddress address, final boolean ipv6) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(SocketAddresses.MAX_LENGTH + Long.BYTES, Long.BYTES);
            final UnsafeBuffer view = new UnsafeBuffer(memory.address(), (int) memory.byteSize());
            final TransportAddress wanted =
                TransportAddress.ofBytes(address.getAddress().getAddress(), address.getPort());
            final int length = SocketAddresses.write(wanted, ipv6, view, 0);
            checked("bind", Posix.bind(state, descriptor, memory.address(), length));
            view.putInt(SocketAddresses.MAX_LENGTH, SocketAddresses.MAX_LENGTH);
            checked("getsockname", Posix.localAddress(state, descriptor, memory.address(),
                memory.address() + SocketAddresses.MAX_LENGTH));
            final TransportAddress bound = new SocketAddresses().read(view, 0);
            if (bound == null) {
                throw new IOException("getsockname gave no address");
            }
            return new InetSocketAddress(address.getAddress(), bound.port());
        }
    }

    /** A privileged process passes the kernel's limit; any other gets up to it. */
    private static void enlarge(final MemorySegment state, final int descriptor, final int force, final int plain) {
        if (Posix.setOption(state, descriptor, Posix.SOL_SOCKET, force, BUFFER_BYTES) < 0) {
            Posix.setOption(state, descriptor, Posix.SOL_SOCKET, plain, BUFFER_BYTES);
        }
    }

    private static int checked(final String call, final int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + ": " + Posix.message(-result));
        }
        return result;
    }

    InetSocketAddress local() {
        return local;
    }

    /** The file descriptor, to wait for. */
    int descriptor() {
        return descriptor;
    }

    /** Bytes of a buffer ({@code SO_RCVBUF}, {@code SO_SNDBUF}); Linux reports twice of what it granted (socket(7)). */
    int grantedBytes(final int option) {
        return Math.max(0, Posix.option(state, descriptor, Posix.SOL_SOCKET, option)) / 2;
    }

    ReceiveBatch in() {
        return in;
    }

    SendBatch out() {
        return out;
    }

    @Override
    public int receive(final long messages, final int count) {
        return Posix.receive(descriptor, messages, count);
    }

    @Override
    public int send(final long messages, final int count) {
        return Posix.send(state, descriptor, messages, count);
    }

    @Override
    public long realtimeNs() {
        return Posix.realtimeNs(timespec);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Posix.close(state, descriptor);
        }
    }
}
