package org.chevet.relay.lane;

import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.RelayDoor.Link;

/** A session WebSocket's way into its consultation: every call becomes a command of the lane. Safe on any thread. */
final class RoomLink implements Link {
    private final int number;
    private final Door door;
    private final Receiver receiver;
    private final Closer closer;

    RoomLink(final int number, final Door door, final Receiver receiver, final Closer closer) {
        this.number = number;
        this.door = door;
        this.receiver = receiver;
        this.closer = closer;
    }

    /** Puts a command for the consultation; false when the lane's queue is full. */
    interface Door {
        /** As {@link LaneProxy#offer}. */
        boolean offer(LaneProxy.Command command);

        /** As {@link LaneProxy#offerLast}. */
        void offerLast(LaneProxy.Command command);
    }

    /** Takes one request, on the lane's thread. */
    @FunctionalInterface
    interface Receiver {
        void receive(SessionRequest request, long nowNs);
    }

    /** Hears of the end, on the lane's thread. */
    @FunctionalInterface
    interface Closer {
        void closed(Ending ending, long nowNs);
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public boolean receive(final SessionRequest request) {
        return door.offer(nowNs -> receiver.receive(request, nowNs));
    }

    @Override
    public void closed(final Ending ending) {
        door.offerLast(nowNs -> closer.closed(ending, nowNs));
    }
}
