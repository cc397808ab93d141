package org.chevet.bench.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Reads what Janus says on its HTTP JSON interface. Stateless. */
final class JanusReplies {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JanusReplies() {
    }

    /** A reply, or the refusal in it as a sentence. */
    static JsonNode read(final String text) throws ServerException {
        final JsonNode reply;
        try {
            reply = JSON.readTree(text);
        } catch (final JsonProcessingException e) {
            throw new ServerException("Janus says what is no JSON", e);
        }
        check(reply);
        return reply;
    }

    /** Events of a long poll, in order; refusals among them stay, for whoever waits for their transaction. */
    static JsonNode events(final String text) throws ServerException {
        try {
            final JsonNode events = JSON.readTree(text);
            return events.isArray() ? events : JSON.createArrayNode().add(events);
        } catch (final JsonProcessingException e) {
            throw new ServerException("Janus says what is no JSON", e);
        }
    }

    /** Throws when Janus or its plugin refused. */
    static void check(final JsonNode reply) throws ServerException {
        final JsonNode error = reply.path("error");
        if (!error.isMissingNode()) {
            throw new ServerException("Janus refused: " + error.path("reason").asText(error.toString()));
        }
        final JsonNode data = reply.path("plugindata").path("data");
        if (data.has("error")) {
            throw new ServerException("Janus's plugin refused: " + data.path("error").asText());
        }
    }

    /** Id of a session or handle that was created. */
    static long id(final JsonNode reply) throws ServerException {
        final long id = reply.path("data").path("id").asLong(0);
        if (id == 0) {
            throw new ServerException("Janus created something without an id");
        }
        return id;
    }

    /** The session description of an event. */
    static String description(final JsonNode event) throws ServerException {
        final String sdp = event.path("jsep").path("sdp").asText("");
        if (sdp.isEmpty()) {
            throw new ServerException("Janus answered without a session description: "
                + event.path("plugindata").path("data").path("videoroom").asText("?"));
        }
        return sdp;
    }

    /** The transaction a reply belongs to, "" for none. */
    static String transaction(final JsonNode event) {
        return event.path("transaction").asText("");
    }

    /** True for the promise of an answer by event. */
    static boolean isAck(final JsonNode reply) {
        return reply.path("janus").asText("").equals("ack");
    }
}
