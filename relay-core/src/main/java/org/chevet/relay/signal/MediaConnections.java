package org.chevet.relay.signal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntSupplier;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.Msid;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.OpaqueId;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.MediaOffer;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.signal.AnswerPlan.TrackLabel;
import org.chevet.relay.signal.MediaResources.Resource;

/**
 * Makes, restarts and ends media connections, for WHIP, WHEP and the session WebSocket alike: the client offers, the
 * relay answers. Safe on any thread; what comes back, comes back on the caller's event loop.
 */
final class MediaConnections {
    private static final String SCHEME = "sframe";
    private static final String ANY = "*";

    private final RelayDoor relay;
    private final Door door;
    private final Secrets secrets;
    private final MediaResources resources;
    private final SignalStats stats;
    private final IntSupplier httpPort;

    MediaConnections(final RelayDoor relay, final Door door, final Secrets secrets, final MediaResources resources,
        final SignalStats stats, final IntSupplier httpPort) {
        this.relay = relay;
        this.door = door;
        this.secrets = secrets;
        this.resources = resources;
        this.stats = stats;
        this.httpPort = httpPort;
    }

    /**
     * What is wanted besides the offer.
     *
     * @param publisher true to publish, false to receive
     * @param labels publisher: names of the tracks
     * @param profiles publisher: profiles by mid, track id or "video"
     * @param from receiver: the only participant to receive, "" for all
     * @param encrypted the client says that it encrypts, or opens, from end to end
     * @param session number of the session WebSocket that asks, or {@link PeerSpec#NO_SESSION}
     */
    record Wish(boolean publisher, Map<String, TrackLabel> labels, Map<String, TrackProfile> profiles, String from,
        boolean encrypted, int session) {
        static Wish publish(final Map<String, TrackLabel> labels, final boolean encrypted) {
            return new Wish(true, labels, Map.of(), "", encrypted, PeerSpec.NO_SESSION);
        }

        static Wish receive(final String from, final boolean encrypted) {
            return new Wish(false, Map.of(), Map.of(), from, encrypted, PeerSpec.NO_SESSION);
        }
    }

    /**
     * A connection that was made.
     *
     * @param resource its id
     * @param entityTag of its ICE session, with quotes
     * @param sdp the answer
     */
    record Created(String resource, String entityTag, String sdp) {
    }

    /** Answers an offer and admits the connection. */
    CompletableFuture<Created> create(final Claims claims, final Wish wish, final String sdp, final Executor loop)
        throws ProblemException {
        final SessionDescription offer = parse(sdp);
        final Set<MediaKind> kinds = grantedKinds(claims, wish.publisher(), SdpAnswerer.hasDataChannels(offer));
        if (wish.publisher()) {
            requireGranted(offer, kinds);
        }
        final Optional<String> fault =
            wish.from().isEmpty() ? Optional.empty() : OpaqueId.faultOfId("from", wish.from());
        if (fault.isPresent()) {
            throw new ProblemException(ProblemType.INVALID_ID, fault.get());
        }
        return door.ask(relay.media(claims.consultation(), claims.participant(), wish.from(), wish.session()), loop)
            .thenCompose(media -> admit(claims, wish, offer, kinds, media, loop));
    }

    /** Ends a connection; the participant must be its owner. */
    CompletableFuture<String> delete(final Claims claims, final String id, final Executor loop) {
        return door.ask(relay.removePeer(claims.consultation(), claims.participant(), id), loop).thenApply(removed -> {
            resources.remove(id);
            return removed;
        });
    }

    /** A connection of this participant. */
    Optional<Resource> find(final Claims claims, final String id) {
        return resources.find(id, claims.consultation(), claims.participant());
    }

    static ProblemException noSuchResource() {
        return new ProblemException(ProblemType.NOT_FOUND, "there is no such resource of this participant");
    }

    /**
     * Takes a fragment with trickled candidates, or with the new credentials of an ICE restart.
     *
     * <p>An ICE-lite agent learns a client's candidates from its checks, so that they are not kept; that they are
     * well-formed and for this ICE session is checked all the same. What is asked while a restart is under way waits
     * for it, and is judged by what it has made.
     *
     * @param match value of If-Match; empty stands for any ICE session
     * @return the resource in its new ICE session, empty when there is none to tell of
     */
    CompletableFuture<Optional<Resource>> patch(final Claims claims, final Resource resource,
        final Optional<String> match, final String body, final Executor loop) throws ProblemException {
        final IceFragment fragment = IceFragment.parse(body);
        return resources.inTurn(resource.id(), () -> patched(claims, find(claims, resource.id())
            .orElseThrow(MediaConnections::noSuchResource), match, fragment, loop), loop);
    }

