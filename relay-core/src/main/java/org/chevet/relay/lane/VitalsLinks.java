package org.chevet.relay.lane;

import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.IntArrayList;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsRights;

/**
 * The vitals WebSockets of one consultation: carries messages between them and the hub. Lane thread only.
 *
 * <p>A socket that takes no more is left alone until it says it is writable again: what waits for it stays in the hub's
 * rings, so that a slow reader costs nobody else anything.
 */
final class VitalsLinks {
    /** Sent to one connection in one turn, so that packets do not wait behind somebody's catching up. */
    static final int MAX_MESSAGES_PER_TURN = 1024;

    private final VitalsHub hub;
    private final LaneStats stats;
    private final ForwardingTimes times;
    private final LongSupplier clock;
    private final int maxMessageBytes;
    private final Int2ObjectHashMap<VitalsClient> clients = new Int2ObjectHashMap<>();
    private final IntArrayList unfinished = new IntArrayList();
    private final IntConsumer onGone;
    private final VitalsRates rates;

    /**
     * Links of one hub.
     *
     * @param times notes how long blocks stayed in the relay; used by one drain after the other
     * @param clock the lane's clock in nanoseconds, read once for a drain that sent live blocks
     * @param onGone hears of each connection that is gone, whoever ended it
     * @param onRate hears how much each connection is sent
     */
    VitalsLinks(final VitalsHub hub, final LaneStats stats, final ForwardingTimes times, final LongSupplier clock,
        final IntConsumer onGone, final VitalsRates.Listener onRate) {
        this.hub = hub;
        this.stats = stats;
        this.times = times;
        this.clock = clock;
        this.onGone = onGone;
        this.rates = new VitalsRates(onRate);
        this.maxMessageBytes = hub.maxMessageBytes();
    }

    /** Attaches a socket under a number; false when the hub takes no more connections. */
    boolean attach(final int connection, final String participant, final VitalsRights rights, final VitalsClient client,
        final long nowNs) {
        if (hub.open(connection, participant, rights, nowNs) != VitalsHub.ACCEPTED) {
            hub.close(connection, nowNs);
            return false;
        }
        clients.put(connection, client);
        rates.opened(connection, participant);
        stats.count(Counter.VITALS_CONNECTIONS_OPENED);
        return true;
    }

    /** Takes one message of a socket; the bytes are borrowed. */
    void receive(final int connection, final DirectBuffer in, final int offset, final int length, final long nowNs) {
        if (clients.containsKey(connection)) {
            hub.handleMessage(connection, in, offset, length, nowNs);
        }
    }

    /** The socket takes messages again: what waits leaves with the next {@link #drain}. */
    void writable(final int connection) {
        hub.markDirty(connection);
    }

    /** The socket is gone. */
    void detach(final int connection, final long nowNs) {
        if (clients.remove(connection) != null) {
            gone(connection, nowNs);
        }
    }

    /** Ends a socket at once with a close code; what waits for it is not sent. Nothing when it is none of these. */
    void end(final int connection, final int code, final String reason, final long nowNs) {
        final VitalsClient client = clients.remove(connection);
        if (client != null) {
            client.close(code, reason);
            gone(connection, nowNs);
        }
    }

    /**
     * Sends what the hub has for anyone, to each connection at most {@link #MAX_MESSAGES_PER_TURN}.
     *
     * @return false when a connection would take more
     */
    boolean drain(final long nowNs) {
        for (int connection; (connection = hub.pollDirty()) >= 0;) {
            send(connection, MAX_MESSAGES_PER_TURN, nowNs);
        }
        if (!times.isEmpty()) {
            times.handedOver(clock.getAsLong());
        }
        rates.turn(nowNs);
        final boolean all = unfinished.isEmpty();
        for (int i = 0; i < unfinished.size(); i++) {
            hub.markDirty(unfinished.getInt(i));
        }
        unfinished.clear();
        return all;
    }

    /** Ends every socket with a close code. */
    void closeAll(final int code, final String reason, final long nowNs) {
        hub.shutdown(nowNs);
        drain(nowNs);
        for (final VitalsClient client : clients.values().toArray(VitalsClient[]::new)) {
            client.close(code, reason);
        }
        clients.clear();
    }

    private void send(final int connection, final int maxMessages, final long nowNs) {
        final VitalsClient client = clients.get(connection);
        if (client == null) {
            return;
        }
        boolean drained = false;
        int messages = 0;
        while (messages < maxMessages && client.isWritable()) {
            final int at = client.claim(maxMessageBytes);
            final int length = hub.pollTransmit(connection, client.buffer(), at, nowNs);
            if (length == 0) {
                drained = true;
                break;
            }
            client.send(length);
            rates.sent(connection, length);
            messages++;
            final long arrivalNs = hub.takeLiveArrivalNs();
            if (arrivalNs != VitalsHub.NOT_LIVE) {
                times.sent(TrafficClass.VITALS, arrivalNs);
            }
        }
        if (!drained && messages < maxMessages) {
            hub.heldBack(connection);
        }
        client.flush();
        if (messages == maxMessages) {
            unfinished.addInt(connection);
        }
        if (drained && hub.closeCode(connection) != 0) {
            clients.remove(connection);
            client.close(hub.closeCode(connection), hub.closeReason(connection));
            gone(connection, nowNs);
        }
    }

    private void gone(final int connection, final long nowNs) {
        hub.close(connection, nowNs);
        rates.closed(connection, nowNs);
        stats.count(Counter.VITALS_CONNECTIONS_CLOSED);
        onGone.accept(connection);
    }
}
