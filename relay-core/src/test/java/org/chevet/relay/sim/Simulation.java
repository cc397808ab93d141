package org.chevet.relay.sim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.dtls.Dtls;
import org.chevet.relay.dtls.DtlsRole;
import org.chevet.relay.ice.IceAgent;
import org.chevet.relay.lane.DataTerms;
import org.chevet.relay.lane.DatagramPort;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.lane.Lane;
import org.chevet.relay.lane.LaneContext;
import org.chevet.relay.lane.LaneLimits;
import org.chevet.relay.lane.LaneProxy;
import org.chevet.relay.lane.Lanes;
import org.chevet.relay.lane.MediaAddresses;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.Steering;
import org.chevet.relay.route.Codec;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.NegotiatedCodec;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.OfferedSource;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.sim.SimNetwork.Conditions;
import org.chevet.relay.sim.SimNetwork.Delivery;
import org.chevet.relay.srtp.JceAeadEngineProvider;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;

/**
 * One real lane, simulated clients and a simulated network in virtual time. Everything follows from the seed.
 *
 * <p>The lane's own parts are the real ones, but for DTLS ({@link SimDtls}).
 */
final class Simulation implements DatagramPort {
    static final String CONSULTATION = "sim";
    private static final TransportAddress RELAY = TransportAddress.ofIpv4(0x0A000001, 10_000);
    private static final long SECOND_NS = 1_000_000_000L;

    final LaneStats stats = new LaneStats();
    final Random random;
    final SimNetwork up;
    final SimNetwork down;
    private final Lane lane;
    private final Lanes lanes;
    private final Map<TransportAddress, SimPeer> peers = new HashMap<>();
    private final Map<String, Long> keySeeds = new HashMap<>();
    private final Map<TransportAddress, Integer> sent = new HashMap<>();
    private final UnsafeBuffer slot = new UnsafeBuffer(new byte[CAPACITY]);
    private boolean woken;
    private long nowNs = SECOND_NS;

    Simulation(final long seed, final Conditions conditions) {
        random = new Random(seed);
        up = new SimNetwork(random, conditions);
        down = new SimNetwork(random, conditions);
        final LaneProxy door = new LaneProxy(() -> woken = true);
        lane = new Lane(new LaneContext(0, stats, LaneLimits.defaults(),
            new MediaAddresses(List.of(RELAY), "sha-256 00"), this::session, door,
            () -> 1 + random.nextInt(Integer.MAX_VALUE), random::nextLong, 0, () -> nowNs,
            Steering.none()));
        lanes = new Lanes(List.of(new Lanes.Member(lane, door, Runnable::run)), 10);
        lanes.open(CONSULTATION);
        endTurn();
    }

    /** A publisher with audio and video, admitted. */
    SimPublisher publisher(final String name) {
        final String ufrag = name + peers.size();
        final SimPublisher peer = new SimPublisher(ufrag, nextAddress(), RELAY, up, seedOf(ufrag), random);
        admit(peer, name, true, List.of(
            section("0", MediaKind.AUDIO, Flow.RECEIVE, SimPublisher.AUDIO_PT, source(peer.audioSsrc), 0),
            section("1", MediaKind.VIDEO, Flow.RECEIVE, SimPublisher.VIDEO_PT, source(peer.videoSsrc), 0)));
        return peer;
    }

    /** A subscriber with one audio and one video section that take what comes, admitted. */
    SimSubscriber subscriber(final String name) {
        final String ufrag = name + peers.size();
        final SimSubscriber peer = new SimSubscriber(ufrag, nextAddress(), RELAY, up, seedOf(ufrag), random);
        admit(peer, name, false, List.of(
            section("a", MediaKind.AUDIO, Flow.SEND, SimSubscriber.AUDIO_PT, source(0), peer.audioSsrc),
            section("v", MediaKind.VIDEO, Flow.SEND, SimSubscriber.VIDEO_PT, source(0), peer.videoSsrc)));
        return peer;
    }

    /** A client without media that uses data channels, admitted. */
    SimDataPeer dataPeer(final String name, final Role role, final String... grants) {
        final String ufrag = name + peers.size();
        final SimDataPeer peer = new SimDataPeer(ufrag, nextAddress(), RELAY, up, seedOf(ufrag), random);
        admit(peer, new Claims(name, CONSULTATION, role, name, Grants.parse(List.of(grants)), Long.MAX_VALUE), false,
            List.of(), new DataTerms(5000, 262_144));
        return peer;
    }

    /** Ends a client's connection by its owner (WHIP or WHEP DELETE). */
    void leave(final SimPeer peer, final String name) {
        peers.remove(peer.address());
        lanes.removePeer(CONSULTATION, name, peer.ufrag);
        endTurn();
    }

    /** A client's address changes: what flies to the old one is lost. */
    void move(final SimPeer peer) {
        peers.remove(peer.address());
        peer.move(nextAddress());
        peers.put(peer.address(), peer);
    }

    /** A client is gone without a word. */
    void vanish(final SimPeer peer) {
        peers.remove(peer.address());
    }

    /** The relay restarts a client's ICE (WHIP or WHEP PATCH); the client may never hear of it. */
    IceCredentials restart(final SimPeer peer, final String name) {
        final IceCredentials local =
            new IceCredentials("restart" + random.nextInt(1 << 30), "password-of-a-restart-" + random.nextInt());
        final var stage = lanes.restartIce(CONSULTATION, name, peer.ufrag, local).toCompletableFuture();
        endTurn();
        if (stage.join().refusal() != null) {
            throw new IllegalStateException(name + " refused: " + stage.join().refusal());
        }
        return local;
    }