    private CompletableFuture<Optional<Resource>> patched(final Claims claims, final Resource resource,
        final Optional<String> match, final IceFragment fragment, final Executor loop) throws ProblemException {
        final boolean isNew = !fragment.ufrag().isEmpty() && !fragment.ufrag().equals(resource.remoteUfrag());
        if (isNew) {
            fragment.requireCredentials();
        }
        if (!matches(match.orElse(ANY), resource) || (isNew && fragment.ufrag().equals(resource.formerUfrag()))) {
            throw new ProblemException(ProblemType.PRECONDITION_FAILED,
                "If-Match or ice-ufrag is not of the resource's present ICE session");
        }
        if (isNew) {
            return restart(claims, resource, fragment, loop).thenApply(Optional::of);
        }
        // A restart asked for again, because its response was lost: the client waits for these credentials.
        final boolean isRepeated = !fragment.ufrag().isEmpty() && !resource.restarted().isEmpty()
            && match.isPresent() && isAny(match.get());
        return CompletableFuture.completedFuture(isRepeated ? Optional.of(resource) : Optional.empty());
    }

    /**
     * RFC 9725 section 4.3.3. When the lane refuses, the old ICE session goes on. When its answer is late or lost it
     * may have restarted all the same: the old session still goes on until a check with the new credentials, but a
     * second restart forgets those of the first.
     */
    private CompletableFuture<Resource> restart(final Claims claims, final Resource resource,
        final IceFragment fragment, final Executor loop) {
        final IceCredentials local = new IceCredentials(secrets.ufrag(), secrets.password());
        return door.ask(relay.restartIce(claims.consultation(), claims.participant(), resource.id(), local), loop)
            .thenApply(addresses -> {
                final Resource restarted = resource.restart(secrets.entityTag(), fragment.ufrag(),
                    IceFragment.write(resource.head(), local, addresses.withHttpPort(httpPort.getAsInt())));
                resources.replace(restarted);
                return restarted;
            });
    }

    private CompletionStage<Created> admit(final Claims claims, final Wish wish, final SessionDescription offer,
        final Set<MediaKind> kinds, final MediaOffer media, final Executor loop) {
        final Optional<ProblemException> unfit = unfit(media.endToEnd(), wish.encrypted());
        if (unfit.isPresent()) {
            return CompletableFuture.failedFuture(unfit.get());
        }
        final boolean publisher = wish.publisher();
        final String resource = secrets.id();
        final String ufrag = secrets.ufrag();
        final String password = secrets.password();
        final AnswerPlan plan = new AnswerPlan(publisher ? AnswerPlan.Mode.PUBLISH : AnswerPlan.Mode.SUBSCRIBE, ufrag,
            password, media.addresses().withHttpPort(httpPort.getAsInt()), secrets.ssrcs(), secrets.sessionId(), 1,
            secrets.id(), kinds,
            publisher ? List.of() : media.publications(), wish.labels(), claims.mayUseDataChannels(),
            wish.encrypted());
        final Answer answer;
        try {
            answer = SdpAnswerer.answer(offer, plan);
        } catch (SdpRefusal refusal) {
            return CompletableFuture.failedFuture(
                new ProblemException(ProblemType.UNACCEPTABLE_OFFER, String.valueOf(refusal.getMessage())));
        }
        final PeerSpec spec = new PeerSpec(resource, claims, publisher, ufrag, password, answer.remoteUfrag(),
            answer.remotePassword(), answer.fingerprintAlgorithm(), answer.fingerprint(), answer.dtlsClient(),
            answer.sections(), answer.sources(), wish.from(), wish.session(), profiles(offer, wish.profiles()),
            answer.data());
        final CompletionStage<Outcome<PeerSpec>> asked = relay.addPeer(spec, () -> forget(resource, loop));
        return door.ask(asked, loop).whenComplete((admitted, failure) -> {
            if (failure != null) {
                // The lane may admit it after the client was told otherwise: such a peer has no owner.
                asked.thenAccept(late -> {
                    if (late.value() != null) {
                        relay.removePeer(claims.consultation(), claims.participant(), resource);
                    }
                });
            }
        }).thenApply(admitted -> created(claims, wish, resource, answer));
    }

    /** Reads what a client says of encryption: nothing, or the one scheme there is. */
    static boolean isEncrypted(final Optional<String> scheme) throws ProblemException {
        if (scheme.isPresent() && !scheme.get().equals(SCHEME)) {
            throw new ProblemException(ProblemType.INVALID_FIELD,
                "the only scheme of end-to-end encryption is " + SCHEME);
        }
        return scheme.isPresent();
    }

