package org.chevet.relay.client;

/**
 * Counters of a published track; a snapshot.
 *
 * @param mid its media section
 * @param packets RTP packets sent, retransmissions not counted
 * @param bytes their payload bytes
 * @param frames frames given
 * @param retransmitted packets sent again on request
 * @param keyFrameRequests PLI and FIR received
 * @param unsent packets the transport did not take
 * @param lostByRelay packets the relay reported lost (RTCP), cumulative
 */
public record SentReport(String mid, long packets, long bytes, long frames, long retransmitted, long keyFrameRequests,
    long unsent, long lostByRelay) {
}
