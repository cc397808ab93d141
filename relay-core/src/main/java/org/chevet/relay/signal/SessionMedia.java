package org.chevet.relay.signal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.TrackProfile;
import org.chevet.relay.lane.SessionRequest;
import org.chevet.relay.signal.MediaConnections.Wish;
import org.chevet.relay.signal.MediaResources.Resource;

/** Media connections over the session WebSocket: what {@link MediaEndpoint} is over HTTP. Safe on any thread. */
final class SessionMedia {
    private static final String RESOURCE = "resource";
    private static final String LABELS = "labels";
    private static final String PROFILES = "profiles";
    private static final int MAX_NAMED = 32;

    private final MediaConnections connections;
    private final Secrets secrets;
    private final SignalStats stats;

    SessionMedia(final MediaConnections connections, final Secrets secrets, final SignalStats stats) {
        this.connections = connections;
        this.secrets = secrets;
        this.stats = stats;
    }

    /** A new token to resume with. */
    String resumeToken() {
        return secrets.resumeToken();
    }

    /**
     * Does what a message asks.
     *
     * @param session number of the session that asks
     * @return the answer, on the loop: an error rather than a failure
     */
    CompletableFuture<String> run(final SessionCall.Media call, final Claims claims, final int session,
        final Executor loop) {
        CompletableFuture<String> answer;
        try {
            answer = start(call, claims, session, loop);
        } catch (ProblemException problem) {
            answer = CompletableFuture.failedFuture(problem);
        }
        return answer.exceptionally(failure -> error(call.id(), call.action().type(), Door.problemOf(failure)));
    }

    private CompletableFuture<String> start(final SessionCall.Media call, final Claims claims, final int session,
        final Executor loop) throws ProblemException {
        final Json message = call.message();
        return switch (call.action()) {
            case PUBLISH -> connections.create(claims, publishing(message, claims, session), message.required("sdp"),
                loop).thenApply(created -> created("published", call.id(), created));
            case SUBSCRIBE -> connections.create(claims, new Wish(false, Map.of(), Map.of(),
                message.text("from").orElse(""), encrypted(message), session), message.required("sdp"), loop)
                .thenApply(created -> created("subscribed", call.id(), created));
            case UNPUBLISH, UNSUBSCRIBE -> connections.delete(claims, message.required(RESOURCE), loop)
                .thenApply(removed -> answer("done", call.id()).put("request", call.action().type()).toString());
            case RESTART -> restart(message, claims, call.id(), loop);
        };
    }

    private Wish publishing(final Json message, final Claims claims, final int session) throws ProblemException {
        final TrackLabels labels = new TrackLabels(claims, message.text("audio").orElse("").equals("device"));
        final Optional<String> one = message.text("label");
        if (one.isPresent()) {
            labels.add("audio", one.get());
            labels.add("video", one.get());
        }
        final Optional<Json> several = members(message, LABELS);
        if (several.isPresent()) {
            for (final String key : several.get().names()) {
                labels.add(key, several.get().required(key));
            }
        }
        final Map<String, TrackProfile> profiles = new HashMap<>();
        final Optional<Json> said = members(message, PROFILES);
        if (said.isPresent()) {
            for (final String key : said.get().names()) {
                profiles.put(key, TrackProfile.ofLabel(said.get().required(key)).orElseThrow(() ->
                    new ProblemException(ProblemType.INVALID_FIELD, "a profile is detail or motion")));
            }
        }
        return new Wish(true, labels.labels(), profiles, "", encrypted(message), session);
    }

    private static boolean encrypted(final Json message) throws ProblemException {
        return MediaConnections.isEncrypted(message.text("endToEnd"));
    }

    private static Optional<Json> members(final Json message, final String name) throws ProblemException {
        final Optional<Json> members = message.object(name);
        if (members.isPresent() && members.get().names().size() > MAX_NAMED) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " has more than " + MAX_NAMED + " members");
        }
        return members;
    }

    private CompletableFuture<String> restart(final Json message, final Claims claims, final long id,
        final Executor loop) throws ProblemException {
        final Resource resource = connections.find(claims, message.required(RESOURCE))
            .orElseThrow(MediaConnections::noSuchResource);
        return Door.then(connections.patch(claims, resource, Optional.of("*"), message.required("fragment"), loop),
            restarted -> answer("restarted", id).put(RESOURCE, resource.id())
                .put("fragment", restarted.orElseThrow(() -> new ProblemException(ProblemType.INVALID_FIELD,
                    "the fragment has no new ice-ufrag and ice-pwd")).restarted()).toString());
    }

    private static String created(final String type, final long id, final MediaConnections.Created created) {
        return answer(type, id).put(RESOURCE, created.resource()).put("sdp", created.sdp()).toString();
    }

    /** An error that answers a request, counted under its name. */
    String error(final long id, final String request, final ProblemException problem) {
        stats.refuse(problem.type());
        return answer("error", id).put("request", request).put("problem", problem.type().urn())
            .put("status", problem.type().status())
            .put("title", problem.type().title()).put("detail", problem.detail()).toString();
    }

    private static ObjectNode answer(final String type, final long id) {
        final ObjectNode message = Json.object().put("type", type);
        if (id != SessionRequest.NO_ID) {
            message.put("id", id);
        }
        return message;
    }
}
