package org.chevet.relay.signal;

import io.netty.channel.Channel;
import org.chevet.relay.lane.RelayDoor;
import org.jspecify.annotations.Nullable;

/**
 * Lets media connections in by the HTTP port, within the bounds of {@link MediaGate}. Any thread.
 *
 * @param door to the lanes
 * @param stats of the port
 * @param gate bounds those no check has authenticated
 */
record MediaEntry(RelayDoor door, SignalStats stats, MediaGate gate) {
    /** What gathers the first check of a connection, or null when too many wait already. */
    @Nullable MediaArrival enter(final Channel channel) {
        final MediaGate.Place place = gate.enter(channel);
        if (place == null) {
            return null;
        }
        channel.closeFuture().addListener(closed -> place.giveBack());
        return new MediaArrival(door, stats, place);
    }
}
