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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.OpaqueId;
import org.chevet.relay.consultation.TrackClass;
import org.chevet.relay.lane.IceCredentials;
import org.chevet.relay.lane.Outcome;
import org.chevet.relay.lane.PeerSpec;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.MediaOffer;
import org.chevet.relay.route.MediaKind;
import org.chevet.relay.signal.AnswerPlan.TrackLabel;
import org.chevet.relay.signal.MediaResources.Resource;

/** WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): the client offers, the relay answers. */
final class MediaEndpoint {
    static final String SDP = "application/sdp";
    static final String FRAGMENT = "application/trickle-ice-sdpfrag";
    static final String COLLECTION_METHODS = "POST, OPTIONS";
    static final String RESOURCE_METHODS = "DELETE, PATCH, OPTIONS";
    private static final String ANY = "*";
    private static final String WHIP = "/whip/";
    private static final String WHEP = "/whep/";

    private final RelayDoor relay;
    private final Door door;
    private final Authenticator authenticator;
    private final Secrets secrets;
    private final MediaResources resources;
    private final SignalStats stats;
    private final IntSupplier httpPort;
    private final TurnServers turn;
    private final LongSupplier clockMs;

    MediaEndpoint(final RelayDoor relay, final Door door, final Authenticator authenticator, final Secrets secrets,
        final MediaResources resources, final SignalStats stats, final IntSupplier httpPort,
        final TurnServers turn, final LongSupplier clockMs) {
        this.relay = relay;
        this.door = door;
        this.authenticator = authenticator;
        this.secrets = secrets;
        this.resources = resources;
        this.stats = stats;
        this.httpPort = httpPort;
        this.turn = turn;
        this.clockMs = clockMs;
    }

    /** POST of an offer. */
    CompletableFuture<Response> create(final Call call, final boolean publisher, final String consultation,
        final Executor loop) throws ProblemException {
        final Claims claims = authenticator.participant(call, consultation);
        requireType(call, SDP, "accept-post");
        if (!call.accepts(SDP)) {
            throw new ProblemException(ProblemType.NOT_ACCEPTABLE, "the answer is application/sdp; Accept excludes it");
        }
        final Set<MediaKind> kinds = grantedKinds(claims, publisher);
        final SessionDescription offer = parse(call.body());
        if (publisher) {
            requireGranted(offer, kinds);
        }
        final Map<String, TrackLabel> labels = publisher ? labels(call, claims) : Map.of();
        final String from = publisher ? "" : from(call);
        return door.ask(relay.media(consultation, from), loop)
            .thenCompose(media -> admit(claims, publisher, offer, kinds, labels, from, media, loop));
    }

    /**
     * The TURN servers, for OPTIONS of a participant (RFC 9725 section 4.6); nothing for anybody else, whose OPTIONS
     * is none the less answered: a preflight has no token, and credentials are for participants only.
     */
    Map<String, String> iceServers(final Call call, final String consultation) {
        final Map<String, String> headers = new TreeMap<>();
        if (!turn.isEmpty() && Authenticator.bearer(call).isPresent()) {
            try {
                addIceServers(headers, authenticator.participant(call, consultation));
                headers.put("cache-control", "no-store");
            } catch (ProblemException e) {
                return Map.of();
            }
        }
        return headers;
    }

    private void addIceServers(final Map<String, String> headers, final Claims claims) {
        final String link = turn.link(claims.consultation(), claims.participant(), clockMs.getAsLong());
        if (!link.isEmpty()) {
            headers.put("link", link);
        }
    }

    /** DELETE of a resource, whatever its ICE session: If-Match is ignored (RFC 9725 section 4.3.1). */
    CompletableFuture<Response> delete(final Call call, final String consultation,
        final String id, final Executor loop) throws ProblemException {
        final Claims claims = authenticator.participant(call, consultation);
        return door.ask(relay.removePeer(consultation, claims.participant(), id), loop).thenApply(removed -> {
            resources.remove(id);
            return Response.empty(200, Map.of());
        });
    }

