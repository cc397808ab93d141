package org.chevet.relay.lane;

import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.chevet.relay.stats.LaneStats;

/**
 * What a lane is given: everything it may not take for itself.
 *
 * @param index of the lane
 * @param stats its counters
 * @param limits its bounds
 * @param addresses what answers advertise for it
 * @param sessions opens the transport of a peer
 * @param proxy its door, for wake-ups
 * @param randomSsrc SSRCs of the relay, never 0
 * @param randomEpoch numbers that tell one memory of vitals streams from another
 * @param utcOffsetNs UTC in nanoseconds since 1970 minus the lane's clock
 * @param clock the lane's clock in nanoseconds, for what arrives on its thread beside datagrams
 * @param steering the way to other lanes that share the port
 */
public record LaneContext(int index, LaneStats stats, LaneLimits limits, MediaAddresses addresses,
    SessionFactory sessions, LaneProxy proxy, IntSupplier randomSsrc, LongSupplier randomEpoch, long utcOffsetNs,
    LongSupplier clock, Steering steering) {
}
