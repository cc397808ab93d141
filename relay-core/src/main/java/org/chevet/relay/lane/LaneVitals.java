package org.chevet.relay.lane;

import org.agrona.DirectBuffer;
import org.chevet.relay.lane.RelayDoor.VitalsLink;

/**
 * A vitals WebSocket's way into its consultation: no queue and no copy, because it lives on the lane's thread. Reads
 * the clock once per batch. Lane thread only.
 */
final class LaneVitals implements VitalsLink {
    private final Lane lane;
    private final Room room;
    private final int connection;
    private long batchNs = Long.MIN_VALUE;

    LaneVitals(final Lane lane, final Room room, final int connection) {
        this.lane = lane;
        this.room = room;
        this.connection = connection;
    }

    @Override
    public void receive(final DirectBuffer in, final int offset, final int length) {
        if (batchNs == Long.MIN_VALUE) {
            batchNs = lane.nowNs();
        }
        lane.onVitals(room, connection, in, offset, length, batchNs);
    }

    @Override
    public void endOfBatch() {
        batchNs = Long.MIN_VALUE;
        lane.wake();
    }

    @Override
    public void writable() {
        lane.onVitalsWritable(room, connection);
    }

    @Override
    public void closed() {
        lane.onVitalsClosed(room, connection, lane.nowNs());
    }
}
