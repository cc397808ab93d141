package org.chevet.relay.lane;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.IntArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.demux.Demux;
import org.chevet.codec.wire.TransportAddress;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.lane.RelayDoor.ConsultationInfo;
import org.chevet.relay.lane.RelayDoor.Link;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.lane.RelayDoor.MediaOffer;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.lane.RelayDoor.VitalsLink;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.session.PeerSession;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane: the whole path of a packet, from the socket to the sockets, on one thread.
 *
 * <pre>
 *   onDatagram -&gt; demux -&gt; STUN: session (ice)  -&gt; answer
 *                          DTLS: session (dtls) -&gt; flight
 *                          SRTP: session (srtp) -&gt; slab slot -&gt; room (route -&gt; queue)
 *   endTurn    -&gt; commands -&gt; deadlines -&gt; rooms (egress -&gt; seal -&gt; port) -&gt; peers (ice, dtls
 * -&gt; port)
 * </pre>
 *
 * <p>All methods on the lane's thread. A fault in one peer or consultation ends that one, is counted, and never
 * the lane.
 */
public final class Lane implements LaneTurns {
    /** WebSocket close code of a link whose consultation ended. */
    static final int CLOSE_GOING_AWAY = 1001;
    /** Nobody needs to come back: what 404 says to who comes later. */
    static final int CLOSE_ENDED = 4404;
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    /** Datagrams of ICE, DTLS and SCTP to one peer in a turn, so that an object does not hold media up. */
    private static final int MAX_TRANSMITS_PER_TURN = 32;
    private static final String NO_CONSULTATION = "There is no open consultation of this id.";

    private final LaneContext context;
    private final LaneStats stats;
    private final PacketSlab slab;
    private final PeerTable peers;
    private final Map<String, Room> rooms = new HashMap<>();
    private final List<@Nullable Room> roomsById = new ArrayList<>();
    private final DeadlineTable deadlines = new DeadlineTable();
    private final SealingPort egress;
    private final ForwardingTimes vitalsTimes;
    private final StunUsers stunUsers = new StunUsers();
    private final DirtyList dirtyPeers = new DirtyList();
    private final DirtyList dirtyRooms = new DirtyList();
    private final DirtyList unfinishedRooms = new DirtyList();
    private final DirtyList unfinishedPeers = new DirtyList();
    private final UnsafeBuffer vitalsMessage = new UnsafeBuffer(0, 0);
    private final ForeignFlows foreign;
    private final @Nullable Handover inbox;
    private final List<Peer> leaving = new ArrayList<>();
    private final IntArrayList evictedStreams = new IntArrayList();
    private long turnStartNs = Long.MIN_VALUE;
    private long turnNs;
    private boolean handedOn;

    /** A lane without consultations. */
    public Lane(final LaneContext context) {
        this.context = context;
        this.stats = context.stats();
        this.slab = new PacketSlab(context.limits().slabSlots());
        this.peers = new PeerTable(context.limits().maxPeers());
        this.egress = new SealingPort(peers, stats);
        this.vitalsTimes = new ForwardingTimes(stats);
        this.foreign = new ForeignFlows(context.steering(), stats);
        this.inbox = context.steering().isShared() ? new Handover(context.proxy(), this::onHandedOver) : null;
        if (inbox != null) {
            context.steering().join(context.index(), inbox);
        }
    }

    // ---- packets in

    @Override
    public void onDatagram(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        if (turnStartNs == Long.MIN_VALUE) {
            turnStartNs = nowNs;
        }
        try {
            switch (length < 2 ? Demux.UNKNOWN : Demux.classify(in.getByte(offset) & 0xFF)) {
                case Demux.STUN -> onStun(socket, from, in, offset, length, receivedNs, nowNs);
                case Demux.DTLS -> onDtls(socket, from, in, offset, length, receivedNs, nowNs);
                case Demux.RTP -> onMedia(socket, from, in, offset, length, receivedNs, nowNs);
                default -> stats.drop(DropReason.UNKNOWN_PROTOCOL);
            }
        } catch (RuntimeException fault) {
            // Bad bytes are an outcome, so this is a broken assumption: it ends the peer it came with, not the lane.
            onFault("datagram", fault);
            final Peer peer = peerOf(socket, from);
            if (peer != null) {
                drop(peer, "internal error", nowNs);
            }
        }
    }

