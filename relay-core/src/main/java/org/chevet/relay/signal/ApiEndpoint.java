package org.chevet.relay.signal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.EndToEndPolicy;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.OpaqueId;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.lane.RelayDoor;
import org.chevet.relay.lane.RelayDoor.ConsultationInfo;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.lane.RelayDoor.Track;
import org.chevet.relay.route.PublicationInfo;
import org.chevet.relay.token.TokenIssuer;
import org.chevet.relay.token.TokenRefusal;
import org.chevet.relay.token.TokenVerifier;

/** The REST API for vendors' back-ends: consultations and tokens. */
final class ApiEndpoint {
    private static final long DEFAULT_TTL_S = 3600;
    private static final long MAX_TTL_S = TokenVerifier.MAX_LIFETIME_MS / 1000;
    private static final Set<String> TOKEN_MEMBERS =
        Set.of("consultation", "participant", "role", "name", "grants", "ttlSeconds");

    private final RelayDoor relay;
    private final Door door;
    private final Authenticator authenticator;
    private final TokenIssuer issuer;
    private final LongSupplier clockMs;
    private final Secrets secrets;
    private final MediaResources resources;
    private final SignalStats stats;
    private final String publicUrl;
    private final String scheme;

    ApiEndpoint(final RelayDoor relay, final Door door, final Authenticator authenticator, final TokenIssuer issuer,
        final LongSupplier clockMs, final Secrets secrets, final MediaResources resources, final SignalStats stats,
        final String publicUrl, final boolean secure) {
        this.relay = relay;
        this.door = door;
        this.authenticator = authenticator;
        this.issuer = issuer;
        this.clockMs = clockMs;
        this.secrets = secrets;
        this.resources = resources;
        this.stats = stats;
        this.publicUrl = publicUrl;
        this.scheme = secure ? "https://" : "http://";
    }

    CompletableFuture<Response> open(final Call call, final Executor loop) throws ProblemException {
        authenticator.requireApiKey(call);
        final Json body = body(call, Set.of("id", "e2ee"));
        final Optional<String> given = body.text("id");
        final String id = given.isPresent() ? checkedId("id", given.get()) : secrets.id();
        final Optional<String> asked = body.text("e2ee");
        final Optional<EndToEndPolicy> policy = asked.flatMap(EndToEndPolicy::ofLabel);
        if (asked.isPresent() && policy.isEmpty()) {
            throw invalid("e2ee is not one of required, allowed, off");
        }
        return door.ask(relay.open(id, policy.orElse(null)), loop).thenApply(info ->
            Response.json(201, Map.of("location", "/v1/consultations/" + id), json(info).toString()));
    }

    CompletableFuture<Response> show(final Call call, final String id, final Executor loop) throws ProblemException {
        authenticator.requireApiKey(call);
        return door.ask(relay.consultation(id), loop)
            .thenApply(info -> Response.json(200, Map.of(), json(info).toString()));
    }

    CompletableFuture<Response> close(final Call call, final String id, final Executor loop)
        throws ProblemException {
        authenticator.requireApiKey(call);
        return door.ask(relay.close(id), loop).thenApply(info -> {
            resources.removeAllOf(id);
            return Response.empty(204, Map.of());
        });
    }

    CompletableFuture<Response> evict(final Call call, final String id, final String participant, final Executor loop)
        throws ProblemException {
        authenticator.requireApiKey(call);
        return door.ask(relay.evict(id, participant), loop).thenApply(done -> Response.empty(204, Map.of()));
    }

    CompletableFuture<Response> token(final Call call, final Executor loop) throws ProblemException {
        authenticator.requireApiKey(call);
        final Json body = body(call, TOKEN_MEMBERS);
        final String consultation = checkedId("consultation", body.required("consultation"));
        final String participant = checkedId("participant", body.required("participant"));
        final Role role = Role.ofClaim(body.required("role")).orElseThrow(() -> invalid("role is not one of "
            + String.join(", ", Arrays.stream(Role.values()).map(Role::claim).toList())));
        final String name = body.text("name").orElse("");
        final Optional<String> fault = OpaqueId.faultOfName("name", name);
        if (fault.isPresent()) {
            throw new ProblemException(ProblemType.INVALID_ID, fault.get());
        }
        final long ttl = body.integer("ttlSeconds").orElse(DEFAULT_TTL_S);
        if (ttl < 1 || ttl > MAX_TTL_S) {
            throw invalid("ttlSeconds is not 1 to " + MAX_TTL_S);
        }
        final Grants grants = grants(body, role);
        final String base = baseUrl(call);
        return Door.then(door.ask(relay.consultation(consultation), loop), info -> {
            final long nowMs = clockMs.getAsLong();
            final long expiresAtMs = (nowMs / 1000 + ttl) * 1000;
            return issue(new Claims(participant, consultation, role, name, grants, expiresAtMs), nowMs, base);
        });
    }

