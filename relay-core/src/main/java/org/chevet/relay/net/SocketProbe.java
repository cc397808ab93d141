package org.chevet.relay.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;

/**
 * What two sockets of a lane did when one sent the other a few datagrams over the loopback interface. Immutable.
 *
 * @param systemCalls they were read and written by our own batched system calls; else lanes use Netty's channels,
 *     nothing was sent, and the rest is false and 0
 * @param segmenting equal datagrams left as one message and arrived as several (UDP GSO)
 * @param stamps the kernel said when each datagram arrived
 * @param receiveBytes receive buffer the kernel granted
 * @param sendBytes send buffer the kernel granted
 */
public record SocketProbe(boolean systemCalls, boolean segmenting, boolean stamps, int receiveBytes, int sendBytes) {
    /** What a lane asks for in both directions. */
    public static final int WANTED_BYTES = LinuxSocket.BUFFER_BYTES;
    private static final int DATAGRAMS = 4;
    private static final int LENGTH = 1200;
    private static final long PATIENCE_NS = 1_000_000_000L;

    /**
     * Opens two sockets as a lane would, sends, and closes them. Any thread; takes a millisecond, a second when
     * datagrams do not arrive.
     *
     * @throws IOException when a socket cannot be opened or the datagrams do not arrive
     */
    public static SocketProbe run(final SocketOptions options) throws IOException {
        if (!options.systemCalls() || !LaneThread.canSharePort()) {
            return new SocketProbe(false, false, false, 0, 0);
        }
        final LaneStats stats = new LaneStats();
        final SocketAddresses addresses = new SocketAddresses();
        final InetSocketAddress any = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        try (LinuxSocket from = LinuxSocket.open(any, addresses, options, stats);
            LinuxSocket to = LinuxSocket.open(any, addresses, options, stats)) {
            final TransportAddress receiver =
                TransportAddress.ofBytes(to.local().getAddress().getAddress(), to.local().getPort());
            for (int i = 0; i < DATAGRAMS; i++) {
                from.out().add(receiver, LENGTH);
            }
            from.out().flush(false);
            return new SocketProbe(true, stats.counted(Counter.SEGMENTED_SENDS) > 0 && from.out().isSegmenting(),
                arriveStamped(to.in()), to.grantedBytes(Posix.SO_RCVBUF), from.grantedBytes(Posix.SO_SNDBUF));
        }
    }

    /** True when every datagram came with its time of arrival. */
    private static boolean arriveStamped(final ReceiveBatch in) throws IOException {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        boolean stamped = true;
        int arrived = 0;
        while (arrived < DATAGRAMS) {
            final int count = in.receive();
            for (int i = 0; i < count; i++) {
                stamped &= in.isStamped(i);
                if (in.length(i) != LENGTH) {
                    throw new IOException("a datagram of " + LENGTH + " bytes arrived with " + in.length(i));
                }
            }
            arrived += count;
            if (count == 0 && System.nanoTime() > deadlineNs) {
                throw new IOException(arrived + " of " + DATAGRAMS + " datagrams arrived over the loopback interface");
            }
        }
        return stamped;
    }
}
