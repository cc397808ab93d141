package org.chevet.bench.vitals;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Publishers and subscribers of one server on one thread, so that the load needs one core at most. Every subscriber
 * receives every stream.
 *
 * <p>Nobody may run ahead: a publisher stops {@link #WINDOW} blocks ahead of its slowest subscriber, for every server
 * alike, so that one without back-pressure is measured and not flooded.
 */
final class Load implements AutoCloseable {
    /** Blocks of a stream that may be under way. */
    static final int WINDOW = 128;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int GRANT_BYTES = 64 * 1024;
    private static final long IDLE_NS = 20_000;
    private static final long DRAIN_NS = 5 * SECOND_NS;

    private final Wire wire;
    private final Selector selector;
    private final Publisher[] publishers;
    private final Subscriber[] subscribers;
    private final Histogram latency = new Histogram(60 * SECOND_NS, 3);
    private long received;
    private long missed;

    /** One connection that publishes one stream. */
    private static final class Publisher {
        final SocketChannel channel;
        final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES).order(LITTLE_ENDIAN);
        long sent;
        long sentBefore;

        Publisher(final SocketChannel channel) {
            this.channel = channel;
        }
    }

    /** One connection that receives all streams. */
    private static final class Subscriber {
        final SocketChannel channel;
        final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).order(LITTLE_ENDIAN);
        final ByteBuffer out = ByteBuffer.allocateDirect(GRANT_BYTES).order(LITTLE_ENDIAN);
        final long[] next;

        Subscriber(final SocketChannel channel, final int streams) {
            this.channel = channel;
            this.next = new long[streams];
        }
    }

    /**
     * What one run gave.
     *
     * @param blocksPerSecond blocks that reached subscribers
     * @param publishedPerSecond blocks that were published
     * @param lost blocks that did not arrive, or not in order, or twice
     * @param latency nanoseconds from the write to the read of a block
     */
    record Result(double blocksPerSecond, double publishedPerSecond, long received, long lost, Histogram latency) {
    }

    /** Connects everybody. */
    Load(final Wire wire, final int publishers, final int subscribers) throws IOException {
        this.wire = wire;
        this.selector = Selector.open();
        this.publishers = new Publisher[publishers];
        this.subscribers = new Subscriber[subscribers];
        for (int i = 0; i < publishers; i++) {
            this.publishers[i] = new Publisher(wire.publisher(i));
            this.publishers[i].channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
        }
        for (int i = 0; i < subscribers; i++) {
            this.subscribers[i] = new Subscriber(wire.subscriber(i, publishers), publishers);
            this.subscribers[i].channel.configureBlocking(false)
                .register(selector, SelectionKey.OP_READ, this.subscribers[i]);
        }
    }

    /**
     * Sends for a time and reads until all has arrived.
     *
     * @param blocksPerSecond published by all together; 0 as many as the server takes
     */
    Result run(final long durationNs, final double blocksPerSecond) throws IOException {
        latency.reset();
        received = 0;
        missed = 0;
        final long startNs = System.nanoTime();
        final long endNs = startNs + durationNs;
        final double perPublisher = blocksPerSecond / publishers.length / SECOND_NS;
        long sentTotal = 0;
        for (final Publisher publisher : publishers) {
            publisher.sentBefore = publisher.sent;
        }
        long nowNs = startNs;
        while (nowNs < endNs) {
            boolean busy = read();
            for (int i = 0; i < publishers.length; i++) {
                final Publisher publisher = publishers[i];
                // Publishers are not in step: each is a part of its interval behind the one before.
                final long due = blocksPerSecond == 0 ? Long.MAX_VALUE
                    : (long) ((nowNs - startNs) * perPublisher + (double) i / publishers.length)
                        - (publisher.sent - publisher.sentBefore);
                busy |= publish(publisher, i, due);
            }
            if (!busy) {
                LockSupport.parkNanos(IDLE_NS);
            }
            nowNs = System.nanoTime();
        }
        final long arrived = received;
        final double seconds = (double) (nowNs - startNs) / SECOND_NS;
        for (final Publisher publisher : publishers) {
            sentTotal += publisher.sent - publisher.sentBefore;
        }
        final long deadlineNs = System.nanoTime() + DRAIN_NS;
        while (underWay() > 0 && System.nanoTime() < deadlineNs) {
            for (int i = 0; i < publishers.length; i++) {
                publish(publishers[i], i, 0);
            }
            if (!read()) {
                LockSupport.parkNanos(IDLE_NS);
            }
        }
        return new Result(arrived / seconds, sentTotal / seconds, received, missed + underWay(), latency.copy());
    }

    /** Blocks that somebody still waits for. */
    private long underWay() {
        long sum = 0;
        for (final Subscriber subscriber : subscribers) {
            for (int i = 0; i < publishers.length; i++) {
                sum += publishers[i].sent - subscriber.next[i];
            }
        }
        return sum;
    }

    private boolean publish(final Publisher publisher, final int stream, final long due) throws IOException {
        long lowest = Long.MAX_VALUE;
        for (final Subscriber subscriber : subscribers) {
            lowest = Math.min(lowest, subscriber.next[stream]);
        }
        final ByteBuffer out = publisher.out;
        final long count = Math.min(Math.min(due, WINDOW - (publisher.sent - lowest)),
            out.remaining() / wire.blockBytes());
        if (count > 0) {
            final long stampNs = System.nanoTime();
            for (long i = 0; i < count; i++) {
                wire.put(out, stream, publisher.sent++, stampNs);
            }
        }
        flush(publisher.channel, out);
        return count > 0;
    }

    private boolean read() throws IOException {
        if (selector.selectNow() == 0) {
            return false;
        }
        for (final SelectionKey key : selector.selectedKeys()) {
            final SocketChannel channel = (SocketChannel) key.channel();
            if (key.attachment() instanceof Subscriber subscriber) {
                receive(subscriber);
            } else {
                discard(channel);
            }
        }
        selector.selectedKeys().clear();
        return true;
    }

    private void receive(final Subscriber subscriber) throws IOException {
        final ByteBuffer in = subscriber.in;
        if (subscriber.channel.read(in) < 0) {
            throw new IOException("the server closed a subscriber's connection");
        }
        final long nowNs = System.nanoTime();
        in.flip();
        for (int at; (at = wire.take(in)) != Wire.INCOMPLETE;) {
            if (at != Wire.OTHER) {
                final int stream = Payload.stream(in, at);
                final long sequence = Payload.sequence(in, at);
                // A hole counts with its size; what comes again or late counts as one.
                missed += sequence >= subscriber.next[stream] ? sequence - subscriber.next[stream] : 1;
                subscriber.next[stream] = sequence + 1;
                received++;
                latency.recordValue(Math.max(0, nowNs - Payload.stampNs(in, at)));
                wire.grant(subscriber.out, stream, subscriber.next[stream]);
            }
        }
        in.compact();
        flush(subscriber.channel, subscriber.out);
    }

    private final ByteBuffer discarded = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private void discard(final SocketChannel channel) throws IOException {
        discarded.clear();
        if (channel.read(discarded) < 0) {
            throw new IOException("the server closed a publisher's connection");
        }
    }

    private static void flush(final SocketChannel channel, final ByteBuffer out) throws IOException {
        if (out.position() > 0) {
            out.flip();
            channel.write(out);
            out.compact();
        }
    }

    @Override
    public void close() throws IOException {
        for (final SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
