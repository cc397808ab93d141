package org.chevet.relay.lane;

import java.util.Arrays;
import org.chevet.relay.lane.RelayDoor.Link;

/** A WebSocket's way into its consultation: every call becomes a command of the lane. Safe on any thread. */
final class RoomLink implements Link {
    private final Door door;
    private final Receiver receiver;
    private final LaneProxy.Command onWritable;
    private final LaneProxy.Command onClosed;

    RoomLink(final Door door, final Receiver receiver, final LaneProxy.Command onWritable,
        final LaneProxy.Command onClosed) {
        this.door = door;
        this.receiver = receiver;
        this.onWritable = onWritable;
        this.onClosed = onClosed;
    }

    /** Puts a command for the consultation; false when the lane's queue is full. */
    interface Door {
        /** As {@link LaneProxy#offer}. */
        boolean offer(LaneProxy.Command command);

        /** As {@link LaneProxy#offerLast}. */
        void offerLast(LaneProxy.Command command);
    }

    /** Takes one message, on the lane's thread. */
    @FunctionalInterface
    interface Receiver {
        void receive(byte[] message, long nowNs);
    }

    @Override
    public boolean receive(final byte[] message, final int offset, final int length) {
        final byte[] copy = Arrays.copyOfRange(message, offset, offset + length);
        return door.offer(nowNs -> receiver.receive(copy, nowNs));
    }

    @Override
    public void writable() {
        // When the queue is full the lane is awake anyway; the next flush of the socket asks again.
        door.offer(onWritable);
    }

    @Override
    public void closed() {
        door.offerLast(onClosed);
    }
}
