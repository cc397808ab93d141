package org.chevet.relay.client;

import org.chevet.codec.rtp.RtpHeader;

/** Hears the media packets of a player; called on the connection's thread, must not block. */
@FunctionalInterface
public interface PacketListener {
    /**
     * A packet in the order of arrival: no padding-only packets, no duplicates; repaired ones come late.
     *
     * @param track index of the section in the player's offer
     * @param packet plain packet, borrowed for the call
     * @param payloadOffset where its payload starts in the packet's buffer
     * @param payloadLength bytes of payload; a repaired packet's without the retransmission header
     * @param sequence its sequence number; a repaired packet's original one
     */
    void onPacket(int track, RtpHeader packet, int payloadOffset, int payloadLength, int sequence);
}
