package org.chevet.relay.lane;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.relay.consultation.Admission;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.ConnectionKind;
import org.chevet.relay.consultation.Consultation;
import org.chevet.relay.consultation.RosterListener;
import org.chevet.relay.consultation.RosterParticipant;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.egress.Egress;
import org.chevet.relay.egress.EgressPort;
import org.chevet.relay.lane.RelayDoor.ConsultationInfo;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.MediaRouter;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.PeerMedia;
import org.chevet.relay.route.PublicationInfo;
import org.chevet.relay.vitals.VitalsHub;
import org.jspecify.annotations.Nullable;

/**
 * One consultation on its lane: who is there, their media, their device streams and the links that tell them of
 * each other.
 *
 * <p>Every door ends here, so grants are enforced here. Whoever is admitted is on everyone's roster before anything is
 * forwarded to them (REQUIREMENTS P2). Lane thread only.
 */
final class Room implements MediaRouter.Listener, RosterListener {
    /** Ids of participants remembered for the routing of late and returning ones. */
    static final int MAX_KNOWN_PARTICIPANTS = 4096;

    private final String id;
    private final int number;
    private final int lane;
    private final Consultation consultation;
    private final MediaRouter router;
    private final Egress egress;
    private final VitalsHub hub;
    private final VitalsLinks vitals;
    private final SessionLinks sessions = new SessionLinks();
    private final Int2ObjectHashMap<Peer> byConnection = new Int2ObjectHashMap<>();
    private final Map<Integer, Peer> byIndex = new LinkedHashMap<>();
    private final Map<String, Integer> known = new HashMap<>();
    private int nextConnection;

    Room(final String id, final int number, final LaneContext context, final PacketSlab slab,
        final ForwardingTimes vitalsTimes) {
        this.id = id;
        this.number = number;
        this.lane = context.index();
        this.consultation = new Consultation(id, context.limits().maxParticipants(), this::lastHeardNs, this);
        this.router = new MediaRouter(slab, context.stats(), this, context.randomSsrc().getAsInt(), "chevet");
        this.egress = new Egress(router);
        this.hub = new VitalsHub(context.limits().vitals(), context.stats(), context.randomEpoch().getAsLong(),
            context.utcOffsetNs());
        this.vitals = new VitalsLinks(hub, context.stats(), vitalsTimes, context.clock(), this::release);
    }

    String id() {
        return id;
    }

    /** Number of the consultation on its lane, reused after it ended. */
    int number() {
        return number;
    }

    MediaRouter router() {
        return router;
    }

    List<Peer> peers() {
        return List.copyOf(byIndex.values());
    }

    /** A number for a connection that is to be admitted. */
    int nextConnection() {
        return nextConnection++;
    }

    // ---- media

    /**
     * Lets a peer connection take part, or says why not.
     *
     * @param replaced takes the peer that has to be closed in exchange, when there is one
     * @return null when admitted
     */
    @Nullable Refusal admit(final Peer peer, final List<Peer> replaced, final long nowNs) {
        final PeerSpec spec = peer.spec();
        final Claims claims = spec.claims();
        for (final NegotiatedSection section : spec.sections()) {
            final TrackClass trackClass = classOf(section.kind());
            if ((section.flow() == Flow.RECEIVE && !claims.grants().mayPublish(trackClass))
                || (section.flow() == Flow.SEND && !claims.grants().maySubscribe(trackClass))) {
                return new Refusal(Refusal.Reason.FORBIDDEN,
                    "The token does not grant " + (section.flow() == Flow.RECEIVE ? "publish:" : "subscribe:")
                        + trackClass.grantName() + ".");
            }
        }
        if (known.size() >= MAX_KNOWN_PARTICIPANTS && !known.containsKey(claims.participant())) {
            return new Refusal(Refusal.Reason.EXHAUSTED, "The consultation has seen too many participants.");
        }
        final Admission admission = consultation.admit(peer.connection(), claims,
            spec.publisher() ? ConnectionKind.WHIP : ConnectionKind.WHEP, nowNs);
        if (!admission.admitted()) {
            return Refusals.of(admission);
        }
        final Peer rival = byConnection.get(admission.replaced());
        if (rival != null) {
            replaced.add(rival);
            // Its sections must be free before those of its successor are taken.
            remove(rival, nowNs);
        }
        byConnection.put(peer.connection(), peer);
        byIndex.put(peer.index(), peer);
        final int from = spec.from().isEmpty() ? PeerMedia.ANY : numberOf(spec.from());
        final PeerMedia media = new PeerMedia(numberOf(claims.participant()), claims.participant(), spec.publisher(),
            spec.sections(), spec.sources(), from, claims.participant());
        final int added = router.addPeer(peer.index(), media, nowNs);
        if (added != MediaRouter.ADDED) {
            remove(peer, nowNs);
            return new Refusal(Refusal.Reason.EXHAUSTED, "The consultation holds its maximum of media connections.");
        }
        router.setConnected(peer.index(), false, nowNs);
        if (spec.publisher()) {
            consultation.participant(claims.participant()).ifPresent(this::changed);
        }
        return null;
    }

    /** The peer's keys are there: media may flow. */
    void connected(final Peer peer, final long nowNs) {
        router.setConnected(peer.index(), true, nowNs);
    }

    /** Takes a peer connection off; the session itself is the lane's. */
    void remove(final Peer peer, final long nowNs) {
        if (byIndex.remove(peer.index(), peer)) {
            byConnection.remove(peer.connection());
            router.removePeer(peer.index(), nowNs);
            consultation.release(peer.connection());
        }
    }

