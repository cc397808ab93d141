package org.chevet.relay.signal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.signal.AnswerPlan.TrackLabel;
import org.chevet.relay.signal.MediaResources.Resource;

/** WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): {@link MediaConnections} over HTTP. */
final class MediaEndpoint {
    static final String SDP = "application/sdp";
    static final String FRAGMENT = "application/trickle-ice-sdpfrag";
    static final String COLLECTION_METHODS = "POST, OPTIONS";
    static final String RESOURCE_METHODS = "DELETE, PATCH, OPTIONS";
    private static final String WHIP = "/whip/";
    private static final String WHEP = "/whep/";

    private final Authenticator authenticator;
    private final MediaConnections connections;
    private final TurnServers turn;
    private final LongSupplier clockMs;

    MediaEndpoint(final Authenticator authenticator, final MediaConnections connections, final TurnServers turn,
        final LongSupplier clockMs) {
        this.authenticator = authenticator;
        this.connections = connections;
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
        final boolean encrypted = MediaConnections.isEncrypted(call.target().first("e2ee"));
        final MediaConnections.Wish wish = publisher ? MediaConnections.Wish.publish(labels(call, claims), encrypted)
            : MediaConnections.Wish.receive(call.target().first("from").orElse(""), encrypted);
        return connections.create(claims, wish, MediaConnections.text(call.body()), loop)
            .thenApply(created -> created(claims, publisher, created));
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
        final String link = turn.link(claims.consultation(), claims.participant(), clockMs.getAsLong(),
            claims.expiresAtMs());
        if (!link.isEmpty()) {
            headers.put("link", link);
        }
    }

    /** DELETE of a resource, whatever its ICE session: If-Match is ignored (RFC 9725 section 4.3.1). */
    CompletableFuture<Response> delete(final Call call, final String consultation,
        final String id, final Executor loop) throws ProblemException {
        final Claims claims = authenticator.participant(call, consultation);
        return connections.delete(claims, id, loop).thenApply(removed -> Response.empty(200, Map.of()));
    }

    /** PATCH with trickled candidates, or with the new credentials of an ICE restart. */
    CompletableFuture<Response> patch(final Call call, final boolean publisher, final String consultation,
        final String id, final Executor loop) throws ProblemException {
        final Claims claims = authenticator.participant(call, consultation);
        final Resource resource = connections.find(claims, id).filter(found -> found.publisher() == publisher)
            .orElseThrow(MediaConnections::noSuchResource);
        requireType(call, FRAGMENT, "accept-patch");
        final Optional<String> match = call.header("if-match");
        if (match.isEmpty() && publisher) {
            throw new ProblemException(ProblemType.PRECONDITION_REQUIRED,
                "If-Match with the ETag of the ICE session, or * for a restart, is missing (RFC 9725 section 4.3.1)");
        }
        return connections.patch(claims, resource, match, MediaConnections.text(call.body()), loop)
            .thenApply(restarted -> restarted.isEmpty() ? Response.empty(204, Map.of())
                : Response.fragment(restarted.get().entityTag(), restarted.get().restarted()));
    }

    private Response created(final Claims claims, final boolean publisher, final MediaConnections.Created created) {
        final Map<String, String> headers = new TreeMap<>();
        headers.put("location", (publisher ? WHIP : WHEP) + claims.consultation() + "/" + created.resource());
        headers.put("etag", created.entityTag());
        addIceServers(headers, claims);
        headers.put("accept-patch", FRAGMENT);
        return Response.sdp(201, headers, created.sdp());
    }

    /** {@code label=}: a name for all tracks, or {@code key:name} for one mid, track id, "audio" or "video". */
    private static Map<String, TrackLabel> labels(final Call call, final Claims claims) throws ProblemException {
        final TrackLabels labels = new TrackLabels(claims,
            call.target().query().getOrDefault("audio", List.of()).contains("device"));
        for (final String value : call.target().query().getOrDefault("label", List.of())) {
            labels.add(value);
        }
        return labels.labels();
    }

    private static void requireType(final Call call, final String type, final String acceptHeader)
        throws ProblemException {
        if (!call.contentType().equals(type)) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "the body must be " + type,
                Map.of(acceptHeader, type));
        }
    }
}