    /** A datagram another lane received for this one. */
    private void onHandedOver(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs) {
        handedOn = true;
        onDatagram(socket, from, in, offset, length, receivedNs, turnNs);
        handedOn = false;
    }

    private void onStun(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        final String ufrag = stunUsers.localUfrag(in, offset, length);
        if (ufrag == null) {
            stats.drop(DropReason.STUN_MALFORMED);
            return;
        }
        final Peer peer = peers.ofUfrag(ufrag);
        if (peer == null) {
            if (handedOn || isStream(socket)) {
                stats.drop(DropReason.STUN_UNKNOWN_USER);
            } else {
                foreign.onCheck(ufrag, socket, from, in, offset, length, receivedNs);
            }
            return;
        }
        if (peer.session().handleStun(socket, from, in, offset, length, nowNs)) {
            bind(socket, from, peer);
        }
        dirtyPeers.add(peer.index());
    }

    private void onDtls(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        final Peer peer = peerOf(socket, from);
        if (peer == null) {
            onStranger(socket, from, in, offset, length, receivedNs);
            return;
        }
        peer.session().handleDtls(socket, from, in, offset, length);
        // What waits since before is normally taken by a command, which a full door may have refused.
        peer.session().receiveData(nowNs);
        dirtyPeers.add(peer.index());
    }

    private void onMedia(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs, final long nowNs) {
        final Peer peer = peerOf(socket, from);
        if (peer == null) {
            onStranger(socket, from, in, offset, length, receivedNs);
            return;
        }
        if (length > PacketSlab.MAX_PACKET_LENGTH) {
            stats.drop(DropReason.PACKET_TOO_LARGE);
            return;
        }
        final int slot = slab.acquire();
        if (slot == PacketSlab.NONE) {
            stats.drop(DropReason.SLAB_EXHAUSTED);
            return;
        }
        final int at = slab.offset(slot);
        final Room room = peer.room();
        if (Demux.isRtcp(in.getByte(offset + 1) & 0xFF)) {
            final int plain = peer.session().unprotectRtcp(socket, from, in, offset, length, slab.buffer(), at, nowNs);
            if (plain > 0) {
                room.router().onRtcp(peer.index(), slab.buffer(), at, plain, nowNs);
            }
            slab.release(slot);
        } else {
            final int plain = peer.session().unprotectRtp(socket, from, in, offset, length, slab.buffer(), at, nowNs);
            if (plain > 0) {
                room.router().onRtp(peer.index(), slot, at, plain, receivedNs, nowNs);
            } else {
                slab.release(slot);
            }
        }
        dirtyRooms.add(room.number());
    }

    /** From an address without a peer here: another lane's client, once at most, or nobody's. */
    private void onStranger(final int socket, final TransportAddress from, final DirectBuffer in, final int offset,
        final int length, final long receivedNs) {
        if (handedOn || isStream(socket)) {
            stats.drop(DropReason.UNKNOWN_ADDRESS);
        } else {
            foreign.onDatagram(socket, from, in, offset, length, receivedNs);
        }
    }

    private @Nullable Peer peerOf(final int socket, final TransportAddress from) {
        return isStream(socket) ? peers.ofStream(socket) : peers.ofAddress(from);
    }

    private void bind(final int socket, final TransportAddress from, final Peer peer) {
        if (isStream(socket)) {
            final int evicted = peers.bindStream(socket, peer);
            if (evicted != MediaStreams.NONE) {
                stats.count(Counter.MEDIA_STREAMS_EVICTED);
                evictedStreams.addInt(evicted);
            }
        } else {
            peers.bind(from, peer);
        }
    }

    private static boolean isStream(final int socket) {
        return socket >= DatagramPort.FIRST_STREAM;
    }

    @Override
    public boolean isBound(final int socket) {
        return peers.ofStream(socket) != null;
    }

    @Override
    public void onStreamClosed(final int socket) {
        peers.removeStream(socket);
    }

    /** Which lane a connection is for. Safe on any thread. */
    Steering steering() {
        return context.steering();
    }

    // ---- the end of a turn