    private Response issue(final Claims claims, final long nowMs, final String base) throws ProblemException {
        final String token;
        try {
            token = issuer.issue(claims, nowMs);
        } catch (TokenRefusal refusal) {
            throw invalid(refusal.sentence());
        }
        stats.count(SignalCounter.TOKENS_ISSUED);
        final ObjectNode reply = Json.object().put("token", token)
            .put("expiresAt", java.time.Instant.ofEpochMilli(claims.expiresAtMs()).toString());
        final ObjectNode links = reply.putObject("links");
        switch (claims.role()) {
            case PRACTITIONER, GUEST -> links.put("page", base + "/practitioner#t=" + token);
            case PATIENT, COMPANION -> links.put("page", base + "/site#t=" + token);
            case DEVICE -> { }
        }
        final String socketBase = base.startsWith("https:") ? "wss" + base.substring("https".length())
            : "ws" + base.substring("http".length());
        links.put("whip", base + "/whip/" + claims.consultation());
        links.put("whep", base + "/whep/" + claims.consultation());
        links.put("vitals", socketBase + "/v1/vitals");
        links.put("session", socketBase + "/v1/session");
        return Response.json(201, Map.of(), reply.toString());
    }

    private static Grants grants(final Json body, final Role role) throws ProblemException {
        final Optional<List<String>> entries = body.texts("grants");
        if (entries.isEmpty()) {
            return Grants.defaultsOf(role);
        }
        try {
            return Grants.parse(entries.get());
        } catch (IllegalArgumentException e) {
            throw invalid("grants holds an entry that is not publish:<class> or subscribe:<class>, with class one of "
                + "audio, video, waveform, numeric, device-audio, event, alert, object or *");
        }
    }

    private static Json body(final Call call, final Set<String> members) throws ProblemException {
        if (call.body().length > 0 && !call.contentType().equals("application/json")) {
            throw new ProblemException(ProblemType.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json",
                Map.of("accept-post", "application/json"));
        }
        return Json.read(call.body(), members);
    }

    private String baseUrl(final Call call) throws ProblemException {
        if (!publicUrl.isEmpty()) {
            return publicUrl;
        }
        final String host = call.header("host").orElse("");
        if (!host.matches("[A-Za-z0-9.:\\[\\]_-]{1,255}")) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "the Host header is missing or not a host");
        }
        return scheme + host.toLowerCase(Locale.ROOT);
    }

    private static ObjectNode json(final ConsultationInfo info) {
        final ObjectNode node = Json.object().put("id", info.id()).put("lane", info.lane())
            .put("e2ee", info.endToEnd().label());
        final ArrayNode roster = node.putArray("roster");
        for (final RosterEntry entry : info.roster()) {
            final ObjectNode participant = roster.addObject().put("participant", entry.participant())
                .put("role", entry.role()).put("name", entry.name()).put("ready", entry.ready());
            entry.connections().forEach(participant.putArray("connections")::add);
            final ArrayNode publications = participant.putArray("publications");
            for (final Track track : entry.publications()) {
                final PublicationInfo publication = track.info();
                final ObjectNode shown = publications.addObject().put("id", publication.id())
                    .put("kind", publication.kind().name().toLowerCase(Locale.ROOT))
                    .put("label", publication.label()).put("mid", publication.mid()).put("muted", track.muted());
                if (track.profile() != null) {
                    shown.put("profile", track.profile().label());
                }
            }
        }
        return node;
    }

    static String checkedId(final String what, final String id) throws ProblemException {
        final Optional<String> fault = OpaqueId.faultOfId(what, id);
        if (fault.isPresent()) {
            throw new ProblemException(ProblemType.INVALID_ID, fault.get());
        }
        return id;
    }

    private static ProblemException invalid(final String detail) {
        return new ProblemException(ProblemType.INVALID_FIELD, detail);
    }
}
