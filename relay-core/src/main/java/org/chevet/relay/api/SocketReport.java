package org.chevet.relay.api;

import java.io.IOException;
import org.chevet.relay.net.SocketOptions;
import org.chevet.relay.net.SocketProbe;

/**
 * What media sockets can do on this machine, found out by sending a few datagrams over the loopback interface.
 *
 * @param systemCalls lanes read and write by batched system calls of their own; else by Netty's portable channels, and
 *     the rest is not known
 * @param segmenting UDP GSO works: equal datagrams to one receiver leave as one message
 * @param stamps the kernel says when a datagram arrived, so forwarding times contain the wait before it was read
 * @param receiveBytes receive buffer that was granted
 * @param sendBytes send buffer that was granted
 * @param wantedBytes what a lane asks for in each direction
 */
public record SocketReport(boolean systemCalls, boolean segmenting, boolean stamps, int receiveBytes, int sendBytes,
    int wantedBytes) {
    /**
     * Opens two sockets, sends and closes them. Any thread; blocks for a second at most.
     *
     * @throws IOException one sentence, when there are no sockets to be had or loopback loses datagrams
     */
    public static SocketReport examine(final Tuning tuning) throws IOException {
        final SocketProbe probe =
            SocketProbe.run(new SocketOptions(true, tuning.segmenting(), true, false, tuning.spinning(), null));
        return new SocketReport(probe.systemCalls(), probe.segmenting(), probe.stamps(), probe.receiveBytes(),
            probe.sendBytes(), SocketProbe.WANTED_BYTES);
    }
}
