package org.chevet.relay.client;

import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.jspecify.annotations.Nullable;

/**
 * Receives device streams: every sequence once, in order, as a block or inside one gap, across reconnections.
 * The listener is called on one daemon thread of the subscriber.
 */
public final class VitalsSubscriber implements AutoCloseable {
    private final ClientLoop loop;
    private final SubscriberMachine machine;
    private final Object lock = new Object();

    private VitalsSubscriber(final VitalsTransport transport, final String clientName,
        final VitalsListener listener, final LongSupplier clockNs, final @Nullable EndToEnd endToEnd) {
        final SecureRandom random = new SecureRandom();
        machine = new SubscriberMachine(random.nextLong(), clientName, listener, endToEnd);
        loop = new ClientLoop("vitals-subscriber", transport, machine, lock, clockNs, random);
    }

    /** Starts to connect; the listener is asked for each stream where to begin. */
    public static VitalsSubscriber start(final VitalsTransport transport, final String clientName,
        final VitalsListener listener) {
        final VitalsSubscriber subscriber =
            new VitalsSubscriber(transport, clientName, listener, VitalsPublisher.systemClock(), null);
        subscriber.loop.wake();
        return subscriber;
    }

    /** The same with keys: encrypted streams are opened, and clear ones only taken when that is allowed. */
    public static VitalsSubscriber start(final VitalsTransport transport, final String clientName,
        final VitalsListener listener, final EndToEnd endToEnd) {
        final VitalsSubscriber subscriber =
            new VitalsSubscriber(transport, clientName, listener, VitalsPublisher.systemClock(), endToEnd);
        subscriber.loop.wake();
        return subscriber;
    }

    /**
     * Says that an alert was shown to a person (SEEN) or that a person accepted it (ACCEPTED); that it was delivered
     * is said by itself. Told again after a reconnection, until the alert expires.
     *
     * @return false when the alert is not known or has expired
     */
    public boolean acknowledge(final SubscribedStream stream, final long alertId, final AlertAckState state) {
        final boolean known;
        synchronized (lock) {
            known = machine.acknowledge(stream, alertId, state);
        }
        loop.wake();
        return known;
    }

    /** Connections made so far; more than one means reconnections. */
    public int connections() {
        return loop.connections();
    }

    /** Relay time = this clock + offset, as far as it is known. */
    public long clockOffsetNs() {
        synchronized (lock) {
            return machine.clock().offsetNs();
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
