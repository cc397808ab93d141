package org.chevet.relay.lane;

import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * Flows of other lanes' clients that the kernel brings to this lane, when lanes share a port ({@link Steering}).
 *
 * <p>Learnt from checks, which anybody can send: the table is bounded (the older half goes), and a wrong entry costs
 * its sender a drop at the other lane. Lane thread only.
 */
final class ForeignFlows {
    static final int CAPACITY = 8192;

    private final Steering steering;
    private final LaneStats stats;
    private final Handover[] touched;
    private int touchedCount;
    private Map<TransportAddress, Handover> recent = new HashMap<>();
    private Map<TransportAddress, Handover> before = Map.of();

    ForeignFlows(final Steering steering, final LaneStats stats) {
        this.steering = steering;
        this.stats = stats;
        touched = new Handover[steering.lanes()];
    }

    /** A check that names no session of this lane: handed to the lane of its user fragment, or dropped. */
    void onCheck(final String ufrag, final int socket, final TransportAddress from, final DirectBuffer in,
        final int offset, final int length, final long receivedNs) {
        final Handover inbox = steering.ofUfrag(ufrag);
        if (inbox == null) {
            stats.drop(DropReason.STUN_UNKNOWN_USER);
            return;
        }
        if (recent.size() >= CAPACITY / 2) {
            before = recent;
            recent = new HashMap<>();
        }
        recent.put(from, inbox);
        handOver(inbox, socket, from, in, offset, length, receivedNs);
    }

    /** DTLS or media of an address this lane does not know: handed on, or dropped. */
    void onDatagram(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs) {
        final Handover inbox = of(from);
        if (inbox == null) {
            stats.drop(DropReason.UNKNOWN_ADDRESS);
        } else {
            handOver(inbox, socket, from, in, offset, length, receivedNs);
        }
    }

    private @Nullable Handover of(final TransportAddress from) {
        final Handover inbox = recent.get(from);
        return inbox != null ? inbox : before.get(from);
    }

    private void handOver(final Handover inbox, final int socket, final TransportAddress from, final DirectBuffer in,
        final int offset, final int length, final long receivedNs) {
        if (!inbox.offer(socket, from, in, offset, length, receivedNs)) {
            stats.drop(DropReason.LANE_QUEUE_FULL);
            return;
        }
        stats.count(Counter.DATAGRAMS_HANDED_OVER);
        for (int i = 0; i < touchedCount; i++) {
            if (touched[i] == inbox) {
                return;
            }
        }
        touched[touchedCount++] = inbox;
    }

    /** Wakes the lanes that got something: once per turn, however much it was. */
    void endTurn() {
        for (int i = 0; i < touchedCount; i++) {
            touched[i].wake();
        }
        touchedCount = 0;
    }
}
