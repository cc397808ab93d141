package org.chevet.relay.route;

/**
 * Which time is which RTP timestamp of a section as its subscriber sees it.
 *
 * @param mid the section
 * @param clockRate RTP clock in Hz
 * @param timestamp RTP timestamp, unsigned 32 bits
 * @param laneNs the lane's clock when the media of this timestamp was captured, as the publisher's reports say
 * @param uncertaintyNs bound of the error, plus or minus
 */
public record MediaTime(String mid, int clockRate, long timestamp, long laneNs, long uncertaintyNs) {
}
