package org.chevet.relay.egress;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/**
 * Where finished packets leave the routing stages: the lane seals them for one peer and hands them to the socket.
 *
 * <p>Use on the lane's thread: build the clear part at {@link #buffer()} from {@link #offset()}, then call one of
 * the two sends,
 * after which buffer and offset are the next packet's. Never blocks, never throws; a packet that cannot be sent
 * is counted.
 */
public interface EgressPort {
    /** In place of an arrival: the packet has no forwarding time. */
    long NOT_TIMED = Long.MIN_VALUE;

    /** The buffer the next packet is built in; at least 1500 bytes from {@link #offset()}. */
    MutableDirectBuffer buffer();

    /** Where in {@link #buffer()} the next packet starts. */
    int offset();

    /**
     * Sends an RTP packet: its header (with extensions) is the {@code headerLength} bytes at {@link #offset()};
     * the payload is read from
     * the given buffer, which may be the same one, and is only borrowed for the call.
     *
     * @param receivedNs when the packet arrived, for its forwarding time; {@link #NOT_TIMED} for a retransmission
     * @param keep takes a copy of what leaves, to send it again; null for nobody
     */
    void sendRtp(int peer, int headerLength, DirectBuffer payload, int payloadOffset, int payloadLength,
        TrafficClass traffic, long receivedNs, @Nullable SealedPackets keep, long nowNs);

    /** Sends a datagram that left before once more, byte by byte the same; the bytes are borrowed for the call. */
    void sendAgain(int peer, DirectBuffer sealed, int offset, int length, long nowNs);

    /** Sends the {@code length} bytes at {@link #offset()} as one compound RTCP packet. */
    void sendRtcp(int peer, int length, long nowNs);
}
