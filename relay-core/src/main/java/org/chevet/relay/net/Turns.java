package org.chevet.relay.net;

import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.lane.LaneTurns;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a lane after the other, whoever waits for the sockets. Lane thread only.
 *
 * <pre>
 *   readable -&gt; batch in -&gt; lane.onDatagram for each -&gt; endTurn -&gt; batch out -&gt; handedOver
 * </pre>
 */
final class Turns {
    /** Batches read before other work of the thread (commands, timers, other sockets) gets its turn. */
    static final int MAX_BATCHES = 4;

    private final LaneStats stats;
    private final LongSupplier clock;
    private @Nullable MediaSockets sockets;
    private @Nullable LaneTurns lane;

    Turns(final LaneStats stats, final LongSupplier clock) {
        this.stats = stats;
        this.clock = clock;
    }

    /** From now on datagrams go to the lane; they are dropped before. */
    void run(final LaneTurns newLane, final MediaSockets itsSockets) {
        sockets = itsSockets;
        lane = newLane;
    }

    LaneStats stats() {
        return stats;
    }

    long nowNs() {
        return clock.getAsLong();
    }

    /** Reads what a socket has, batch by batch, each with its own turn of the lane; returns the datagrams read. */
    int onReadable(final int socket, final ReceiveBatch batch) {
        int total = 0;
        for (int batches = 0; batches < MAX_BATCHES; batches++) {
            final int asked = batch.width();
            final int count = batch.receive();
            stats.count(Counter.RECEIVE_CALLS);
            if (count == 0) {
                return total;
            }
            total += count;
            onBatch(socket, batch, count);
            endTurn();
            if (count < asked) {
                return total;
            }
        }
        return total;
    }

    private void onBatch(final int socket, final ReceiveBatch batch, final int count) {
        final long nowNs = clock.getAsLong();
        for (int i = 0; i < count; i++) {
            final TransportAddress from = batch.sender(i);
            final int length = batch.length(i);
            if (from == null || length < 0) {
                stats.drop(DropReason.PACKET_TOO_LARGE);
            } else {
                onDatagram(socket, from, batch.buffer(), batch.offset(i), length, nowNs - batch.ageNs(i), nowNs);
            }
        }
    }

    /** One datagram for the lane. */
    void onDatagram(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        final LaneTurns turns = lane;
        if (turns != null) {
            stats.count(Counter.DATAGRAMS_RECEIVED);
            stats.add(Counter.BYTES_RECEIVED, length);
            turns.onDatagram(socket, from, in, offset, length, receivedNs, nowNs);
        }
    }

    /** Ends the turn: lets the lane write, and flushes the sockets. */
    void endTurn() {
        final LaneTurns turns = lane;
        final MediaSockets out = sockets;
        if (turns != null && out != null) {
            turns.endTurn(out, clock.getAsLong());
            out.flush();
            turns.handedOver(clock.getAsLong());
        }
    }

    boolean isBound(final int socket) {
        final LaneTurns turns = lane;
        return turns != null && turns.isBound(socket);
    }

    void onStreamClosed(final int socket) {
        final LaneTurns turns = lane;
        if (turns != null) {
            turns.onStreamClosed(socket);
        }
    }

    /** When the lane wants a turn though nothing arrives. */
    long nextDeadlineNs() {
        final LaneTurns turns = lane;
        return turns == null ? Long.MAX_VALUE : turns.nextDeadlineNs();
    }
}
