package org.chevet.relay.lane;

import org.chevet.relay.bwe.BweConfig;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.vitals.VitalsLimits;

/**
 * Bounds of one lane. Immutable.
 *
 * @param slabSlots packets held in memory, 2 KiB each
 * @param maxPeers peer connections on the lane
 * @param maxParticipants participants of one consultation
 * @param handshakeTimeoutNs ICE and DTLS must be done in this time
 * @param idleTimeoutNs a peer that sends nothing authenticated for this long is closed (RFC 7675: 30 s)
 * @param vitals bounds of the device streams of one consultation
 * @param bandwidth bounds of the estimate of each receiver's link
 * @param endToEnd of consultations that are opened without a policy of their own
 */
public record LaneLimits(int slabSlots, int maxPeers, int maxParticipants, long handshakeTimeoutNs, long idleTimeoutNs,
    VitalsLimits vitals, BweConfig bandwidth, EndToEndPolicy endToEnd) {
    private static final long SECOND_NS = 1_000_000_000L;

    /** 16 MiB of packets, 4096 peers, 64 participants, 15 s for the handshake, 30 s of silence. */
    public static LaneLimits defaults() {
        return new LaneLimits(8192, 4096, 64, 15 * SECOND_NS, 30 * SECOND_NS, VitalsLimits.defaults(),
            BweConfig.defaults(), EndToEndPolicy.ALLOWED);
    }

    /**
     * The same with other bounds of the estimate of each receiver's link, in bit/s: where it starts, what it never
     * falls below, and what it never exceeds.
     */
    public LaneLimits withBandwidth(final long startBps, final long floorBps, final long ceilingBps) {
        return new LaneLimits(slabSlots, maxPeers, maxParticipants, handshakeTimeoutNs, idleTimeoutNs, vitals,
            new BweConfig(startBps, floorBps, ceilingBps), endToEnd);
    }
}