    /**
     * PATCH with trickled candidates, or with the new credentials of an ICE restart.
     *
     * <p>An ICE-lite agent learns a client's candidates from its checks, so that they need not be kept; that they are
     * well-formed and for this ICE session is checked all the same.
     */
    CompletableFuture<Response> patch(final Call call, final boolean publisher, final String consultation,
        final String id, final Executor loop) throws ProblemException {
        final Claims claims = authenticator.participant(call, consultation);
        final Resource resource = resources.find(id, consultation, claims.participant(), publisher).orElseThrow(() ->
            new ProblemException(ProblemType.NOT_FOUND, "there is no such resource of this participant"));
        requireType(call, FRAGMENT, "accept-patch");
        final Optional<String> match = call.header("if-match");
        if (match.isEmpty() && publisher) {
            throw new ProblemException(ProblemType.PRECONDITION_REQUIRED,
                "If-Match with the ETag of the ICE session, or * for a restart, is missing (RFC 9725 section 4.3.1)");
        }
        final IceFragment fragment = IceFragment.parse(text(call.body()));
        final boolean isNew = !fragment.ufrag().isEmpty() && !fragment.ufrag().equals(resource.remoteUfrag());
        if (isNew) {
            fragment.requireCredentials();
        }
        if (!matches(match.orElse(ANY), resource) || (isNew && fragment.ufrag().equals(resource.formerUfrag()))) {
            throw preconditionFailed();
        }
        if (isNew) {
            return restart(claims, resource, fragment, loop);
        }
        // A restart asked for again, because its response was lost: the client waits for these credentials.
        final boolean isRepeated = !fragment.ufrag().isEmpty() && !resource.restarted().isEmpty()
            && match.isPresent() && isAny(match.get());
        return CompletableFuture.completedFuture(isRepeated
            ? Response.fragment(resource.entityTag(), resource.restarted()) : Response.empty(204, Map.of()));
    }

    /**
     * RFC 9725 section 4.3.3. The old ICE session goes on until the client's first check in the new one, and for good
     * when this fails.
     */
    private CompletableFuture<Response> restart(final Claims claims, final Resource resource,
        final IceFragment fragment, final Executor loop) {
        final IceCredentials local = new IceCredentials(secrets.ufrag(), secrets.password());
        return door.ask(relay.restartIce(claims.consultation(), claims.participant(), resource.id(), local), loop)
            .thenApply(addresses -> {
                final Resource restarted = resource.restart(secrets.entityTag(), fragment.ufrag(),
                    IceFragment.write(resource.head(), local, addresses.withHttpPort(httpPort.getAsInt())));
                resources.replace(restarted);
                return Response.fragment(restarted.entityTag(), restarted.restarted());
            });
    }

    private CompletionStage<Response> admit(final Claims claims, final boolean publisher,
        final SessionDescription offer, final Set<MediaKind> kinds, final Map<String, TrackLabel> labels,
        final String from, final MediaOffer media, final Executor loop) {
        final String resource = secrets.id();
        final String ufrag = secrets.ufrag();
        final String password = secrets.password();
        final AnswerPlan plan = new AnswerPlan(publisher ? AnswerPlan.Mode.PUBLISH : AnswerPlan.Mode.SUBSCRIBE, ufrag,
            password, media.addresses().withHttpPort(httpPort.getAsInt()), secrets.ssrcs(), secrets.sessionId(), 1,
            secrets.id(), kinds,
            publisher ? List.of() : media.publications(), labels);
        final Answer answer;
        try {
            answer = SdpAnswerer.answer(offer, plan);
        } catch (SdpRefusal refusal) {
            return CompletableFuture.failedFuture(
                new ProblemException(ProblemType.UNACCEPTABLE_OFFER, String.valueOf(refusal.getMessage())));
        }
        final PeerSpec spec = new PeerSpec(resource, claims, publisher, ufrag, password, answer.remoteUfrag(),
            answer.remotePassword(), answer.fingerprintAlgorithm(), answer.fingerprint(), answer.dtlsClient(),
            answer.sections(), answer.sources(), from);
        final CompletionStage<Outcome<PeerSpec>> asked = relay.addPeer(spec);
        return door.ask(asked, loop).whenComplete((admitted, failure) -> {
            if (failure != null) {
                // The lane may admit it after the client was told otherwise: such a peer has no owner.
                asked.thenAccept(late -> {
                    if (late.value() != null) {
                        relay.removePeer(claims.consultation(), claims.participant(), resource);
                    }
                });
            }
        }).thenApply(admitted -> created(claims, publisher, resource, answer));
    }