    @Override
    public void endTurn(final DatagramPort port, final long nowNs) {
        if (turnStartNs == Long.MIN_VALUE) {
            turnStartNs = nowNs;
        }
        egress.attach(port);
        turnNs = nowNs;
        stats.add(Counter.LANE_COMMANDS, context.proxy().drain(nowNs));
        if (inbox != null) {
            inbox.drain();
        }
        for (int id; (id = deadlines.pollDue(nowNs)) >= 0;) {
            onDeadline(id, nowNs);
        }
        for (int number; (number = dirtyRooms.poll()) >= 0;) {
            serveRoom(number, nowNs);
        }
        for (int number; (number = unfinishedRooms.poll()) >= 0;) {
            dirtyRooms.add(number);
            context.proxy().wake();
        }
        for (int index; (index = dirtyPeers.poll()) >= 0;) {
            servePeer(index, port, nowNs);
        }
        for (int index; (index = unfinishedPeers.poll()) >= 0;) {
            dirtyPeers.add(index);
            context.proxy().wake();
        }
        for (int i = 0; i < leaving.size(); i++) {
            transmit(leaving.get(i), port, Integer.MAX_VALUE, nowNs);
        }
        leaving.clear();
        while (!evictedStreams.isEmpty()) {
            port.endStream(evictedStreams.removeAt(evictedStreams.size() - 1));
        }
        foreign.endTurn();
    }

    @Override
    public void handedOver(final long nowNs) {
        egress.handedOver(nowNs);
        stats.recordTurn(nowNs - turnStartNs);
        turnStartNs = Long.MIN_VALUE;
    }

    @Override
    public long nextDeadlineNs() {
        return deadlines.next();
    }

    private void onDeadline(final int id, final long nowNs) {
        if (isRoom(id)) {
            final Room room = roomsById.get(numberOf(id));
            if (room != null) {
                try {
                    room.handleTimeout(nowNs);
                } catch (RuntimeException fault) {
                    end(room, fault, nowNs);
                }
                dirtyRooms.add(room.number());
            }
        } else {
            final Peer peer = peers.at(numberOf(id));
            if (peer != null) {
                try {
                    peer.session().handleTimeout(nowNs);
                } catch (RuntimeException fault) {
                    end(peer, fault, nowNs);
                }
                dirtyPeers.add(peer.index());
            }
        }
    }

    private void serveRoom(final int number, final long nowNs) {
        final Room room = roomsById.get(number);
        if (room == null) {
            return;
        }
        try {
            if (!room.flush(egress, nowNs)) {
                unfinishedRooms.add(number);
            }
            deadlines.set(roomId(number), room.nextDeadlineNs());
        } catch (RuntimeException fault) {
            end(room, fault, nowNs);
        }
    }

    private void servePeer(final int index, final DatagramPort port, final long nowNs) {
        final Peer peer = peers.at(index);
        if (peer == null) {
            return;
        }
        if (!transmit(peer, port, MAX_TRANSMITS_PER_TURN, nowNs)) {
            unfinishedPeers.add(index);
        }
        if (peer.session().isClosed()) {
            drop(peer, peer.session().closeReason(), nowNs);
        } else {
            deadlines.set(peerId(index), peer.session().nextDeadlineNs());
        }
    }

    // ---- what signalling asks, through the door

    Outcome<ConsultationInfo> open(final String consultation, final @Nullable EndToEndPolicy policy) {
        if (rooms.containsKey(consultation)) {
            return Outcome.refused(Refusal.Reason.CONFLICT, "A consultation of this id is open already.");
        }
        int number = roomsById.indexOf(null);
        if (number < 0) {
            number = roomsById.size();
            roomsById.add(null);
        }
        final Room room = new Room(consultation, number, context,
            policy == null ? context.limits().endToEnd() : policy, slab, vitalsTimes, this::drop);
        rooms.put(consultation, room);
        roomsById.set(number, room);
        stats.count(Counter.CONSULTATIONS_OPENED);
        return Outcome.of(room.info());
    }