    /** Current tracks of one participant, or of all with "". */
    List<PublicationInfo> publications(final String participant) {
        final List<PublicationInfo> all = router.publications();
        return participant.isEmpty() ? all
            : all.stream().filter(publication -> publication.participant().equals(participant)).toList();
    }

    // ---- links

    /** Lets a vitals WebSocket take part, or says why not. */
    @Nullable Refusal attachVitals(final int connection, final Claims claims, final VitalsClient client,
        final long nowNs) {
        final Admission admission = consultation.admit(connection, claims, ConnectionKind.VITALS, nowNs);
        if (!admission.admitted()) {
            return Refusals.of(admission);
        }
        if (!vitals.attach(connection, claims.participant(), Rights.of(claims.grants()), client, nowNs)) {
            consultation.release(connection);
            return new Refusal(Refusal.Reason.EXHAUSTED, "The consultation holds its maximum of vitals connections.");
        }
        return null;
    }

    VitalsLinks vitals() {
        return vitals;
    }

    /** Lets a session WebSocket take part, or says why not; the first thing it hears is who is here. */
    @Nullable Refusal attachSession(final int connection, final Claims claims, final LinkClient client,
        final long nowNs) {
        final Admission admission = consultation.admit(connection, claims, ConnectionKind.SESSION, nowNs);
        if (!admission.admitted()) {
            return Refusals.of(admission);
        }
        sessions.attach(connection, claims.participant(), client);
        sessions.sendTo(connection, SessionMessages.welcome(claims.participant(), id, info().roster()));
        for (final Peer peer : byIndex.values()) {
            if (!peer.spec().publisher() && peer.spec().claims().participant().equals(claims.participant())) {
                sessions.sendTo(connection, bindingsOf(peer));
            }
        }
        return null;
    }

    /** Takes one message of a session WebSocket; what this version does not know is ignored. */
    void receiveSession(final int connection, final byte[] message) {
        final var ping = SessionMessages.parsePing(message);
        if (ping.isPresent()) {
            sessions.sendTo(connection, SessionMessages.pong(ping.getAsLong()));
        }
    }

    /** A session WebSocket is gone. */
    void detachSession(final int connection) {
        if (sessions.detach(connection)) {
            consultation.release(connection);
        }
    }

    // ---- turns

    /** Runs what is due. */
    void handleTimeout(final long nowNs) {
        router.handleTimeout(nowNs);
        hub.handleTimeout(nowNs);
    }

    long nextDeadlineNs() {
        return Math.min(router.nextDeadlineNs(), hub.nextDeadlineNs());
    }

    /**
     * Sends everything that is ready, in clinical order: device streams have their own connections.
     *
     * @return false when a connection takes more device data than a turn may send: there must be another turn
     */
    boolean flush(final EgressPort port, final long nowNs) {
        final boolean all = vitals.drain(nowNs);
        egress.flush(port, nowNs);
        return all;
    }

    /** Ends what is left: links get the close code. */
    void close(final int code, final String reason, final long nowNs) {
        vitals.closeAll(code, reason, nowNs);
        sessions.closeAll(code, reason);
        router.close();
    }

    /** The consultation as the API shows it. */
    ConsultationInfo info() {
        final List<RosterEntry> roster = new ArrayList<>();
        for (final RosterParticipant participant : consultation.roster()) {
            roster.add(entry(participant));
        }
        return new ConsultationInfo(id, lane, roster);
    }

    // ---- what others hear

    @Override
    public void joined(final RosterParticipant participant) {
        sessions.broadcast(SessionMessages.roster("joined", entry(participant)));
    }

    @Override
    public void changed(final RosterParticipant participant) {
        sessions.broadcast(SessionMessages.roster("changed", entry(participant)));
    }

    @Override
    public void left(final RosterParticipant participant) {
        sessions.broadcast(SessionMessages.roster("left", entry(participant)));
    }

    @Override
    public void onBinding(final int peer, final String mid, final int publication) {
        final Peer subscriber = byIndex.get(peer);
        if (subscriber != null) {
            sessions.sendToParticipant(subscriber.spec().claims().participant(), bindingsOf(subscriber));
        }
    }

    private String bindingsOf(final Peer peer) {
        final Map<Integer, PublicationInfo> publications = new HashMap<>();
        router.publications().forEach(publication -> publications.put(publication.id(), publication));
        final List<SessionMessages.Binding> bindings = new ArrayList<>();
        for (final NegotiatedSection section : peer.spec().sections()) {
            if (section.flow() == Flow.SEND) {
                bindings.add(new SessionMessages.Binding(section.mid(),
                    publications.get(router.bound(peer.index(), section.mid()))));
            }
        }
        return SessionMessages.bindings(peer.spec().resource(), bindings);
    }

    private RosterEntry entry(final RosterParticipant participant) {
        return new RosterEntry(participant.id(), participant.role().claim(), participant.name(),
            participant.connections().stream().map(ConnectionKind::label).toList(), publications(participant.id()));
    }

    private void release(final int connection) {
        consultation.release(connection);
    }

    private long lastHeardNs(final int connection) {
        final Peer peer = byConnection.get(connection);
        return peer == null ? Long.MIN_VALUE : peer.session().lastAuthenticatedNs();
    }

    private int numberOf(final String participant) {
        return known.computeIfAbsent(participant, unknown -> known.size());
    }

    private static TrackClass classOf(final MediaKind kind) {
        return kind == MediaKind.AUDIO ? TrackClass.AUDIO : TrackClass.VIDEO;
    }
}
