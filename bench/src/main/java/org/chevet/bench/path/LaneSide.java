package org.chevet.bench.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.net.PolledLane;
import org.chevet.relay.net.SocketOptions;
import org.chevet.relay.srtp.AeadEngineProvider;
import org.chevet.relay.srtp.SrtpKeys;
import org.chevet.relay.srtp.SrtpProfile;
import org.chevet.relay.srtp.SrtpReceiver;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/** The real lane, with sockets or with memory in their place. One thread. */
final class LaneSide implements PathSide {
    private static final TransportAddress IN_MEMORY = TransportAddress.ofIpv4(0x0A000001, 10_000);
    private static final int PUBLISHER_IN_MEMORY = 0x0A000002;
    private static final int CONNECTING_TURNS = 4;

    private final int width;
    private final LaneStats stats = new LaneStats();
    private final Meter meter = new Meter(true);
    private final PathLane path;
    private final PathClient publisher;
    private final PathSource source;
    private final List<PathClient> subscribers = new ArrayList<>();
    private final Ports memory = new Ports();
    private final @Nullable PolledLane sockets;
    private final @Nullable DatagramChannel publisherChannel;
    private final @Nullable Receivers receivers;
    private final @Nullable SrtpReceiver first;
    private final UnsafeBuffer staged;
    private final int[] stagedLengths;
    private long reportsReceived;
    private long brought;

    /**
     * A connected consultation.
     *
     * @param width packets of a batch
     * @param receiverCount subscribers
     * @param options of the sockets, or null to go without
     */
    LaneSide(final SrtpProfile profile, final AeadEngineProvider engines, final int width, final int receiverCount,
        final @Nullable SocketOptions options) throws IOException {
        this.width = width;
        staged = new UnsafeBuffer(ByteBuffer.allocateDirect(width * PathClient.CAPACITY));
        stagedLengths = new int[width];
        TransportAddress from = TransportAddress.ofIpv4(PUBLISHER_IN_MEMORY, 1);
        TransportAddress at = IN_MEMORY;
        if (options == null) {
            sockets = null;
            publisherChannel = null;
            receivers = null;
            first = null;
        } else {
            sockets = new PolledLane(stats, System::nanoTime, options);
            final InetSocketAddress local =
                sockets.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            at = TransportAddress.ofBytes(local.getAddress().getAddress(), local.getPort());
            publisherChannel = Receivers.newChannel();
            publisherChannel.connect(local);
            from = Receivers.addressOf(publisherChannel);
            try (SrtpKeys keys = AgreedKeys.keysOf("subscriber0".hashCode(), profile)) {
                first = keys.clientReceiver(engines);
            }
            receivers = new Receivers(receiverCount, this::open);
            receivers.connect(local);
        }
        path = new PathLane(profile, engines, stats, at);
        publisher = new PathClient("publisher", from);
        source = new PathSource(publisher, profile, engines);
        path.publisher(publisher);
        for (int i = 0; i < receiverCount; i++) {
            final PathClient subscriber = new PathClient("subscriber" + i,
                receivers == null ? TransportAddress.ofIpv4(PUBLISHER_IN_MEMORY + 1 + i, 1)
                    : Receivers.addressOf(receivers.channel(i)));
            path.subscriber(subscriber);
            subscribers.add(subscriber);
        }
        if (sockets != null) {
            sockets.run(path.lane());
        }
        turn();
        connect(publisher, publisherChannel);
        for (int i = 0; i < receiverCount; i++) {
            connect(subscribers.get(i), receivers == null ? null : receivers.channel(i));
        }
    }

    private void connect(final PathClient client, final @Nullable DatagramChannel channel) throws IOException {
        deliver(client, channel, client.writeCheck());
        deliver(client, channel, client.writeHello());
        for (int i = 0; i < CONNECTING_TURNS; i++) {
            turn();
        }
    }

    private void deliver(final PathClient client, final @Nullable DatagramChannel channel, final int length)
        throws IOException {
        if (channel == null || sockets == null) {
            final long nowNs = System.nanoTime();
            path.lane().onDatagram(0, client.address(), client.buffer(), 0, length, nowNs, nowNs);
        } else {
            channel.write(client.bytes(length));
            sockets.poll();
        }
    }

    private void turn() {
        if (sockets == null) {
            final long nowNs = System.nanoTime();
            path.lane().endTurn(memory, nowNs);
            path.lane().handedOver(nowNs);
        } else {
            sockets.turn();
        }
    }

    private void open(final UnsafeBuffer packet, final int length) {
        final int plain = first == null ? -1 : first.unprotectRtp(packet, 0, length, packet, 0);
        if (plain < 0) {
            throw new IllegalStateException("a forwarded packet cannot be opened: " + plain);
        }
    }

    @Override
    public long batch() {
        brought += width;
        try {
            return sockets == null ? batchInMemory() : batchWithSockets();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long batchInMemory() {
        for (int i = 0; i < width; i++) {
            stagedLengths[i] = source.next();
            staged.putBytes(i * PathClient.CAPACITY, publisher.buffer(), 0, stagedLengths[i]);
        }
        meter.start();
        final long nowNs = System.nanoTime();
        for (int i = 0; i < width; i++) {
            path.lane().onDatagram(0, publisher.address(), staged, i * PathClient.CAPACITY, stagedLengths[i], nowNs,
                nowNs);
        }
        path.lane().endTurn(memory, System.nanoTime());
        path.lane().handedOver(System.nanoTime());
        return meter.stop();
    }

    private long batchWithSockets() throws IOException {
        final DatagramChannel channel = publisherChannel;
        final PolledLane lane = sockets;
        final Receivers to = receivers;
        if (channel == null || lane == null || to == null) {
            throw new IllegalStateException("no sockets");
        }
        for (int i = 0; i < width; i++) {
            channel.write(publisher.bytes(source.next()));
        }
        meter.start();
        lane.poll();
        final long elapsedNs = meter.stop();
        to.drain();
        int reports = 0;
        while (channel.read(publisher.bytes(PathClient.CAPACITY)) > 0) {
            reports++;
        }
        reportsReceived += reports;
        return elapsedNs;
    }

    /** Datagrams the publisher received: reports and feedback of the lane. */
    long reportsReceived() {
        return reportsReceived;
    }

    /** Packets the publisher sent so far: each is to be copied to every receiver. */
    long brought() {
        return brought;
    }

    @Override
    public long copies() {
        return stats.counted(Counter.RTP_FORWARDED);
    }

    @Override
    public long received() {
        return receivers == null ? memory.media() : receivers.media();
    }

    @Override
    public long systemCalls() {
        return stats.counted(Counter.RECEIVE_CALLS) + stats.counted(Counter.SEND_CALLS);
    }

    @Override
    public long allocatedBytes() {
        return meter.bytes();
    }

    @Override
    public void close() {
        if (sockets != null) {
            sockets.close();
        }
        if (receivers != null) {
            receivers.close();
        }
        if (publisherChannel != null) {
            try {
                publisherChannel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
