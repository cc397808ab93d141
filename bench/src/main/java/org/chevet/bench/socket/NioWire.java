package org.chevet.bench.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The same with the JDK alone, a system call per datagram and stamps taken when it is read. */
final class NioWire implements Wire {
    private static final int SOCKET_BUFFER = 4 << 20;
    private static final int EVENTS = 256;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long NS = 1_000_000_000L;

    private final Selector selector;
    private final Map<Integer, DatagramChannel> channels = new ConcurrentHashMap<>();
    private final AtomicInteger handles = new AtomicInteger();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BATCH * SLOT);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BATCH * SLOT);
    private final UnsafeBuffer inView = new UnsafeBuffer(in);
    private final UnsafeBuffer outView = new UnsafeBuffer(out);
    private final int[] lengths = new int[BATCH];
    private final long[] stamps = new long[BATCH];
    private final int[] outLengths = new int[BATCH];
    private final int[] readyTags = new int[EVENTS];
    private final int[] readySockets = new int[EVENTS];
    private int committed;

    private record Key(int handle, int tag) {
    }

    NioWire() throws IOException {
        selector = Selector.open();
    }

    @Override
    public int open(final InetAddress local, final InetSocketAddress remote, final int tag) throws IOException {
        final DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
        channel.bind(new InetSocketAddress(local, 0));
        channel.connect(remote);
        final int handle = handles.incrementAndGet();
        channels.put(handle, channel);
        selector.wakeup();
        channel.register(selector, SelectionKey.OP_READ, new Key(handle, tag));
        return handle;
    }

    @Override
    public void close(final int socket) {
        final DatagramChannel channel = channels.remove(socket);
        if (channel != null) {
            closeQuietly(channel);
        }
    }

    private static void closeQuietly(final DatagramChannel channel) {
        try {
            channel.close();
        } catch (final IOException e) {
            throw new IllegalStateException("a socket did not close", e);
        }
    }

    @Override
    public int await(final long timeoutNs) {
        try {
            if (timeoutNs < NS_PER_MS) {
                selector.selectNow();
            } else {
                selector.select(timeoutNs / NS_PER_MS);
            }
        } catch (final IOException e) {
            throw new IllegalStateException("the selector failed", e);
        }
        int count = 0;
        for (final SelectionKey key : selector.selectedKeys()) {
            if (count < EVENTS && key.attachment() instanceof final Key mine) {
                readyTags[count] = mine.tag();
                readySockets[count++] = mine.handle();
            }
        }
        selector.selectedKeys().clear();
        return count;
    }

    @Override
    public int ready(final int index) {
        return readyTags[index];
    }

    @Override
    public int readySocket(final int index) {
        return readySockets[index];
    }

    @Override
    public int receive(final int socket) {
        final DatagramChannel channel = channels.get(socket);
        int count = 0;
        while (channel != null && count < BATCH) {
            in.limit((count + 1) * SLOT).position(count * SLOT);
            final int length = read(channel);
            if (length <= 0) {
                break;
            }
            lengths[count] = length;
            stamps[count++] = realtimeNs();
        }
        return count;
    }

    private int read(final DatagramChannel channel) {
        try {
            return channel.read(in);
        } catch (final IOException e) {
            return 0; // the peer's port is closed for now, or the socket is: nothing to read
        }
    }

    @Override
    public UnsafeBuffer received() {
        return inView;
    }

    @Override
    public int receivedOffset(final int index) {
        return index * SLOT;
    }

    @Override
    public int receivedLength(final int index) {
        return lengths[index];
    }

    @Override
    public long receivedNs(final int index) {
        return stamps[index];
    }

    @Override
    public UnsafeBuffer sending() {
        return outView;
    }

    @Override
    public int nextOffset() {
        return committed * SLOT;
    }

    @Override
    public void commit(final int length) {
        outLengths[committed++] = length;
    }

    @Override
    public int free() {
        return BATCH - committed;
    }

    @Override
    public int flush(final int socket) {
        final @Nullable DatagramChannel channel = channels.get(socket);
        int sent = 0;
        for (int i = 0; i < committed && channel != null; i++) {
            out.limit(i * SLOT + outLengths[i]).position(i * SLOT);
            try {
                sent += channel.write(out) > 0 ? 1 : 0;
            } catch (final IOException e) {
                break; // the peer's port is closed for now: counted as not sent
            }
        }
        committed = 0;
        return sent;
    }

    @Override
    public long realtimeNs() {
        final Instant instant = Instant.now();
        return instant.getEpochSecond() * NS + instant.getNano();
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public String description() {
        return "NIO, stamps when read";
    }

    @Override
    public void close() {
        channels.values().forEach(NioWire::closeQuietly);
        channels.clear();
        try {
            selector.close();
        } catch (final IOException e) {
            throw new IllegalStateException("the selector did not close", e);
        }
    }
}
