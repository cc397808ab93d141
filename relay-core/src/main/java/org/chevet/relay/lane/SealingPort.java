package org.chevet.relay.lane;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.egress.EgressPort;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.stream.SealedPackets;
import org.jspecify.annotations.Nullable;

/**
 * Between egress and the sockets: seals each packet for its peer, straight into the datagram that leaves. Lane
 * thread only.
 */
final class SealingPort implements EgressPort {
    /** Largest tag of the SRTP profiles, in bytes. */
    private static final int MAX_TAG = 16;

    private final PeerTable peers;
    private final LaneStats stats;
    private @Nullable DatagramPort port;
    private final ForwardingTimes times;

    SealingPort(final PeerTable peers, final LaneStats stats) {
        this.peers = peers;
        this.stats = stats;
        this.times = new ForwardingTimes(stats);
    }

    /** The port of this turn. */
    void attach(final DatagramPort turnPort) {
        port = turnPort;
    }

    /** What was sent is in the kernel: records how long it took. */
    void handedOver(final long nowNs) {
        times.handedOver(nowNs);
    }

    @Override
    public MutableDirectBuffer buffer() {
        return port().buffer();
    }

    @Override
    public int offset() {
        return port().offset();
    }

    @Override
    public void sendRtp(final int peer, final int headerLength, final DirectBuffer payload, final int payloadOffset,
        final int payloadLength, final TrafficClass traffic, final long receivedNs, final @Nullable SealedPackets keep,
        final long nowNs) {
        final PeerSession to = secured(peer);
        if (to == null) {
            return;
        }
        final DatagramPort out = port();
        if (headerLength + payloadLength + MAX_TAG > DatagramPort.CAPACITY) {
            stats.drop(DropReason.PACKET_TOO_LARGE);
            return;
        }
        final int length = to.protectRtp(out.buffer(), out.offset(), headerLength, payload, payloadOffset,
            payloadLength);
        if (length < 0) {
            stats.drop(DropReason.SEAL_FAILED);
            return;
        }
        if (keep != null) {
            keep.add(out.buffer(), out.offset(), length);
        }
        out.send(to.socket(), to.remote(), length);
        if (receivedNs != NOT_TIMED) {
            times.sent(traffic, receivedNs);
        }
    }

    @Override
    public void sendAgain(final int peer, final DirectBuffer sealed, final int offset, final int length,
        final long nowNs) {
        final PeerSession to = secured(peer);
        if (to == null) {
            return;
        }
        final DatagramPort out = port();
        out.buffer().putBytes(out.offset(), sealed, offset, length);
        out.send(to.socket(), to.remote(), length);
    }

    @Override
    public void sendRtcp(final int peer, final int length, final long nowNs) {
        final PeerSession to = secured(peer);
        if (to == null) {
            return;
        }
        final DatagramPort out = port();
        final int sealed = to.protectRtcp(out.buffer(), out.offset(), length);
        if (sealed < 0) {
            stats.drop(DropReason.SEAL_FAILED);
            return;
        }
        out.send(to.socket(), to.remote(), sealed);
    }

    /** The session of a peer that may be sent to; null, and counted, when there is none. */
    private @Nullable PeerSession secured(final int peer) {
        final Peer to = peers.at(peer);
        if (to == null || !to.session().isSecure()) {
            stats.drop(DropReason.NOT_ADMITTED);
            return null;
        }
        return to.session();
    }

    private DatagramPort port() {
        final DatagramPort current = port;
        if (current == null) {
            throw new IllegalStateException("egress outside of a lane's turn");
        }
        return current;
    }
}
