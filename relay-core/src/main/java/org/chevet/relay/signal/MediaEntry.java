package org.chevet.relay.signal;

import io.netty.channel.Channel;
import org.chevet.relay.lane.RelayDoor;
import org.jspecify.annotations.Nullable;

/**
 * Lets media connections in by the HTTP port, within the bounds of two gates. Any thread.
 *
 * @param door to the lanes
 * @param stats of the port
 * @param unnamed bounds those whose first check is not whole yet, or names no peer
 * @param unproven bounds those whose check names a peer, until one was authenticated
 */
record MediaEntry(RelayDoor door, SignalStats stats, MediaGate unnamed, MediaGate unproven) {
    MediaEntry(final RelayDoor door, final SignalStats stats) {
        this(door, stats, new MediaGate(stats), new MediaGate(stats));
    }

    /** What gathers the first check of a connection. */
    MediaArrival arrival() {
        return new MediaArrival(this);
    }

    /** A place for a connection whose check is not whole; null when it closed already. */
    MediaGate.@Nullable Place await(final Channel channel) {
        return unnamed.enter(channel);
    }

    /** A place for a connection whose check names a peer; null when it closed already. */
    MediaGate.@Nullable Place prove(final Channel channel) {
        return unproven.enter(channel);
    }
}