    /** Why a client may not take part, by what it says of encryption. */
    private static Optional<ProblemException> unfit(final EndToEndPolicy policy, final boolean encrypted) {
        if (!encrypted && !policy.allowsClear()) {
            return Optional.of(new ProblemException(ProblemType.ENCRYPTION_REQUIRED, "this consultation is end-to-end "
                + "encrypted, and this client did not say that it encrypts (e2ee=sframe)"));
        }
        return encrypted && !policy.allowsEncrypted() ? Optional.of(new ProblemException(ProblemType.ENCRYPTION_OFF,
            "this consultation is not end-to-end encrypted: others could not open what this client encrypts"))
            : Optional.empty();
    }

    /** The lane's word comes after its answer to {@link #admit}, by the same loop: what it added is there by then. */
    private void forget(final String resource, final Executor loop) {
        try {
            loop.execute(() -> resources.remove(resource));
        } catch (RejectedExecutionException e) {
            Faults.late();
        }
    }

    private Created created(final Claims claims, final Wish wish, final String resource, final Answer answer) {
        final String entityTag = secrets.entityTag();
        resources.add(new Resource(resource, claims.consultation(), claims.participant(), wish.publisher(), entityTag,
            answer.remoteUfrag(), "", IceFragment.head(answer.sdp()), ""));
        stats.count(wish.session() != PeerSpec.NO_SESSION ? SignalCounter.SESSION_MEDIA_CREATED
            : wish.publisher() ? SignalCounter.WHIP_CREATED : SignalCounter.WHEP_CREATED);
        return new Created(resource, entityTag, answer.sdp());
    }

    /** Profiles of the video sections they are meant for: by mid, else by track id, else for all video. */
    private static Map<String, TrackProfile> profiles(final SessionDescription offer,
        final Map<String, TrackProfile> said) {
        final Map<String, TrackProfile> byMid = new HashMap<>();
        for (final MediaSection section : offer.sections()) {
            final String track = section.first(Msid.class).map(Msid::track).orElse("");
            for (final String key : List.of(section.mid(), track, section.media())) {
                final TrackProfile profile = section.media().equals("video") ? said.get(key) : null;
                if (profile != null) {
                    byMid.putIfAbsent(section.mid(), profile);
                }
            }
        }
        return byMid;
    }

    private static Set<MediaKind> grantedKinds(final Claims claims, final boolean publisher,
        final boolean hasDataChannels)
        throws ProblemException {
        final EnumSet<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
        if (may(claims, publisher, TrackClass.AUDIO) || may(claims, publisher, TrackClass.DEVICE_AUDIO)) {
            kinds.add(MediaKind.AUDIO);
        }
        if (may(claims, publisher, TrackClass.VIDEO)) {
            kinds.add(MediaKind.VIDEO);
        }
        if (kinds.isEmpty() && !(hasDataChannels && claims.mayUseDataChannels())) {
            throw notGranted(publisher ? "publish:audio or publish:video" : "subscribe:audio or subscribe:video");
        }
        return kinds;
    }

    private static boolean may(final Claims claims, final boolean publisher, final TrackClass trackClass) {
        return publisher ? claims.grants().mayPublish(trackClass) : claims.grants().maySubscribe(trackClass);
    }

    /** A publisher who may not publish what it offers is told, rather than seen without picture. */
    private static void requireGranted(final SessionDescription offer, final Set<MediaKind> kinds)
        throws ProblemException {
        for (final MediaSection section : offer.sections()) {
            if (section.port() == 0 && !section.bundleOnly()) {
                continue;
            }
            if (section.media().equals("audio") && !kinds.contains(MediaKind.AUDIO)) {
                throw notGranted("publish:audio");
            }
            if (section.media().equals("video") && !kinds.contains(MediaKind.VIDEO)) {
                throw notGranted("publish:video");
            }
        }
    }

    private static SessionDescription parse(final String sdp) throws ProblemException {
        try {
            return SessionDescription.parse(sdp);
        } catch (SdpException e) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, String.valueOf(e.getMessage()));
        }
    }

    /** A body as text. */
    static String text(final byte[] body) throws ProblemException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, "the body is not UTF-8");
        }
    }

    /** RFC 9110 section 13.1.1 has it bare, the examples of RFC 9725 in quotes. */
    private static boolean isAny(final String ifMatch) {
        return ifMatch.strip().equals(ANY) || ifMatch.strip().equals('"' + ANY + '"');
    }

    private static boolean matches(final String ifMatch, final Resource resource) {
        if (isAny(ifMatch)) {
            return true;
        }
        for (final String tag : ifMatch.split(",", -1)) {
            if (tag.strip().equals(resource.entityTag())) {
                return true;
            }
        }
        return false;
    }

    static ProblemException notGranted(final String what) {
        return new ProblemException(ProblemType.NOT_GRANTED, "the token does not grant " + what);
    }
}