    /** A datagram from an address of nobody's. */
    void inject(final byte[] datagram, final TransportAddress from) {
        up.send(from, RELAY, datagram, nowNs);
    }

    /** Datagrams sent so far to an address. */
    int sentTo(final TransportAddress to) {
        return sent.getOrDefault(to, 0);
    }

    /** Lets time pass; {@code eachStep} looks at every step. */
    void run(final long durationNs, final Runnable eachStep) {
        final long endNs = nowNs + durationNs;
        while (true) {
            long next = Math.min(Math.min(up.nextNs(), down.nextNs()), lane.nextDeadlineNs());
            for (final SimPeer peer : peers.values()) {
                next = Math.min(next, peer.nextNs());
            }
            if (next > endNs) {
                nowNs = endNs;
                return;
            }
            nowNs = Math.max(nowNs, next);
            step();
            eachStep.run();
        }
    }

    void run(final long durationNs) {
        run(durationNs, () -> { });
    }

    /** Packets the lane holds now. */
    int packetsHeld() {
        return lane.packetsHeld();
    }

    /** What was counted, for a failure's message. */
    String summary() {
        final StringBuilder text = new StringBuilder();
        for (final Counter counter : Counter.values()) {
            if (stats.counted(counter) > 0) {
                text.append(' ').append(counter.label()).append('=').append(stats.counted(counter));
            }
        }
        for (final DropReason reason : DropReason.values()) {
            if (stats.dropped(reason) > 0) {
                text.append(" dropped:").append(reason.label()).append('=').append(stats.dropped(reason));
            }
        }
        return text.toString();
    }

    /** Ends the consultation. */
    void close() {
        lanes.close(CONSULTATION);
        endTurn();
    }

    long nowNs() {
        return nowNs;
    }

    @Override
    public MutableDirectBuffer buffer() {
        return slot;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public void send(final int socket, final TransportAddress to, final int length) {
        final byte[] bytes = new byte[length];
        slot.getBytes(0, bytes);
        sent.merge(to, 1, Integer::sum);
        down.send(RELAY, to, bytes, nowNs);
    }

    private void step() {
        for (Delivery delivery; (delivery = up.poll(nowNs)) != null;) {
            lane.onDatagram(0, delivery.from(), delivery.bytes(), 0, delivery.bytes().capacity(), nowNs,
                nowNs);
        }
        endTurn();
        for (Delivery delivery; (delivery = down.poll(nowNs)) != null;) {
            final SimPeer peer = peers.get(delivery.to());
            if (peer != null) {
                peer.receive(delivery.bytes(), nowNs);
            }
        }
        peers.values().forEach(peer -> peer.turn(nowNs));
    }

    private void endTurn() {
        do {
            woken = false;
            lane.endTurn(this, nowNs);
            lane.handedOver(nowNs);
        } while (woken);
    }

    private void admit(final SimPeer peer, final String name, final boolean publisher,
        final List<NegotiatedSection> sections) {
        final Grants all = Grants.parse(List.of("publish:*", "subscribe:*"));
        admit(peer, new Claims(name, CONSULTATION, Role.COMPANION, name, all, Long.MAX_VALUE), publisher, sections,
            null);
    }

    private void admit(final SimPeer peer, final Claims claims, final boolean publisher,
        final List<NegotiatedSection> sections, final @Nullable DataTerms data) {
        final List<Integer> sources = sections.stream().map(section -> -1).toList();
        final var stage = lanes.addPeer(new PeerSpec(peer.ufrag, claims, publisher, peer.ufrag, peer.password, "client",
            "client-password-0123456789", "sha-256", "00", false, sections, sources, "",
            PeerSpec.NO_SESSION, Map.of(), data)).toCompletableFuture();
        endTurn();
        final Outcome<PeerSpec> outcome = stage.join();
        if (outcome.refusal() != null) {
            throw new IllegalStateException(claims.participant() + " refused: " + outcome.refusal());
        }
        peers.put(peer.address(), peer);
    }

    private PeerSession session(final PeerSpec spec, final Runnable ready, final long now) {
        final Dtls dtls = new SimDtls(false, seedOf(spec.resource()), ready);
        return new PeerSession(new IceAgent(spec.localUfrag(), spec.localPassword(), 15_000, 30_000, now), dtls,
            DtlsRole.SERVER, new JceAeadEngineProvider(), stats, now);
    }

    private long seedOf(final String ufrag) {
        return keySeeds.computeIfAbsent(ufrag, unknown -> (long) unknown.hashCode());
    }

    private TransportAddress nextAddress() {
        return TransportAddress.ofIpv4(0x0A000100 + peers.size() + random.nextInt(1 << 16) * 256, 40_000);
    }

    private static OfferedSource source(final int ssrc) {
        return new OfferedSource("", ssrc, 0);
    }

    private static NegotiatedSection section(final String mid, final MediaKind kind, final Flow flow,
        final int payloadType, final OfferedSource source, final int localSsrc) {
        final boolean video = kind == MediaKind.VIDEO;
        final boolean rtx = video && flow == Flow.SEND;
        final NegotiatedCodec codec = new NegotiatedCodec(video ? Codec.VP8 : Codec.OPUS, payloadType,
            rtx ? SimSubscriber.RTX_PT : -1, video ? 90_000 : 48_000, video ? 0 : 2, "", video, video, video,
            false, false);
        return new NegotiatedSection(mid, kind, flow, List.of(codec), Map.of(), false, true,
            flow == Flow.RECEIVE ? List.of(source) : List.of(), localSsrc, rtx ? localSsrc + 1 : 0,
            "stream", kind.name());
    }
}
