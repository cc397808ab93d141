package org.chevet.bench.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.jspecify.annotations.Nullable;

/** The receivers' sockets on loopback, emptied after every batch so that none overflows. One thread. */
final class Receivers implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int LEAST_MEDIA = 1000;

    private final List<DatagramChannel> channels = new ArrayList<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(PathClient.CAPACITY);
    private final UnsafeBuffer view = new UnsafeBuffer(bytes);
    private final @Nullable Opener opener;
    private long media;

    /** Checks each media packet of the first receiver. */
    @FunctionalInterface
    interface Opener {
        /** Opens the packet, in place. */
        void open(UnsafeBuffer packet, int length);
    }

    Receivers(final int count, final @Nullable Opener opener) throws IOException {
        this.opener = opener;
        for (int i = 0; i < count; i++) {
            channels.add(newChannel());
        }
    }

    /** A non-blocking socket on loopback. */
    static DatagramChannel newChannel() throws IOException {
        final DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return channel;
    }

    /** The address of a socket. */
    static TransportAddress addressOf(final DatagramChannel channel) throws IOException {
        final InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        return TransportAddress.ofBytes(local.getAddress().getAddress(), local.getPort());
    }

    DatagramChannel channel(final int index) {
        return channels.get(index);
    }

    /** Takes from them only what comes from one address. */
    void connect(final InetSocketAddress to) throws IOException {
        for (final DatagramChannel channel : channels) {
            channel.connect(to);
        }
    }

    /** Empties all sockets. */
    void drain() throws IOException {
        for (int i = 0; i < channels.size(); i++) {
            final DatagramChannel channel = channels.get(i);
            for (int length; (length = channel.read(bytes.clear())) > 0;) {
                if (length > LEAST_MEDIA) {
                    media++;
                    if (i == 0 && opener != null) {
                        opener.open(view, length);
                    }
                }
            }
        }
    }

    /** Media packets received so far. */
    long media() {
        return media;
    }

    @Override
    public void close() {
        for (final DatagramChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
