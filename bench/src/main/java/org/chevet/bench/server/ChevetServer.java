package org.chevet.bench.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Chevet, whose API opens consultations and makes tokens. */
public final class ChevetServer extends WhipServer {
    private static final int ERROR = 400;
    private static final int CONFLICT = 409;
    private static final int GONE = 404;
    private static final int TOKEN_SECONDS = 7200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final String apiKey;
    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    /** By address, {@code http://host:port}, and a key that opens the API. */
    public ChevetServer(final String name, final URI base, final String apiKey) {
        super(name, base + "/whip/{room}", base + "/whep/{room}?from={from}", "");
        this.base = base;
        this.apiKey = apiKey;
    }

    /** Address of HTTP. */
    public URI base() {
        return base;
    }

    @Override
    public boolean takesEarlySubscribers() {
        return true;
    }

    @Override
    public void open(final String room) throws ServerException, InterruptedException {
        final HttpResponse<String> response =
            post("/v1/consultations", JSON.createObjectNode().put("id", room));
        if (response.statusCode() >= ERROR && response.statusCode() != CONFLICT) {
            throw refused(response);
        }
    }

    @Override
    public void close(final String room) throws ServerException, InterruptedException {
        final HttpResponse<String> response = send(HttpRequest.newBuilder(base.resolve("/v1/consultations/" + room))
            .header("authorization", "Bearer " + apiKey).DELETE().build());
        if (response.statusCode() >= ERROR && response.statusCode() != GONE) {
            throw refused(response);
        }
    }

    @Override
    public void prepare(final String room, final String participant) throws ServerException, InterruptedException {
        if (!tokens.containsKey(room + "/" + participant)) {
            token(room, participant, "practitioner");
        }
    }

    /** Makes a token for a role: {@code device} for vitals. */
    public String token(final String room, final String participant, final String role)
        throws ServerException, InterruptedException {
        final HttpResponse<String> response = post("/v1/tokens", JSON.createObjectNode().put("consultation", room)
            .put("participant", participant).put("role", role).put("name", participant)
            .put("ttlSeconds", TOKEN_SECONDS));
        if (response.statusCode() >= ERROR) {
            throw refused(response);
        }
        try {
            final JsonNode answer = JSON.readTree(response.body());
            final String token = answer.path("token").asText("");
            tokens.put(room + "/" + participant, token);
            return token;
        } catch (final JsonProcessingException e) {
            throw new ServerException("the relay's answer about a token is no JSON", e);
        }
    }

    @Override
    protected String tokenOf(final String room, final String participant) throws ServerException {
        final String token = tokens.get(room + "/" + participant);
        if (token == null) {
            throw new ServerException("no token was made for " + participant);
        }
        return token;
    }

    private HttpResponse<String> post(final String path, final ObjectNode body)
        throws ServerException, InterruptedException {
        return send(HttpRequest.newBuilder(base.resolve(path)).header("authorization", "Bearer " + apiKey)
            .header("content-type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build());
    }
}
