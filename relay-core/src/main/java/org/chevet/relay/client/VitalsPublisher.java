package org.chevet.relay.client;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes device streams to a relay and keeps the truth at the edge: what the relay has not acknowledged stays
 * here, within bounds, and goes out again after any interruption, from exactly where the relay stopped.
 *
 * <p>Safe on any thread. One daemon thread does the work.
 */
public final class VitalsPublisher implements AutoCloseable {
    private static final Duration LEAST_RETENTION = Duration.ofSeconds(60);
    private static final long POLL_MS = 5;

    private final PublisherMachine machine;
    private final ClientLoop loop;
    private final LongSupplier clockNs;

    /**
     * How a publisher is set up.
     *
     * @param instance random number of this process: the same instance resumes its streams
     * @param clientName program and version, for diagnosis
     * @param retention how long a block is kept unacknowledged, at least 60 s
     * @param retentionBytes bytes kept per stream
     * @param events what happens to the connection
     * @param clockNs this machine's clock in nanoseconds since 1970, never stepped: device time
     * @param endToEnd keys for streams that are {@link StreamSpec#encrypted()}
     */
    public record Options(long instance, String clientName, Duration retention, long retentionBytes,
        VitalsEvents events, LongSupplier clockNs, @Nullable EndToEnd endToEnd) {
        private static final long DEFAULT_BYTES = 32L << 20;

        /** Refuses a retention below a minute. */
        public Options {
            if (retention.compareTo(LEAST_RETENTION) < 0) {
                throw new IllegalArgumentException("retention is at least 60 s, not " + retention);
            }
        }

        /** A random instance, five minutes and 32 MiB per stream, the system's clock. */
        public static Options defaults(final String clientName) {
            return new Options(new SecureRandom().nextLong(), clientName, Duration.ofMinutes(5), DEFAULT_BYTES,
                VitalsEvents.NONE, systemClock(), null);
        }

        /** The same with another listener. */
        public Options withEvents(final VitalsEvents newEvents) {
            return new Options(instance, clientName, retention, retentionBytes, newEvents, clockNs, endToEnd);
        }

        /** The same with other bounds. */
        public Options withRetention(final Duration newRetention, final long newBytes) {
            return new Options(instance, clientName, newRetention, newBytes, events, clockNs, endToEnd);
        }

        /** The same with keys. */
        public Options withEndToEnd(final EndToEnd newEndToEnd) {
            return new Options(instance, clientName, retention, retentionBytes, events, clockNs, newEndToEnd);
        }
    }

    private VitalsPublisher(final VitalsTransport transport, final Options options) {
        clockNs = options.clockNs();
        machine = new PublisherMachine(options.instance(), options.clientName(), options.events(), clockNs,
            options.retention().toNanos(), options.retentionBytes(), options.endToEnd());
        loop = new ClientLoop("vitals-publisher", transport, machine, machine.lock(), clockNs, new SecureRandom());
        machine.onWork(loop::wake);
    }

    /** Starts to connect; streams may be opened and offered to at once. */
    public static VitalsPublisher start(final VitalsTransport transport, final Options options) {
        final VitalsPublisher publisher = new VitalsPublisher(transport, options);
        publisher.loop.wake();
        return publisher;
    }

    /** Nanoseconds since 1970 from the system's clock at the first call, running on without steps. */
    public static LongSupplier systemClock() {
        final long base = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
        return () -> base + System.nanoTime();
    }

    /** Opens a stream; its name must not be open here yet. */
    public Publication open(final StreamSpec spec) {
        return machine.open(spec);
    }

    /** Device time: what {@link Publication#offer} wants. */
    public long clockNs() {
        return clockNs.getAsLong();
    }

    /**
     * Says that the network has changed: a new connection is made at once, and streams go on from where the relay is.
     * Without this it is noticed when nothing was heard for the relay's timeout.
     */
    public void reconnect() {
        loop.reconnect();
    }

    /** Connections made so far; more than one means reconnections. */
    public int connections() {
        return loop.connections();
    }

    /** Relay time = device time + offset, as far as it is known. */
    public long clockOffsetNs() {
        return machine.read(() -> machine.clock().offsetNs());
    }

    /** Bound of the error of {@link #clockOffsetNs()}; Long.MAX_VALUE before the first exchange. */
    public long clockUncertaintyNs() {
        return machine.read(() -> machine.clock().uncertaintyNs());
    }

    /** Waits until the relay holds everything that was offered; false when the time ran out first. */
    public boolean awaitHeld(final Duration atMost) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + atMost.toNanos();
        while (!machine.isAcknowledged()) {
            if (System.nanoTime() >= deadlineNs) {
                return false;
            }
            Thread.sleep(POLL_MS);
        }
        return true;
    }

    /** Closes the connection; what is not acknowledged is given up. */
    @Override
    public void close() {
        loop.close();
    }
}
