package org.chevet.relay.lane;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.agrona.collections.Int2ObjectHashMap;
import org.chevet.relay.bwe.ExamMode;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.consultation.Admission;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.ConnectionKind;
import org.chevet.relay.consultation.Consultation;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.consultation.RosterListener;
import org.chevet.relay.consultation.RosterParticipant;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.egress.Egress;
import org.chevet.relay.egress.EgressPort;
import org.chevet.relay.lane.RelayDoor.ConsultationInfo;
import org.chevet.relay.lane.RelayDoor.EndToEndKey;
import org.chevet.relay.lane.RelayDoor.Ending;
import org.chevet.relay.lane.RelayDoor.LinkClient;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.lane.RelayDoor.Track;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.route.Flow;
import org.chevet.relay.route.LayerDemand;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.route.MediaRouter;
import org.chevet.relay.route.MediaTime;
import org.chevet.relay.route.NegotiatedSection;
import org.chevet.relay.route.PeerMedia;
import org.chevet.relay.route.PublicationInfo;
import org.chevet.relay.route.VideoWish;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
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

    /** What somebody reads who was put out. */
    private static final String EVICTED = "You were removed from this consultation.";

    private final String id;
    private final int number;
    private final int lane;
    private final long utcOffsetNs;
    private final EndToEndPolicy endToEnd;
    private final Consultation consultation;
    private final MediaRouter router;
    private final Egress egress;
    private final VitalsHub hub;
    private final VitalsLinks vitals;
    private final ChannelRelay relay;
    private final LaneStats stats;
    private final SessionLinks sessions = new SessionLinks();
    private final Int2ObjectHashMap<Peer> byConnection = new Int2ObjectHashMap<>();
    private final Map<Integer, Peer> byIndex = new LinkedHashMap<>();
    private final Map<String, Integer> known = new HashMap<>();
    private final Set<String> ready = new HashSet<>();
    private final Epochs epochs;
    private final Speakers speakers = new Speakers();
    private final QualityScores scores = new QualityScores();
    private final PeerEnd peerEnd;
    private int nextConnection;
    private String presence = "";
    /** What sessions are told about sections and presence may have changed in this turn. */
    private boolean moved;

    /** Ends a peer connection: the lane's, since the transport is. */
    @FunctionalInterface
    interface PeerEnd {
        void end(Peer peer, String reason, long nowNs);
    }

    Room(final String id, final int number, final LaneContext context, final EndToEndPolicy endToEnd,
        final PacketSlab slab, final ForwardingTimes vitalsTimes, final PeerEnd peerEnd) {
        this.peerEnd = peerEnd;
        this.id = id;
        this.endToEnd = endToEnd;
        this.number = number;
        this.lane = context.index();
        this.stats = context.stats();
        this.epochs = new Epochs(sessions, stats);
        this.utcOffsetNs = context.utcOffsetNs();
        this.consultation = new Consultation(id, context.limits().maxParticipants(), this::lastHeardNs, this);
        this.router = new MediaRouter(slab, context.stats(), this, context.randomSsrc().getAsInt(), "chevet",
            context.limits().bandwidth());
        this.egress = new Egress(router);
        this.hub = new VitalsHub(context.limits().vitals(), context.stats(), context.randomEpoch().getAsLong(),
            context.utcOffsetNs());
        hub.encryption(endToEnd.allowsClear(), endToEnd.allowsEncrypted());
        this.relay = new ChannelRelay(context.stats());
        this.vitals = new VitalsLinks(hub, context.stats(), vitalsTimes, context.clock(), this::release,
            this::onVitalsRate);
    }

    String id() {
        return id;
    }

    /** Number of the consultation on its lane, reused after it ended. */
    int number() {
        return number;
    }

    /** What is asked of encryption. */
    EndToEndPolicy endToEnd() {
        return endToEnd;
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
        if (spec.session() != PeerSpec.NO_SESSION && !(sessions.isAttached(spec.session())
            && claims.participant().equals(sessions.participantOf(spec.session())))) {
            return new Refusal(Refusal.Reason.UNAVAILABLE, "The session that asked has ended.");
        }
        if (spec.data() != null && !claims.mayUseDataChannels()) {
            return new Refusal(Refusal.Reason.FORBIDDEN, "The token grants nothing that data channels carry.");
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
            spec.sections(), spec.sources(), from, claims.participant(),
            spec.session() == PeerSpec.NO_SESSION ? PeerMedia.ALONE : sessions.groupOf(spec.session()));
        final int added = router.addPeer(peer.index(), media, nowNs);
        if (added != MediaRouter.ADDED) {
            remove(peer, nowNs);
            return new Refusal(Refusal.Reason.EXHAUSTED, "The consultation holds its maximum of media connections.");
        }
        router.setConnected(peer.index(), false, nowNs);
        moved = true;
        if (spec.publisher()) {
            for (final PublicationInfo publication : router.publications()) {
                if (publication.participant().equals(claims.participant())
                    && spec.profiles().containsKey(publication.mid())) {
                    router.profile(publication.id(), profile(spec.profiles().get(publication.mid())), nowNs);
                }
            }
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
            moved = true;
        }
    }

    /**
     * What an answer may carry: publications of one participant, who may be the receiver, or (with "") of all others,
     * without those that the connections of a session carry already.
     */
    List<PublicationInfo> offered(final String receiver, final String from, final int session) {
        final Set<Integer> carried = session == PeerSpec.NO_SESSION ? Set.of()
            : carried(byIndex.values().stream().filter(peer -> peer.owner() == session).toList());
        return router.publications().stream().filter(publication -> (from.isEmpty()
            ? !publication.participant().equals(receiver) : publication.participant().equals(from))
            && !carried.contains(publication.id())).toList();
    }

    /** Publications that these connections carry to their participant. */
    private Set<Integer> carried(final List<Peer> receivers) {
        final Set<Integer> carried = new HashSet<>();
        for (final Peer peer : receivers) {
            for (final NegotiatedSection section : peer.spec().sections()) {
                if (section.flow() == Flow.SEND) {
                    carried.add(router.bound(peer.index(), section.mid()));
                }
            }
        }
        return carried;
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

    /** Chat, annotations and objects on data channels. */
    ChannelRelay relay() {
        return relay;
    }

    /** Bytes of the largest vitals message, the same in every consultation of the lane. */
    int maxVitalsMessageBytes() {
        return hub.maxMessageBytes();
    }

    VitalsLinks vitals() {
        return vitals;
    }

    /** Lets a session WebSocket take part, or says why not; the first thing it hears is who is here. */
    @Nullable Refusal attachSession(final int connection, final Claims claims, final String resumeToken,
        final LinkClient client, final long nowNs) {
        final Admission admission = consultation.admit(connection, claims, ConnectionKind.SESSION, nowNs);
        if (!admission.admitted()) {
            return Refusals.of(admission);
        }
        sessions.attach(connection, claims.participant(), resumeToken, client);
        sessions.sendTo(connection, SessionMessages.welcome(claims.participant(), id, resumeToken,
            examMode(), endToEnd.label(), epochs.current(), info().roster()));
        presence = SessionMessages.presence(presence());
        sessions.broadcast(presence);
        sessions.sendTo(connection, scores.told());
        for (final Peer peer : byIndex.values()) {
            if (!peer.spec().publisher() && peer.spec().claims().participant().equals(claims.participant())) {
                sessions.sendTo(connection, bindingsOf(peer));
            }
        }
        moved = true;
        return null;
    }

    /** Takes one request of a session WebSocket. */
    void receiveSession(final int connection, final SessionRequest request, final long nowNs) {
        if (!sessions.isAttached(connection)) {
            return;
        }
        final Refusal refusal = switch (request) {
            case SessionRequest.Ping ping -> {
                sessions.sendTo(connection, SessionMessages.pong(ping.t()));
                yield null;
            }
            case SessionRequest.Clock clock -> clock(connection, clock, nowNs);
            case SessionRequest.Resume resume -> resume(connection, resume);
            case SessionRequest.Mute mute -> mute(connection, mute, nowNs);
            case SessionRequest.Ready said -> ready(connection, said.ready());
            case SessionRequest.Quality quality -> quality(connection, quality, nowNs);
            case SessionRequest.Layers layers -> layers(connection, layers, nowNs);
            case SessionRequest.Exam exam -> examMode(connection, exam.mode(), nowNs);
            case SessionRequest.Announce said -> announce(connection, said);
            case SessionRequest.Epoch made -> epochs.make(memberOf(connection), isInCharge(memberOf(connection)), made);
            case SessionRequest.EpochFor made ->
                epochs.hand(memberOf(connection), isInCharge(memberOf(connection)), made);
            case SessionRequest.Evict asked -> evict(connection, asked, nowNs);
        };
        if (refusal != null) {
            sessions.refuse(connection, request, refusal);
        } else if (request.id() != SessionRequest.NO_ID && !(request instanceof SessionRequest.Resume)
            && !(request instanceof SessionRequest.Clock)) {
            sessions.sendTo(connection, SessionMessages.done(request));
        }
    }

    private @Nullable Refusal resume(final int connection, final SessionRequest.Resume request) {
        if (byIndex.values().stream().anyMatch(peer -> peer.owner() == connection)) {
            return new Refusal(Refusal.Reason.CONFLICT, "This session has media of its own; resume before making any.");
        }
        final int earlier = sessions.resume(connection, request.token());
        if (earlier == SessionLinks.NONE) {
            return new Refusal(Refusal.Reason.NOT_FOUND, "There is nothing to resume with this token any more.");
        }
        final List<String> resources = new ArrayList<>();
        for (final Peer peer : byIndex.values()) {
            if (peer.owner() == earlier) {
                peer.handTo(connection);
                resources.add(peer.spec().resource());
            }
        }
        consultation.release(earlier);
        sessions.sendTo(connection, SessionMessages.resumed(request.id(), resources));
        return null;
    }

    private @Nullable Refusal clock(final int connection, final SessionRequest.Clock request, final long nowNs) {
        final Map<String, List<MediaTime>> times = new HashMap<>();
        for (final Peer peer : byIndex.values()) {
            if (!peer.spec().publisher()
                && peer.spec().claims().participant().equals(sessions.participantOf(connection))) {
                times.put(peer.spec().resource(), router.mediaTimes(peer.index(), nowNs));
            }
        }
        sessions.sendTo(connection, SessionMessages.clock(request, nowNs + utcOffsetNs, utcOffsetNs, times));
        return null;
    }

    private @Nullable Refusal mute(final int connection, final SessionRequest.Mute request, final long nowNs) {
        final String participant = sessions.participantOf(connection);
        for (final PublicationInfo publication : router.publications()) {
            if (publication.id() == request.publication()) {
                if (!publication.participant().equals(participant)) {
                    return new Refusal(Refusal.Reason.FORBIDDEN, "The publication is another participant's.");
                }
                if (router.isMuted(publication.id()) != request.muted()) {
                    router.mute(publication.id(), request.muted(), nowNs);
                    consultation.participant(participant).ifPresent(this::changed);
                }
                return null;
            }
        }
        return new Refusal(Refusal.Reason.NOT_FOUND, "There is no such publication.");
    }

    private @Nullable Refusal ready(final int connection, final boolean isReady) {
        final String participant = String.valueOf(sessions.participantOf(connection));
        if (isReady ? ready.add(participant) : ready.remove(participant)) {
            consultation.participant(participant).ifPresent(this::changed);
        }
        return null;
    }

    private @Nullable Refusal quality(final int connection, final SessionRequest.Quality report, final long nowNs) {
        return scores.onReport(String.valueOf(sessions.participantOf(connection)), report, nowNs) ? null
            : new Refusal(Refusal.Reason.EXHAUSTED, "Quality is reported at most once a second.");
    }

    private @Nullable Refusal layers(final int connection, final SessionRequest.Layers request, final long nowNs) {
        final VideoWish wish = new VideoWish(request.maxWidth(), request.maxHeight(), request.maxFps(),
            request.paused(), profile(request.profile()));
        boolean taken = false;
        for (final Peer peer : byIndex.values()) {
            if (!peer.spec().publisher()
                && peer.spec().claims().participant().equals(sessions.participantOf(connection))) {
                taken |= request.resource().isEmpty()
                    ? router.wish(peer.index(), request.publication(), wish, nowNs)
                    : peer.spec().resource().equals(request.resource())
                        && router.wish(peer.index(), request.mid(), wish, nowNs);
            }
        }
        return taken ? null
            : new Refusal(Refusal.Reason.NOT_FOUND, "No section of this participant's receives such a video.");
    }

    private @Nullable Refusal examMode(final int connection, final SessionRequest.Mode mode, final long nowNs) {
        final String participant = String.valueOf(sessions.participantOf(connection));
        if (!isInCharge(participant)) {
            return new Refusal(Refusal.Reason.FORBIDDEN, "Practitioners and companions switch the exam mode.");
        }
        router.examMode(switch (mode) {
            case NORMAL -> ExamMode.NORMAL;
            case AUSCULTATION -> ExamMode.AUSCULTATION;
            case SCOPE -> ExamMode.SCOPE;
            case GESTURE -> ExamMode.GESTURE;
        }, nowNs);
        sessions.broadcast(SessionMessages.examMode(examMode(), participant));
        return null;
    }

    private String examMode() {
        return router.examMode().name().toLowerCase(Locale.ROOT);
    }

    /** The participant of a session that has just asked for something. */
    private String memberOf(final int connection) {
        return String.valueOf(sessions.participantOf(connection));
    }

    /** Practitioners and companions. */
    private boolean isInCharge(final String participant) {
        final Role role = consultation.participant(participant).map(RosterParticipant::role).orElse(Role.GUEST);
        return role == Role.PRACTITIONER || role == Role.COMPANION;
    }

    // ---- keys and eviction

    private @Nullable Refusal announce(final int connection, final SessionRequest.Announce said) {
        final String participant = memberOf(connection);
        if (epochs.announce(participant, new EndToEndKey(said.key(), said.mac()))) {
            consultation.participant(participant).ifPresent(this::changed);
        }
        epochs.again(participant);
        return null;
    }

    private @Nullable Refusal evict(final int connection, final SessionRequest.Evict asked, final long nowNs) {
        final String by = memberOf(connection);
        if (!isInCharge(by)) {
            return new Refusal(Refusal.Reason.FORBIDDEN, "Practitioners and companions remove others.");
        }
        if (by.equals(asked.participant())) {
            return new Refusal(Refusal.Reason.FORBIDDEN, "One does not remove oneself; leaving is closing.");
        }
        return evict(asked.participant(), nowNs);
    }

    /**
     * Puts a participant out, here or not: its connections end now and it is not let in again.
     *
     * @return null when it is done
     */
    @Nullable Refusal evict(final String participant, final long nowNs) {
        if (!consultation.evict(participant)) {
            return new Refusal(Refusal.Reason.EXHAUSTED, "The consultation has removed too many participants.");
        }
        if (consultation.participant(participant).isEmpty()) {
            return null;
        }
        stats.count(Counter.PARTICIPANTS_EVICTED);
        // Its sessions first: they hear nothing more. Their numbers last, so that it leaves the roster once.
        final List<Integer> numbers = sessions.end(participant, SessionLinks.CLOSE_EVICTED, EVICTED);
        for (final Peer peer : peers()) {
            if (peer.spec().claims().participant().equals(participant)) {
                peerEnd.end(peer, "its participant was removed", nowNs);
            }
        }
        for (final int one : consultation.connectionsOf(participant)) {
            vitals.end(one, SessionLinks.CLOSE_EVICTED, EVICTED, nowNs);
        }
        numbers.forEach(consultation::release);
        moved = true;
        return null;
    }

    /** Why a participant is not let in whatever it asks; null when it may be. */
    @Nullable Refusal refusalOf(final String participant) {
        return consultation.isEvicted(participant) ? new Refusal(Refusal.Reason.EVICTED, EVICTED) : null;
    }

    private static VideoProfile profile(final @Nullable TrackProfile profile) {
        return profile == null ? VideoProfile.BALANCED
            : profile == TrackProfile.DETAIL ? VideoProfile.DETAIL : VideoProfile.MOTION;
    }

    /** A session WebSocket is gone; unless its client has left, the session is held for it to come back. */
    void detachSession(final int connection, final Ending ending, final long nowNs) {
        if (!sessions.isAttached(connection)) {
            return;
        }
        if (ending == Ending.LEFT) {
            endSession(connection, nowNs);
        } else {
            sessions.hold(connection, ending == Ending.EXPIRED, nowNs).forEach(tooMany -> endSession(tooMany, nowNs));
        }
    }

    /** Ends a session, and the media connections it made unless they are to outlive it. */
    private void endSession(final int connection, final long nowNs) {
        final boolean outlived = sessions.isOutlived(connection);
        if (sessions.remove(connection)) {
            for (final Peer peer : peers()) {
                if (peer.owner() == connection && outlived) {
                    peer.handTo(PeerSpec.NO_SESSION);
                } else if (peer.owner() == connection) {
                    peerEnd.end(peer, "its session ended", nowNs);
                }
            }
            consultation.release(connection);
        }
    }

    /** Tells sessions what they need and who is ready, when that has changed in this turn. */
    private void tellState() {
        moved = false;
        final String now = SessionMessages.presence(presence());
        if (!now.equals(presence)) {
            presence = now;
            sessions.broadcast(now);
        }
        for (final SessionLinks.Member member : sessions.all()) {
            if (member.isAttached()) {
                member.tell(needOf(member.participant()));
            }
        }
    }

    private void tellLevels(final long nowNs) {
        final List<Speakers.Level> levels = new ArrayList<>();
        for (final PublicationInfo publication : router.publications()) {
            if (publication.kind() == MediaKind.AUDIO) {
                levels.add(new Speakers.Level(publication.id(), publication.participant(),
                    router.audioLevelDbov(publication.id(), nowNs)));
            }
        }
        final String message = speakers.look(levels, nowNs);
        if (message != null) {
            sessions.broadcast(message);
        }
    }

    private List<SessionMessages.Presence> presence() {
        final Map<Role, int[]> counts = new EnumMap<>(Role.class);
        for (final RosterParticipant participant : consultation.roster()) {
            final int[] count = counts.computeIfAbsent(participant.role(), role -> new int[2]);
            count[0]++;
            count[1] += ready.contains(participant.id()) ? 1 : 0;
        }
        return counts.entrySet().stream().map(entry -> new SessionMessages.Presence(entry.getKey().claim(),
            entry.getValue()[0], entry.getValue()[1])).toList();
    }

    /** Publications that a participant who receives at all may receive, and that no section of theirs carries. */
    private SessionMessages.Need needOf(final String participant) {
        final List<Peer> receivers = byIndex.values().stream().filter(peer -> !peer.spec().publisher()
            && peer.spec().claims().participant().equals(participant)).toList();
        if (receivers.isEmpty()) {
            return SessionMessages.Need.NOTHING;
        }
        final Set<Integer> carried = carried(receivers);
        int audio = 0;
        int video = 0;
        for (final PublicationInfo publication : offered(participant, "", PeerSpec.NO_SESSION)) {
            final boolean wanted = !carried.contains(publication.id()) && receivers.stream().anyMatch(peer ->
                peer.spec().claims().grants().maySubscribe(classOf(publication.kind()))
                    && (peer.spec().from().isEmpty() || peer.spec().from().equals(publication.participant())));
            audio += wanted && publication.kind() == MediaKind.AUDIO ? 1 : 0;
            video += wanted && publication.kind() == MediaKind.VIDEO ? 1 : 0;
        }
        return new SessionMessages.Need(audio, video);
    }

    // ---- turns

    /** Runs what is due. */
    void handleTimeout(final long nowNs) {
        router.handleTimeout(nowNs);
        hub.handleTimeout(nowNs);
        if (nowNs >= sessions.nextDeadlineNs()) {
            sessions.expired(nowNs).forEach(connection -> endSession(connection, nowNs));
        }
        if (nowNs >= scores.nextDeadlineNs()) {
            final String message = scores.look(nowNs);
            if (message != null) {
                sessions.broadcast(message);
            }
        }
    }

    long nextDeadlineNs() {
        final long told = sessions.isUnheard() ? scores.nextDeadlineNs()
            : Math.min(speakers.nextDeadlineNs(), scores.nextDeadlineNs());
        return Math.min(Math.min(router.nextDeadlineNs(), hub.nextDeadlineNs()),
            Math.min(sessions.nextDeadlineNs(), told));
    }

    /** Every receiving connection of the participant shares the link its device data comes by. */
    private void onVitalsRate(final String participant, final long rateBps, final long nowNs) {
        for (final Peer peer : byIndex.values()) {
            if (peer.spec().claims().participant().equals(participant)) {
                router.onVitalsRate(peer.index(), rateBps, nowNs);
            }
        }
    }

    /**
     * Sends everything that is ready, in clinical order: device streams have their own connections.
     *
     * @return false when a connection takes more device data than a turn may send: there must be another turn
     */
    boolean flush(final EgressPort port, final long nowNs) {
        if (moved) {
            tellState();
        }
        if (speakers.isDue(nowNs) && !sessions.isUnheard()) {
            tellLevels(nowNs);
        }
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
        return new ConsultationInfo(id, lane, endToEnd, roster);
    }

    // ---- what others hear

    @Override
    public void joined(final RosterParticipant participant) {
        moved = true;
        sessions.broadcast(SessionMessages.roster("joined", entry(participant), ""));
    }

    @Override
    public void changed(final RosterParticipant participant) {
        moved = true;
        sessions.broadcast(SessionMessages.roster("changed", entry(participant), ""));
    }

    @Override
    public void left(final RosterParticipant participant) {
        moved = true;
        ready.remove(participant.id());
        scores.onLeft(participant.id());
        sessions.broadcast(SessionMessages.roster("left", entry(participant),
            consultation.isEvicted(participant.id()) ? "evicted" : ""));
        epochs.left(participant.id());
    }

    @Override
    public void onBinding(final int peer, final String mid, final int publication) {
        moved = true;
        final Peer subscriber = byIndex.get(peer);
        if (subscriber != null) {
            sessions.sendToParticipant(subscriber.spec().claims().participant(), bindingsOf(subscriber));
        }
    }

    @Override
    public void onLayerDemand(final LayerDemand demand) {
        final Peer publisher = byIndex.get(demand.peer());
        if (publisher != null) {
            sessions.sendToParticipant(publisher.spec().claims().participant(),
                SessionMessages.layersWanted(publisher.spec().resource(), demand));
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
            participant.connections().stream().map(ConnectionKind::label).toList(), tracks(participant.id()),
            ready.contains(participant.id()), epochs.of(participant.id()));
    }

    private List<Track> tracks(final String participant) {
        final List<Track> tracks = new ArrayList<>();
        for (final PublicationInfo publication : router.publications()) {
            if (publication.participant().equals(participant)) {
                tracks.add(new Track(publication, router.isMuted(publication.id()), profileOf(publication)));
            }
        }
        return tracks;
    }

    private @Nullable TrackProfile profileOf(final PublicationInfo publication) {
        for (final Peer peer : byIndex.values()) {
            if (peer.spec().publisher() && peer.spec().claims().participant().equals(publication.participant())) {
                return peer.spec().profiles().get(publication.mid());
            }
        }
        return null;
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
