package org.chevet.bench.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Any server that speaks WHIP (RFC 9725) and WHEP: it needs the addresses only. In them {@code {room}},
 * {@code {participant}} and {@code {from}} stand for the names.
 */
public class WhipServer implements MediaServer {
    private static final int CREATED = 201;
    private static final int TOO_MANY = 429;
    private static final int GONE = 404;
    private static final int ERROR = 400;
    private static final int TRIES = 50;
    private static final long AGAIN_MS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final String name;
    private final String whip;
    private final String whep;
    private final String token;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(TIMEOUT).build();

    /**
     * By addresses.
     *
     * @param token bearer token, "" for none
     */
    public WhipServer(final String name, final String whip, final String whep, final String token) {
        this.name = name;
        this.whip = whip;
        this.whep = whep;
        this.token = token;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void open(final String room) throws ServerException, InterruptedException {
        // WHIP has no rooms: the address names it.
    }

    @Override
    public void close(final String room) throws ServerException, InterruptedException {
        // As above.
    }

    @Override
    public void prepare(final String room, final String participant) throws ServerException, InterruptedException {
        // One token for all.
    }

    @Override
    public boolean takesEarlySubscribers() {
        return false;
    }

    /** The token of a participant, "" for none. */
    protected String tokenOf(final String room, final String participant) throws ServerException {
        return token;
    }

    @Override
    public Agreement publish(final String room, final String participant, final LocalEnd local)
        throws ServerException, InterruptedException {
        return post(whip, room, participant, "", Sdp.sendingOffer(local));
    }

    @Override
    public Agreement subscribe(final String room, final String participant, final String from, final LocalEnd local)
        throws ServerException, InterruptedException {
        return post(whep, room, participant, from, Sdp.receivingOffer(local));
    }

    private Agreement post(final String template, final String room, final String participant, final String from,
        final String offer) throws ServerException, InterruptedException {
        final URI endpoint = URI.create(template.replace("{room}", room).replace("{participant}", participant)
            .replace("{from}", from));
        final String bearer = tokenOf(room, participant);
        final HttpResponse<String> response = send(authorized(HttpRequest.newBuilder(endpoint), bearer)
            .header("content-type", "application/sdp").POST(HttpRequest.BodyPublishers.ofString(offer)).build());
        if (response.statusCode() != CREATED) {
            throw refused(response);
        }
        final String location = response.headers().firstValue("location")
            .orElseThrow(() -> new ServerException("the server created a resource without saying where"));
        final URI resource = endpoint.resolve(location);
        final String host = endpoint.getHost();
        final boolean near = host.equals("localhost") || host.startsWith("127.");
        return Sdp.agree(Sdp.parse(response.body()), near, () -> {
            final HttpResponse<String> ended =
                send(authorized(HttpRequest.newBuilder(resource), bearer).DELETE().build());
            if (ended.statusCode() >= ERROR && ended.statusCode() != GONE) {
                throw refused(ended);
            }
        });
    }

    private static HttpRequest.Builder authorized(final HttpRequest.Builder request, final String bearer) {
        request.timeout(TIMEOUT);
        return bearer.isEmpty() ? request : request.header("authorization", "Bearer " + bearer);
    }

    /** Sends a request, again when the server says that it was too fast. */
    protected final HttpResponse<String> send(final HttpRequest request)
        throws ServerException, InterruptedException {
        for (int i = 0;; i++) {
            final HttpResponse<String> response;
            try {
                response = http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (final IOException e) {
                throw new ServerException("the server cannot be reached at " + request.uri().getAuthority() + ": " + e,
                    e);
            }
            if (response.statusCode() != TOO_MANY || i >= TRIES) {
                return response;
            }
            Thread.sleep(AGAIN_MS);
        }
    }

    /** A refusal in the server's own words. */
    protected static ServerException refused(final HttpResponse<String> response) {
        final String body = response.body().strip();
        return new ServerException("the server refused " + response.request().method() + " "
            + response.request().uri().getPath() + " with " + response.statusCode() + ": "
            + body.substring(0, Math.min(300, body.length())));
    }
}
