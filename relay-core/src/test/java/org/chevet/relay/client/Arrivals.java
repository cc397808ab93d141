package org.chevet.relay.client;

import org.chevet.codec.rtp.RtpHeader;

/** Counts packets and the longest time between two that followed each other. Safe on any thread. */
final class Arrivals implements PacketListener {
    private long lastNs;
    private long longestNs;
    private long count;

    @Override
    public synchronized void onPacket(final int track, final RtpHeader packet, final int payload, final int length,
        final int sequence) {
        final long nowNs = System.nanoTime();
        if (count++ > 0) {
            longestNs = Math.max(longestNs, nowNs - lastNs);
        }
        lastNs = nowNs;
    }

    synchronized long count() {
        return count;
    }

    synchronized long longestMs() {
        return longestNs / 1_000_000;
    }
}