    private Response created(final Claims claims, final boolean publisher, final String resource,
        final Answer answer) {
        final String entityTag = secrets.entityTag();
        resources.add(new Resource(resource, claims.consultation(), claims.participant(), publisher, entityTag,
            answer.remoteUfrag(), "", IceFragment.head(answer.sdp()), ""));
        stats.count(publisher ? SignalCounter.WHIP_CREATED : SignalCounter.WHEP_CREATED);
        final Map<String, String> headers = new TreeMap<>();
        headers.put("location", (publisher ? WHIP : WHEP) + claims.consultation() + "/" + resource);
        headers.put("etag", entityTag);
        addIceServers(headers, claims);
        headers.put("accept-patch", FRAGMENT);
        return Response.sdp(201, headers, answer.sdp());
    }

    private static Set<MediaKind> grantedKinds(final Claims claims, final boolean publisher)
        throws ProblemException {
        final EnumSet<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
        if (may(claims, publisher, TrackClass.AUDIO) || may(claims, publisher, TrackClass.DEVICE_AUDIO)) {
            kinds.add(MediaKind.AUDIO);
        }
        if (may(claims, publisher, TrackClass.VIDEO)) {
            kinds.add(MediaKind.VIDEO);
        }
        if (kinds.isEmpty()) {
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

    /** {@code label=}: a name for all tracks, or {@code key:name} for one mid, track id, "audio" or "video". */
    private static Map<String, TrackLabel> labels(final Call call, final Claims claims) throws ProblemException {
        final boolean deviceAudio = call.target().query().getOrDefault("audio", List.of()).contains("device");
        if (deviceAudio && !claims.grants().mayPublish(TrackClass.DEVICE_AUDIO)) {
            throw notGranted("publish:device-audio");
        }
        if (!deviceAudio && !claims.grants().mayPublish(TrackClass.AUDIO)
            && claims.grants().mayPublish(TrackClass.DEVICE_AUDIO)) {
            throw notGranted("publish:audio (the token grants device audio: say audio=device)");
        }
        final Map<String, TrackLabel> labels = new HashMap<>();
        if (deviceAudio) {
            labels.put("audio", new TrackLabel("", true));
        }
        for (final String value : call.target().query().getOrDefault("label", List.of())) {
            final Optional<String> fault = OpaqueId.faultOfName("label", value);
            if (fault.isPresent()) {
                throw new ProblemException(ProblemType.INVALID_ID, fault.get());
            }
            final int colon = value.indexOf(':');
            final String name = value.substring(colon + 1);
            if (colon < 0) {
                labels.put("audio", new TrackLabel(name, deviceAudio));
                labels.put("video", new TrackLabel(name, false));
            } else {
                final String key = value.substring(0, colon);
                labels.put(key, new TrackLabel(name, deviceAudio && !key.equals("video")));
            }
        }
        return labels;
    }

    private static String from(final Call call) throws ProblemException {
        final String from = call.target().first("from").orElse("");
        final Optional<String> fault = from.isEmpty() ? Optional.empty() : OpaqueId.faultOfId("from", from);
        if (fault.isPresent()) {
            throw new ProblemException(ProblemType.INVALID_ID, fault.get());
        }
        return from;
    }

    private static SessionDescription parse(final byte[] body) throws ProblemException {
        try {
            return SessionDescription.parse(text(body));
        } catch (SdpException e) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, String.valueOf(e.getMessage()));
        }
    }

    private static String text(final byte[] body) throws ProblemException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(ProblemType.MALFORMED_SDP, "the body is not UTF-8");
        }
    }

    private static void requireType(final Call call, final String type, final String acceptHeader)
        throws ProblemException {
        if (!call.contentType().equals(type)) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "the body must be " + type,
                Map.of(acceptHeader, type));
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

    private static ProblemException preconditionFailed() {
        return new ProblemException(ProblemType.PRECONDITION_FAILED,
            "If-Match or ice-ufrag is not of the resource's present ICE session");
    }

    private static ProblemException notGranted(final String what) {
        return new ProblemException(ProblemType.NOT_GRANTED, "the token does not grant " + what);
    }
}