    Outcome<ConsultationInfo> close(final String consultation, final long nowNs) {
        final Room room = rooms.get(consultation);
        if (room == null) {
            return Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final ConsultationInfo last = room.info();
        remove(room, CLOSE_ENDED, "The consultation has ended.", nowNs);
        return Outcome.of(last);
    }

    Outcome<String> evict(final String consultation, final String participant, final long nowNs) {
        final Room room = rooms.get(consultation);
        if (room == null) {
            return Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final Refusal refusal = room.evict(participant, nowNs);
        dirtyRooms.add(room.number());
        return refusal != null ? new Outcome<>(null, refusal) : Outcome.of(participant);
    }

    Outcome<ConsultationInfo> consultation(final String consultation) {
        final Room room = rooms.get(consultation);
        return room == null ? Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION) : Outcome.of(room.info());
    }

    Outcome<MediaOffer> media(final String consultation, final String receiver, final String from,
        final int session) {
        final Room room = rooms.get(consultation);
        if (room != null && room.refusalOf(receiver) != null) {
            return new Outcome<>(null, room.refusalOf(receiver));
        }
        return room == null ? Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION)
            : Outcome.of(new MediaOffer(room.offered(receiver, from, session), context.addresses(), room.endToEnd()));
    }

    Outcome<PeerSpec> addPeer(final PeerSpec spec, final Runnable ended, final long nowNs) {
        final Room room = rooms.get(spec.claims().consultation());
        if (room == null) {
            return Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final int index = peers.nextIndex();
        if (index < 0) {
            return Outcome.refused(Refusal.Reason.EXHAUSTED, "The relay holds its maximum of peer connections.");
        }
        if (peers.ofUfrag(spec.localUfrag()) != null || peers.ofResource(spec.resource()) != null) {
            return Outcome.refused(Refusal.Reason.CONFLICT, "The connection's identifiers are in use; try again.");
        }
        final int connection = room.nextConnection();
        final PeerSession session = context.sessions().create(spec, () -> onDtlsReady(index, room, connection), nowNs);
        final Peer peer = new Peer(index, connection, spec, room, session);
        final List<Peer> replaced = new ArrayList<>();
        final Refusal refusal = room.admit(peer, replaced, nowNs);
        replaced.forEach(rival -> drop(rival, "replaced by a new connection", nowNs));
        if (refusal != null) {
            session.close("not admitted");
            return new Outcome<>(null, refusal);
        }
        if (spec.data() != null) {
            session.carry(new PeerChannels(siteOf(peer), room, spec, spec.data(), context).channels());
        }
        peer.onEnd(ended);
        peers.add(peer);
        context.steering().add(spec.localUfrag(), context.index());
        stats.count(Counter.SESSIONS_OPENED);
        dirtyPeers.add(index);
        dirtyRooms.add(room.number());
        return Outcome.of(spec);
    }

    Outcome<String> removePeer(final String consultation, final String participant, final String resource,
        final long nowNs) {
        final Peer peer = peers.ofResource(resource);
        final Refusal refusal = refusalOf(peer, consultation, participant);
        if (peer == null || refusal != null) {
            return new Outcome<>(null, refusal);
        }
        drop(peer, "ended by its owner", nowNs);
        return Outcome.of(resource);
    }

    Outcome<MediaAddresses> restartIce(final String consultation, final String participant, final String resource,
        final IceCredentials local, final long nowNs) {
        final Peer peer = peers.ofResource(resource);
        final Refusal refusal = refusalOf(peer, consultation, participant);
        if (peer == null || refusal != null) {
            return new Outcome<>(null, refusal);
        }
        if (peers.ofUfrag(local.ufrag()) != null) {
            return Outcome.refused(Refusal.Reason.CONFLICT, "The connection's identifiers are in use; try again.");
        }
        peer.session().restartIce(local.ufrag(), local.password(), nowNs);
        for (final String ufrag : List.copyOf(peer.ufrags())) {
            if (!peer.session().isLocalUfrag(ufrag)) {
                peers.removeUfrag(peer, ufrag);
                context.steering().remove(ufrag);
            }
        }
        peers.addUfrag(peer, local.ufrag());
        context.steering().add(local.ufrag(), context.index());
        return Outcome.of(context.addresses());
    }

    /** Why this participant may not do something to a connection; null when it may. */
    private static @Nullable Refusal refusalOf(final @Nullable Peer peer, final String consultation,
        final String participant) {
        if (peer == null || !peer.spec().claims().consultation().equals(consultation)) {
            return new Refusal(Refusal.Reason.NOT_FOUND, "There is no such connection; it may have ended already.");
        }
        return peer.spec().claims().participant().equals(participant) ? null
            : new Refusal(Refusal.Reason.FORBIDDEN, "The connection belongs to another participant.");
    }

    Outcome<VitalsLink> attachVitals(final Claims claims, final VitalsClient client, final long nowNs) {
        final Room room = rooms.get(claims.consultation());
        if (room == null) {
            return Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final int connection = room.nextConnection();
        final Refusal refusal = room.attachVitals(connection, claims, client, nowNs);
        dirtyRooms.add(room.number());
        return refusal != null ? new Outcome<>(null, refusal) : Outcome.of(new LaneVitals(this, room, connection));
    }

    Outcome<Link> attachSession(final Claims claims, final String resumeToken, final LinkClient client,
        final long nowNs) {
        final Room room = rooms.get(claims.consultation());
        if (room == null) {
            return Outcome.refused(Refusal.Reason.NOT_FOUND, NO_CONSULTATION);
        }
        final int connection = room.nextConnection();
        final Refusal refusal = room.attachSession(connection, claims, resumeToken, client, nowNs);
        dirtyRooms.add(room.number());
        return refusal != null ? new Outcome<>(null, refusal) : Outcome.of(new RoomLink(connection, doorOf(room),
            (request, now) -> room.receiveSession(connection, request, now),
            (ending, now) -> room.detachSession(connection, ending, now)));
    }

    /** Ends everything on the lane: every peer gets its close, every link its close code. */
    public void shutdown(final long nowNs) {
        for (final Room room : rooms.values().toArray(Room[]::new)) {
            remove(room, CLOSE_GOING_AWAY, "The relay is shutting down.", nowNs);
        }
    }

    /** Slots of the packet memory in use now: histories and queues of all consultations. Lane thread only. */
    public int packetsHeld() {
        return slab.inUse();
    }

    /** Counts and logs a broken assumption. */
    void onFault(final String where, final RuntimeException fault) {
        stats.count(Counter.LANE_ERRORS);
        LOG.error("lane {}: fault in {}", context.index(), where, fault);
    }

    // ---- vitals WebSockets, on this thread

    /** One message of a vitals WebSocket; the bytes are borrowed. */
    void onVitals(final Room room, final int connection, final DirectBuffer in, final int offset, final int length,
        final long nowNs) {
        if (isOpen(room)) {
            try {
                room.vitals().receive(connection, in, offset, length, nowNs);
            } catch (RuntimeException fault) {
                end(room, fault, nowNs);
            }
            dirtyRooms.add(room.number());
        }
    }

    /** A vitals WebSocket takes more. */
    void onVitalsWritable(final Room room, final int connection) {
        if (isOpen(room)) {
            room.vitals().writable(connection);
            dirtyRooms.add(room.number());
            context.proxy().wake();
        }
    }

    /** A vitals WebSocket is gone. */
    void onVitalsClosed(final Room room, final int connection, final long nowNs) {
        if (isOpen(room)) {
            try {
                room.vitals().detach(connection, nowNs);
            } catch (RuntimeException fault) {
                end(room, fault, nowNs);
            }
            dirtyRooms.add(room.number());
            context.proxy().wake();
        }
    }

    /** The time now, for what arrives between turns. */
    long nowNs() {
        return context.clock().getAsLong();
    }

    /** Asks for a turn. */
    void wake() {
        context.proxy().wake();
    }

    private boolean isOpen(final Room room) {
        return roomsById.get(room.number()) == room;
    }

    // ---- inside

    /** What the data channels of a peer ask of the lane. */
    private PeerChannels.Site siteOf(final Peer peer) {
        final Room room = peer.room();
        return new PeerChannels.Site() {
            @Override
            public long nowNs() {
                return context.clock().getAsLong();
            }

            @Override
            public MutableDirectBuffer scratch() {
                if (vitalsMessage.capacity() == 0) {
                    vitalsMessage.wrap(new byte[room.maxVitalsMessageBytes()]);
                }
                return vitalsMessage;
            }

            @Override
            public void onVitals(final int connection, final DirectBuffer in, final int offset, final int length) {
                Lane.this.onVitals(room, connection, in, offset, length, context.clock().getAsLong());
            }

            @Override
            public void onVitalsWritable(final int connection) {
                Lane.this.onVitalsWritable(room, connection);
            }

            @Override
            public void onVitalsClosed(final int connection) {
                Lane.this.onVitalsClosed(room, connection, context.clock().getAsLong());
            }

            @Override
            public void onSent() {
                dirtyPeers.add(peer.index());
            }
        };
    }

    /** The way of a room's links into the lane. */
    private RoomLink.Door doorOf(final Room room) {
        return new RoomLink.Door() {
            @Override
            public boolean offer(final LaneProxy.Command command) {
                return context.proxy().offer(nowNs -> inRoom(room, command, nowNs));
            }

            @Override
            public void offerLast(final LaneProxy.Command command) {
                context.proxy().offerLast(nowNs -> inRoom(room, command, nowNs));
            }
        };
    }

    /** Runs a command of a link in its room, unless that has ended; a fault ends the room. */
    private void inRoom(final Room room, final LaneProxy.Command command, final long nowNs) {
        if (!isOpen(room)) {
            return;
        }
        try {
            command.run(nowNs);
        } catch (RuntimeException fault) {
            end(room, fault, nowNs);
        }
        dirtyRooms.add(room.number());
    }

    /** The DTLS thread has something to poll. Any thread. */
    private void onDtlsReady(final int index, final Room room, final int connection) {
        context.proxy().offer(nowNs -> {
            final Peer peer = peers.at(index);
            if (peer != null && peer.room() == room && peer.connection() == connection) {
                if (peer.session().pollDtls(nowNs)) {
                    room.connected(peer, nowNs);
                    dirtyRooms.add(room.number());
                }
                try {
                    peer.session().receiveData(nowNs);
                } catch (RuntimeException fault) {
                    end(peer, fault, nowNs);
                }
                dirtyPeers.add(index);
            }
        });
    }

    /** Sends what waits for a peer; false when there may be more than {@code most} datagrams. */
    private static boolean transmit(final Peer peer, final DatagramPort port, final int most, final long nowNs) {
        final PeerSession session = peer.session();
        for (int i = 0; i < most; i++) {
            final int length = session.pollTransmit(port.buffer(), port.offset(), nowNs);
            if (length == 0) {
                return true;
            }
            port.send(session.transmitSocket(), session.transmitTo(), length);
        }
        return false;
    }

    private void drop(final Peer peer, final String reason, final long nowNs) {
        if (peers.at(peer.index()) != peer) {
            return;
        }
        LOG.debug("lane {}: peer closed: {}", context.index(), reason);
        peer.ufrags().forEach(context.steering()::remove);
        peers.remove(peer);
        deadlines.set(peerId(peer.index()), Long.MAX_VALUE);
        peer.session().close(reason);
        leaving.add(peer);
        peer.room().remove(peer, nowNs);
        stats.count(Counter.SESSIONS_CLOSED);
        dirtyRooms.add(peer.room().number());
        peer.ended();
    }

    private void end(final Peer peer, final RuntimeException fault, final long nowNs) {
        onFault("peer", fault);
        drop(peer, "internal error", nowNs);
    }

    private void end(final Room room, final RuntimeException fault, final long nowNs) {
        onFault("consultation", fault);
        remove(room, CLOSE_GOING_AWAY, "The consultation ended because of an internal error.", nowNs);
    }

    private void remove(final Room room, final int code, final String reason, final long nowNs) {
        if (!isOpen(room)) {
            return;
        }
        for (final Peer peer : room.peers()) {
            drop(peer, reason, nowNs);
        }
        rooms.remove(room.id());
        roomsById.set(room.number(), null);
        deadlines.set(roomId(room.number()), Long.MAX_VALUE);
        room.close(code, reason, nowNs);
        stats.count(Counter.CONSULTATIONS_CLOSED);
    }

    private static int peerId(final int index) {
        return 2 * index;
    }

    private static int roomId(final int number) {
        return 2 * number + 1;
    }

    private static boolean isRoom(final int id) {
        return (id & 1) == 1;
    }

    private static int numberOf(final int id) {
        return id >>> 1;
    }
}
