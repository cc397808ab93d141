package org.chevet.relay.lane;

import java.util.function.IntConsumer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsRights;

/**
 * The vitals WebSockets of one consultation: carries messages between them and the hub. Lane thread only.
 *
 * <p>A socket that takes no more is left alone until it says it is writable again: what waits for it stays in the hub's
 * rings, so that a slow reader costs nobody else anything.
 */
final class VitalsLinks {
    private final VitalsHub hub;
    private final LaneStats stats;
    private final Int2ObjectHashMap<LinkClient> clients = new Int2ObjectHashMap<>();
    private final UnsafeBuffer received = new UnsafeBuffer(0, 0);
    private final ExpandableArrayBuffer out;
    private final IntConsumer onGone;

    /** Links of one hub; {@code onGone} hears of each connection that is gone, whoever ended it. */
    VitalsLinks(final VitalsHub hub, final LaneStats stats, final IntConsumer onGone) {
        this.hub = hub;
        this.stats = stats;
        this.onGone = onGone;
        this.out = new ExpandableArrayBuffer(hub.maxMessageBytes());
    }

    /** Attaches a socket under a number; false when the hub takes no more connections. */
    boolean attach(final int connection, final String participant, final VitalsRights rights, final LinkClient client,
        final long nowNs) {
        if (hub.open(connection, participant, rights, nowNs) != VitalsHub.ACCEPTED) {
            hub.close(connection, nowNs);
            return false;
        }
        clients.put(connection, client);
        stats.count(Counter.VITALS_CONNECTIONS_OPENED);
        return true;
    }

    /** Takes one message of a socket. */
    void receive(final int connection, final byte[] message, final long nowNs) {
        if (clients.containsKey(connection)) {
            received.wrap(message);
            hub.handleMessage(connection, received, 0, message.length, nowNs);
        }
    }

    /** The socket takes messages again. */
    void writable(final int connection, final long nowNs) {
        send(connection, nowNs);
    }

    /** The socket is gone. */
    void detach(final int connection, final long nowNs) {
        if (clients.remove(connection) != null) {
            gone(connection, nowNs);
        }
    }

    /** Sends what the hub has for anyone. */
    void drain(final long nowNs) {
        for (int connection; (connection = hub.pollDirty()) >= 0;) {
            send(connection, nowNs);
        }
    }

    /** Ends every socket with a close code. */
    void closeAll(final int code, final String reason, final long nowNs) {
        hub.shutdown(nowNs);
        drain(nowNs);
        for (final LinkClient client : clients.values().toArray(LinkClient[]::new)) {
            client.close(code, reason);
        }
        clients.clear();
    }

    private void send(final int connection, final long nowNs) {
        final LinkClient client = clients.get(connection);
        if (client == null) {
            return;
        }
        boolean sent = false;
        boolean drained = false;
        while (client.isWritable()) {
            final int length = hub.pollTransmit(connection, out, 0, nowNs);
            if (length == 0) {
                drained = true;
                break;
            }
            final byte[] message = new byte[length];
            out.getBytes(0, message);
            client.sendBinary(message);
            sent = true;
        }
        if (sent) {
            client.flush();
        }
        if (drained && hub.closeCode(connection) != 0) {
            clients.remove(connection);
            client.close(hub.closeCode(connection), hub.closeReason(connection));
            gone(connection, nowNs);
        }
    }

    private void gone(final int connection, final long nowNs) {
        hub.close(connection, nowNs);
        stats.count(Counter.VITALS_CONNECTIONS_CLOSED);
        onGone.accept(connection);
    }
}
