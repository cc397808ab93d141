package org.chevet.relay.route;

import java.util.List;
import org.agrona.DirectBuffer;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.LaneStats;

/**
 * The media of one consultation: plaintext RTP and RTCP in, plaintext RTP and RTCP out through
 * {@link org.chevet.relay.egress.Egress}.
 *
 * <p>Lane thread only. The packet path neither allocates, locks nor throws; adding and removing peers allocates.
 */
public final class MediaRouter {
    /** {@link #addPeer} did it. */
    public static final int ADDED = 0;
    /** {@link #addPeer}: that peer number is in use. */
    public static final int PEER_EXISTS = -1;
    /** {@link #addPeer}: {@link #MAX_PEERS} or {@link #MAX_SECTIONS} reached. */
    public static final int TOO_MANY = -2;
    /** What {@link #onRtp} and {@link #onRtcp} return for what was dropped and counted. */
    public static final int DROPPED = -1;
    /** Bound on the peers of one consultation. */
    public static final int MAX_PEERS = 256;
    /** Bound on the media sections of one peer. */
    public static final int MAX_SECTIONS = 32;

    private final PacketSlab slab;
    private final LaneStats stats;

    /** Hears what changes for the roster. Called on the lane's thread inside addPeer and removePeer. */
    public interface Listener {
        /**
         * A section of a subscriber carries another publication from now on.
         *
         * @param peer subscriber
         * @param mid its section
         * @param publication publication id, or {@link PeerMedia#ANY} when the section is free again
         */
        void onBinding(int peer, String mid, int publication);
    }

    /**
     * An empty router.
     *
     * @param slab packet memory of the lane
     * @param stats counters of the lane
     * @param listener hears binding changes
     * @param rtcpSsrc SSRC of the relay's own RTCP towards publishers: random, not 0
     * @param cname SDES CNAME of the relay itself, 1 to 255 bytes (RFC 7022)
     */
    public MediaRouter(final PacketSlab slab, final LaneStats stats, final Listener listener, final int rtcpSsrc,
        final String cname) {
        this.slab = slab;
        this.stats = stats;
    }

    /**
     * Admits a peer: its publications exist, or its subscriptions are bound or parked, when this returns.
     *
     * @param peer number of the peer, not negative, as in {@code EgressPort}
     * @return {@link #ADDED}, or {@link #PEER_EXISTS} or {@link #TOO_MANY} with nothing changed
     */
    public int addPeer(final int peer, final PeerMedia media, final long nowNs) {
        return TOO_MANY;
    }

    /** Removes a peer with its publications or subscriptions and gives back all slots it held. Unknown: nothing. */
    public void removePeer(final int peer, final long nowNs) {
    }

    /**
     * Takes one RTP packet of a publisher.
     *
     * @param peer who sent it
     * @param slot slot it was decrypted into; one reference passes to the router, whatever comes of the packet
     * @param offset where the RTP header starts in the slab's buffer: {@code slab.offset(slot)}
     * @param length bytes of header and payload without the SRTP tag
     * @param receivedNs when the datagram was read from the socket
     * @return copies queued for subscribers, 0 or more, or {@link #DROPPED}
     */
    public int onRtp(final int peer, final int slot, final int offset, final int length, final long receivedNs,
        final long nowNs) {
        slab.release(slot);
        stats.drop(org.chevet.relay.stats.DropReason.RTP_UNKNOWN_STREAM);
        return DROPPED;
    }

    /**
     * Takes one RTCP packet, compound or reduced-size; the bytes are borrowed for the call.
     *
     * @return packets of the compound understood, or {@link #DROPPED}
     */
    public int onRtcp(final int peer, final DirectBuffer in, final int offset, final int length, final long nowNs) {
        return DROPPED;
    }

    /** Does what is due: reports, feedback, repair and key frame requests. Flush the egress afterwards. */
    public void handleTimeout(final long nowNs) {
    }

    /** When {@link #handleTimeout} has something to do, or {@code Long.MAX_VALUE}. */
    public long nextDeadlineNs() {
        return Long.MAX_VALUE;
    }

    /** Current publications in order of arrival. Allocates: for signalling, not for the packet path. */
    public List<PublicationInfo> publications() {
        return List.of();
    }

    /** The publication a subscriber's section carries now, or {@link PeerMedia#ANY}. */
    public int bound(final int peer, final String mid) {
        return PeerMedia.ANY;
    }

    /** Gives back every slot: the end of the consultation. */
    public void close() {
    }
}
