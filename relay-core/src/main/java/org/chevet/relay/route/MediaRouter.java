package org.chevet.relay.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.codec.payload.Vp8Descriptor;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.codec.rtp.Red;
import org.chevet.codec.rtp.RtpExtensions;
import org.chevet.codec.rtp.RtpHeader;
import org.chevet.codec.rtp.RtpHeaderWriter;
import org.chevet.relay.bwe.BweConfig;
import org.chevet.relay.bwe.ExamMode;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stream.AudioLevel;
import org.jspecify.annotations.Nullable;

/**
 * The media of one consultation: plaintext RTP and RTCP in, plaintext RTP and RTCP out through
 * {@link org.chevet.relay.egress.Egress}.
 *
 * <p>The path of a packet: {@link #onRtp} parses it, {@link PublisherSide} finds its layer, repairs and counts it,
 * each {@link Subscription} of the publication queues or drops it, and at the flush {@link Subscription#pollRtp}
 * rewrites its header. The payload stays in its slot until it is sealed. See {@code relay-core/docs/route.md}.
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

    final PacketSlab slab;
    final LaneStats stats;
    final int rtcpSsrc;
    final byte[] cname;
    final RtpExtensions extensions = new RtpExtensions();
    final Packet packet;
    final Packet laterPacket;
    final Packet sendPacket;
    final KeyFrameDetector keyFrames = new KeyFrameDetector();
    final RewrittenPayload rewritten = new RewrittenPayload();
    final Vp8Descriptor vp8 = new Vp8Descriptor();
    final Red red = new Red();
    final RtcpWriter rtcpWriter = new RtcpWriter();
    final RtpHeaderWriter headerWriter = new RtpHeaderWriter();
    final TransportFeedbackWriter feedbackWriter = new TransportFeedbackWriter();
    final Ladder ladder = new Ladder();
    private final Listener listener;
    final BweConfig bandwidth;
    private final RtpHeader header = new RtpHeader();
    private final RtcpReader rtcpReader;
    private final Int2ObjectHashMap<PeerSide> peers = new Int2ObjectHashMap<>();
    private final List<PublisherSide> publishers = new ArrayList<>();
    private final List<SubscriberSide> subscribers = new ArrayList<>();
    private final ArrayList<PeerSide> ready = new ArrayList<>(MAX_PEERS);
    private ExamMode examMode = ExamMode.NORMAL;
    private long lastNs = Long.MIN_VALUE;
    private int lastSource = Rewriter.NO_SOURCE;
    private int lastPublication = -1;
    /** When a subscriber's packets that had to wait may leave. */
    private long pacedNs = Long.MAX_VALUE;

    /**
     * Hears what changes for the roster and for publishers. Called on the lane's thread from inside the router's
     * methods, which must not be called from here.
     */
    public interface Listener {
        /**
         * A section of a subscriber carries another publication from now on.
         *
         * @param peer subscriber
         * @param mid its section
         * @param publication publication id, or {@link PeerMedia#ANY} when the section is free again
         */
        void onBinding(int peer, String mid, int publication);

        /** Subscribers want more or less of a video than its publisher was last told; at first they want all. */
        default void onLayerDemand(final LayerDemand demand) {
        }
    }

    /**
     * An empty router with the usual bounds of bandwidth; see the other constructor.
     */
    public MediaRouter(final PacketSlab slab, final LaneStats stats, final Listener listener, final int rtcpSsrc,
        final String cname) {
        this(slab, stats, listener, rtcpSsrc, cname, BweConfig.defaults());
    }

    /**
     * An empty router.
     *
     * @param slab packet memory of the lane
     * @param stats counters of the lane
     * @param listener hears binding changes
     * @param rtcpSsrc SSRC of the relay's own RTCP towards publishers: random, not 0
     * @param cname SDES CNAME of the relay itself, 1 to 255 bytes (RFC 7022)
     * @param bandwidth bounds of the estimate of each subscriber's link
     */
    public MediaRouter(final PacketSlab slab, final LaneStats stats, final Listener listener, final int rtcpSsrc,
        final String cname, final BweConfig bandwidth) {
        this.bandwidth = bandwidth;
        this.slab = slab;
        this.stats = stats;
        this.listener = listener;
        this.rtcpSsrc = rtcpSsrc;
        this.cname = cname.getBytes(StandardCharsets.UTF_8);
        packet = new Packet(slab);
        laterPacket = new Packet(slab);
        sendPacket = new Packet(slab);
        rtcpReader = new RtcpReader(stats);
    }

    /**
     * Admits a peer: its publications exist, or its subscriptions are bound or parked, when this returns.
     *
     * @param peer number of the peer, not negative, as in {@code EgressPort}
     * @return {@link #ADDED}, or {@link #PEER_EXISTS} or {@link #TOO_MANY} with nothing changed
     */
    public int addPeer(final int peer, final PeerMedia media, final long nowNs) {
        if (peers.containsKey(peer)) {
            return PEER_EXISTS;
        }
        if (peers.size() >= MAX_PEERS || media.sections().size() > MAX_SECTIONS) {
            return TOO_MANY;
        }
        if (media.publisher()) {
            final PublisherSide side = new PublisherSide(this, peer, media);
            peers.put(peer, side);
            publishers.add(side);
            for (final Publication publication : side.publications) {
                offerToAll(publication, nowNs);
            }
        } else {
            final SubscriberSide side = new SubscriberSide(this, peer, media, nowNs);
            peers.put(peer, side);
            subscribers.add(side);
            bindRequested(side, nowNs);
            bindFree(side, nowNs);
        }
        return ADDED;
    }

    /** Removes a peer with its publications or subscriptions and gives back all slots it held. Unknown: nothing. */
    public void removePeer(final int peer, final long nowNs) {
        final PeerSide side = peers.remove(peer);
        switch (side) {
            case SubscriberSide subscriber -> {
                subscribers.remove(subscriber);
                for (final Subscription subscription : subscriber.offered) {
                    subscription.unbind();
                }
                if (subscriber.media.group() != PeerMedia.ALONE) {
                    // What it carried may find a section in another connection of its group.
                    subscribers.forEach(other -> bindFree(other, nowNs));
                }
            }
            case PublisherSide publisher -> {
                publishers.remove(publisher);
                for (final Publication publication : publisher.publications) {
                    release(publication);
                }
                publisher.end();
                // Another publication may have waited for the sections that are free now.
                subscribers.forEach(subscriber -> bindFree(subscriber, nowNs));
            }
            case null -> { }
        }
        if (side != null && side.ready) {
            ready.remove(side);
        }
    }

    private void release(final Publication publication) {
        for (final Subscription subscription : publication.subscriptions.clone()) {
            subscription.unbind();
            subscription.requested = PeerMedia.ANY;
            listener.onBinding(subscription.subscriber.peer, subscription.section.mid(), PeerMedia.ANY);
        }
    }

    private void bindRequested(final SubscriberSide side, final long nowNs) {
        for (final Subscription subscription : side.offered) {
            final Publication publication = publication(subscription.requested);
            if (publication != null && publication.section.kind() == subscription.section.kind()
                && side.mayReceive(publication) && !isCarried(side, publication)) {
                bind(subscription, publication, nowNs);
            }
        }
    }

    private void bindFree(final SubscriberSide side, final long nowNs) {
        for (final PublisherSide publisher : publishers) {
            for (final Publication publication : publisher.publications) {
                offer(side, publication, nowNs);
            }
        }
    }

    private void offerToAll(final Publication publication, final long nowNs) {
        for (final SubscriberSide side : subscribers) {
            offer(side, publication, nowNs);
        }
    }

    private void offer(final SubscriberSide side, final Publication publication, final long nowNs) {
        if (side.mayReceive(publication) && !isCarried(side, publication)) {
            final Subscription free = side.freeFor(publication);
            if (free != null) {
                bind(free, publication, nowNs);
            }
        }
    }

    /** True when the subscriber, or another connection of its group, carries the publication. */
    private boolean isCarried(final SubscriberSide side, final Publication publication) {
        if (side.media.group() == PeerMedia.ALONE) {
            return side.carries(publication);
        }
        for (final SubscriberSide other : subscribers) {
            if (other.media.group() == side.media.group() && other.carries(publication)) {
                return true;
            }
        }
        return false;
    }

    private void bind(final Subscription subscription, final Publication publication, final long nowNs) {
        subscription.bind(publication, nowNs);
        if (publication.isVideo()) {
            publication.wanted.report(nowNs);
        }
        listener.onBinding(subscription.subscriber.peer, subscription.section.mid(), publication.id);
    }

    private @Nullable Publication publication(final int id) {
        for (final PublisherSide publisher : publishers) {
            for (final Publication publication : publisher.publications) {
                if (publication.id == id) {
                    return publication;
                }
            }
        }
        return null;
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
        stats.count(Counter.RTP_RECEIVED);
        lastNs = nowNs;
        final int copies = receive(peer, slot, offset, length, receivedNs, nowNs);
        slab.release(slot);
        return copies;
    }

    private int receive(final int peer, final int slot, final int offset, final int length, final long receivedNs,
        final long nowNs) {
        if (!(peers.get(peer) instanceof PublisherSide publisher)) {
            return drop(DropReason.RTP_UNKNOWN_STREAM);
        }
        if (offset < slab.offset(slot) || length > slab.metaOffset(slot) - offset) {
            return drop(DropReason.PACKET_TOO_LARGE);
        }
        if (!header.wrapPlain(slab.buffer(), offset, length)) {
            return drop(DropReason.RTP_MALFORMED);
        }
        return publisher.onRtp(header, slot, receivedNs, nowNs);
    }

    /**
     * Takes one RTCP packet, compound or reduced-size; the bytes are borrowed for the call.
     *
     * @return packets of the compound understood, or {@link #DROPPED}
     */
    public int onRtcp(final int peer, final DirectBuffer in, final int offset, final int length, final long nowNs) {
        stats.count(Counter.RTCP_RECEIVED);
        lastNs = nowNs;
        final PeerSide side = peers.get(peer);
        if (side == null) {
            return drop(DropReason.NOT_ADMITTED);
        }
        if (!rtcpReader.wrap(in, offset, length)) {
            return drop(DropReason.RTCP_MALFORMED);
        }
        side.handleRtcp(rtcpReader, nowNs);
        return rtcpReader.understood();
    }

    /** Does what is due: reports, feedback, repair and key frame requests. Flush the egress afterwards. */
    public void handleTimeout(final long nowNs) {
        lastNs = nowNs;
        for (int i = 0; i < publishers.size(); i++) {
            publishers.get(i).handleTimeout(nowNs);
        }
        if (nowNs >= pacedNs) {
            wakePaced(nowNs);
        }
    }

    private void wakePaced(final long nowNs) {
        pacedNs = Long.MAX_VALUE;
        for (int i = 0; i < subscribers.size(); i++) {
            final SubscriberSide side = subscribers.get(i);
            if (nowNs >= side.control.nextDeadlineNs()) {
                side.control.handleTimeout(nowNs);
                makeReady(side);
            }
            pacedNs = Math.min(pacedNs, side.control.nextDeadlineNs());
        }
    }

    /** When {@link #handleTimeout} has something to do, or {@code Long.MAX_VALUE}. */
    public long nextDeadlineNs() {
        long soonest = pacedNs;
        for (int i = 0; i < publishers.size(); i++) {
            soonest = Math.min(soonest, publishers.get(i).nextDeadlineNs());
        }
        return Math.max(soonest, lastNs);
    }

    /**
     * Says whether the transport of a peer can take packets. A peer counts as connected until said otherwise;
     * while it is
     * not, nothing is queued for it, and a key frame is asked for when it is again. Unknown peer: nothing.
     */
    public void setConnected(final int peer, final boolean connected, final long nowNs) {
        final PeerSide side = peers.get(peer);
        if (side == null || side.connected == connected) {
            return;
        }
        side.connected = connected;
        if (side instanceof SubscriberSide subscriber) {
            for (final Subscription subscription : subscriber.subscriptions) {
                subscription.setConnected(connected, nowNs);
            }
        }
    }

    /**
     * Stops or resumes the forwarding of a publication. A muted one sends its subscribers nothing and costs its
     * publisher no requests; when it returns, video starts at a key frame, which is asked for.
     *
     * @return false when there is no such publication
     */
    public boolean mute(final int id, final boolean muted, final long nowNs) {
        final Publication publication = publication(id);
        if (publication == null) {
            return false;
        }
        if (publication.muted != muted) {
            publication.muted = muted;
            for (final Subscription subscription : publication.subscriptions) {
                subscription.setConnected(subscription.subscriber.connected && !muted, nowNs);
            }
        }
        return true;
    }

    /** True when the publication is muted; false also when there is none. */
    public boolean isMuted(final int id) {
        final Publication publication = publication(id);
        return publication != null && publication.muted;
    }

    /**
     * How loud a publication is, as its publisher says (RFC 6464), smoothed.
     *
     * @return dBov, {@link AudioLevel#SILENT} for one that is muted, silent, or not there
     */
    public int audioLevelDbov(final int id, final long nowNs) {
        final Publication publication = publication(id);
        return publication == null || publication.muted ? AudioLevel.SILENT : publication.level.dbov(nowNs);
    }

    /** Current publications in order of arrival. Allocates: for signalling, not for the packet path. */
    public List<PublicationInfo> publications() {
        final List<PublicationInfo> all = new ArrayList<>();
        for (final PublisherSide publisher : publishers) {
            for (final Publication publication : publisher.publications) {
                all.add(publication.info());
            }
        }
        return all;
    }

    /** The publication a subscriber's section carries now, or {@link PeerMedia#ANY}. */
    public int bound(final int peer, final String mid) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            for (final Subscription subscription : side.offered) {
                if (subscription.section.mid().equals(mid)) {
                    return subscription.bound();
                }
            }
        }
        return PeerMedia.ANY;
    }

    /** The times of a subscriber's sections, where they are known. */
    public List<MediaTime> mediaTimes(final int peer, final long nowNs) {
        final List<MediaTime> times = new ArrayList<>();
        if (peers.get(peer) instanceof SubscriberSide side) {
            for (final Subscription subscription : side.offered) {
                final MediaTime time = subscription.mediaTime(nowNs);
                if (time != null) {
                    times.add(time);
                }
            }
        }
        return times;
    }

    /**
     * Limits the scalability layers (SVC, temporal) a subscriber's section gets; simulcast layers are chosen apart.
     *
     * @param maxSpatial highest spatial layer, 0 to 127
     * @param maxTemporal highest temporal layer, 0 to 127
     * @return false when there is no such section
     */
    public boolean limitLayers(final int peer, final String mid, final int maxSpatial, final int maxTemporal) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            for (final Subscription subscription : side.offered) {
                if (subscription.section.mid().equals(mid)) {
                    subscription.limitLayers(maxSpatial, maxTemporal, lastNs);
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Says what a subscriber wants of the video in one of its sections. It stays with the section, whatever video that
     * carries, until the next wish; {@link VideoWish#ANY} takes it back.
     *
     * @return false when the peer has no such video section
     */
    public boolean wish(final int peer, final String mid, final VideoWish wish, final long nowNs) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            for (final Subscription subscription : side.offered) {
                if (subscription.isVideo() && subscription.section.mid().equals(mid)) {
                    takeWish(subscription, wish, nowNs);
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Says what a subscriber wants of a video, in the section that carries it now.
     *
     * @param publication publication id
     * @return false when the peer receives no such video
     */
    public boolean wish(final int peer, final int publication, final VideoWish wish, final long nowNs) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            for (final Subscription subscription : side.offered) {
                if (subscription.isVideo() && publication >= 0 && subscription.bound() == publication) {
                    takeWish(subscription, wish, nowNs);
                    return true;
                }
            }
        }
        return false;
    }

    private void takeWish(final Subscription subscription, final VideoWish wish, final long nowNs) {
        lastNs = Math.max(lastNs, nowNs);
        subscription.wish(wish, nowNs);
        if (subscription.publication != null) {
            subscription.publication.wanted.report(nowNs);
        }
    }

    /** Switches what the consultation is doing: every subscriber's bandwidth is divided anew at once. */
    public void examMode(final ExamMode mode, final long nowNs) {
        lastNs = Math.max(lastNs, nowNs);
        examMode = mode;
        divideAll(nowNs);
    }

    /** What the consultation is doing. */
    public ExamMode examMode() {
        return examMode;
    }

    /**
     * Says what a video is for: one with a profile other than BALANCED counts as scope or guided video whatever its
     * label says.
     *
     * @return false when there is no such video
     */
    public boolean profile(final int publication, final VideoProfile profile, final long nowNs) {
        final Publication named = publication(publication);
        if (named == null || !named.isVideo()) {
            return false;
        }
        lastNs = Math.max(lastNs, nowNs);
        named.profile(profile);
        for (final Subscription subscription : named.subscriptions) {
            subscription.subscriber.share.divideAnew(subscription, nowNs);
        }
        return true;
    }

    /**
     * Says how much of a subscriber's bandwidth its device streams take, which do not pass the router; 0 until told.
     *
     * @param rateBps bits per second, headers included
     * @return false when there is no such subscriber
     */
    public boolean onVitalsRate(final int peer, final long rateBps, final long nowNs) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            lastNs = Math.max(lastNs, nowNs);
            side.share.vitalsRate(rateBps, nowNs);
            return true;
        }
        return false;
    }

    /**
     * Bounds what is sent to a subscriber, as on a metered connection; what its link takes bounds it anyway.
     *
     * @param rateBps bits per second with headers and device streams, or {@code Long.MAX_VALUE} for no bound
     * @return false when there is no such subscriber
     */
    public boolean limitBandwidth(final int peer, final long rateBps, final long nowNs) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            lastNs = Math.max(lastNs, nowNs);
            side.share.limit(rateBps, nowNs);
            return true;
        }
        return false;
    }

    private void divideAll(final long nowNs) {
        for (final SubscriberSide side : subscribers) {
            side.share.divide(nowNs);
        }
    }

    void tell(final LayerDemand demand) {
        listener.onLayerDemand(demand);
    }

    /** Gives back every slot: the end of the consultation. The listener hears nothing more. */
    public void close() {
        for (final SubscriberSide side : subscribers) {
            for (final Subscription subscription : side.offered) {
                subscription.unbind();
            }
        }
        publishers.forEach(PublisherSide::end);
        peers.clear();
        subscribers.clear();
        publishers.clear();
        ready.clear();
    }

    /** Peers with something to send: for the egress. */
    public int readyCount() {
        return ready.size();
    }

    /** One of the peers with something to send, 0 to {@link #readyCount()} - 1. */
    public PeerSide ready(final int index) {
        return ready.get(index);
    }

    /** All ready peers were drained. */
    public void drained() {
        for (int i = 0; i < ready.size(); i++) {
            final PeerSide side = ready.get(i);
            side.ready = false;
            if (side instanceof SubscriberSide subscriber) {
                pacedNs = Math.min(pacedNs, subscriber.control.nextDeadlineNs());
            }
        }
        ready.clear();
    }

    @Nullable PeerSide side(final int peer) {
        return peers.get(peer);
    }

    void makeReady(final PeerSide side) {
        if (!side.ready) {
            side.ready = true;
            ready.add(side);
        }
    }

    int drop(final DropReason reason) {
        stats.drop(reason);
        return DROPPED;
    }

    int newSource() {
        return ++lastSource;
    }

    int newPublicationId() {
        return ++lastPublication;
    }

    /** A peer that receives; for tests. */
    SubscriberSide subscriber(final int peer) {
        if (peers.get(peer) instanceof SubscriberSide side) {
            return side;
        }
        throw new IllegalArgumentException("no subscriber " + peer);
    }
}
