package org.chevet.relay.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.chevet.codec.sdp.MediaSection;
import org.chevet.codec.sdp.SdpException;
import org.chevet.codec.sdp.SessionDescription;

/** A WHIP or WHEP resource over HTTP (RFC 9725): created by an offer, ended by DELETE. */
final class MediaResource {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NOT_FOUND = 404;
    private static final int ERROR = 400;

    private final MediaClientConfig config;
    private final String token;
    private final URI location;
    private final SessionDescription answer;

    private MediaResource(final MediaClientConfig config, final String token, final URI location,
        final SessionDescription answer) {
        this.config = config;
        this.token = token;
        this.location = location;
        this.answer = answer;
    }

    /** Posts an offer and reads the answer. */
    static MediaResource create(final MediaClientConfig config, final URI endpoint, final String token,
        final SessionDescription offer) throws MediaClientException, InterruptedException {
        final HttpResponse<String> response = send(config.http(), request(config, endpoint, token)
            .header("content-type", "application/sdp")
            .POST(HttpRequest.BodyPublishers.ofString(offer.write())).build());
        if (response.statusCode() != CREATED) {
            throw new MediaClientException(response.statusCode(), refusal(response));
        }
        final String location = response.headers().firstValue("location").orElseThrow(
            () -> new MediaClientException("the relay created a resource without saying where"));
        try {
            return new MediaResource(config, token, endpoint.resolve(location),
                SessionDescription.parse(response.body()));
        } catch (final SdpException e) {
            throw new MediaClientException("the relay's answer cannot be read: " + e.getMessage(), e);
        } catch (final IllegalArgumentException e) {
            throw new MediaClientException("the relay created a resource at no readable address", e);
        }
    }

    SessionDescription answer() {
        return answer;
    }

    URI location() {
        return location;
    }

    /**
     * Restarts ICE (RFC 9725 section 4.3.3) with new credentials of ours.
     *
     * <p>A client of its own asks: the connections of the configuration's may belong to an address that is gone, which
     * nothing tells them.
     *
     * @return the relay's side: session lines and one section
     */
    SessionDescription restart(final Credentials local) throws MediaClientException, InterruptedException {
        final MediaSection tagged = answer.sections().stream().filter(media -> media.port() != 0).findFirst()
            .orElseThrow(() -> new MediaClientException("the relay's answer accepts no media section"));
        final String fragment = "m=" + tagged.media() + " 9 " + tagged.protocol() + " 0\r\na=mid:" + tagged.mid()
            + "\r\na=ice-ufrag:" + local.ufrag() + "\r\na=ice-pwd:" + local.password()
            + "\r\na=end-of-candidates\r\n";
        try (HttpClient fresh = config.freshHttp()) {
            final HttpResponse<String> response = send(fresh, request(config, location, token)
                .header("content-type", "application/trickle-ice-sdpfrag").header("if-match", "*")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(fragment)).build());
            if (response.statusCode() != OK) {
                throw new MediaClientException(response.statusCode(), refusal(response));
            }
            return SessionDescription.parse("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + response.body());
        } catch (final SdpException e) {
            throw new MediaClientException("the relay's answer to an ICE restart cannot be read: " + e.getMessage(),
                e);
        }
    }

    /** Ends the resource; one that is gone already is as good. */
    void delete() throws MediaClientException, InterruptedException {
        final HttpResponse<String> response =
            send(config.http(), request(config, location, token).DELETE().build());
        if (response.statusCode() >= ERROR && response.statusCode() != NOT_FOUND) {
            throw new MediaClientException(response.statusCode(), refusal(response));
        }
    }

    private static HttpRequest.Builder request(final MediaClientConfig config, final URI uri, final String token) {
        return HttpRequest.newBuilder(uri).timeout(config.timeout()).header("authorization", "Bearer " + token);
    }

    private static HttpResponse<String> send(final HttpClient http, final HttpRequest request)
        throws MediaClientException, InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (final IOException e) {
            throw new MediaClientException("the relay cannot be reached at " + request.uri().getAuthority() + ": "
                + e.getClass().getSimpleName(), e);
        }
    }

    /** The detail of a problem document (RFC 9457) where there is one. */
    private static String refusal(final HttpResponse<String> response) {
        final String type = response.headers().firstValue("content-type").orElse("");
        if (type.startsWith("application/problem+json")) {
            try {
                final JsonNode problem = new ObjectMapper().readTree(response.body());
                return "the relay refused (" + response.statusCode() + "): " + problem.path("title").asText("") + ": "
                    + problem.path("detail").asText("");
            } catch (final JsonProcessingException e) {
                return "the relay refused (" + response.statusCode() + ") with an unreadable problem document";
            }
        }
        return "the relay refused with status " + response.statusCode();
    }
}
