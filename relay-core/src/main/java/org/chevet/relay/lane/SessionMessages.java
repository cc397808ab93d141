package org.chevet.relay.lane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.chevet.relay.lane.RelayDoor.RosterEntry;
import org.chevet.relay.route.PublicationInfo;
import org.jspecify.annotations.Nullable;

/**
 * The JSON text messages of {@code chevet.session.v1}: one object each, told apart by {@code type}.
 *
 * <p>From the relay: {@code welcome} (who you are, the roster, the bindings of your receiving connections),
 * {@code roster} (one
 * entry that joined, changed or left), {@code bindings} (which publication each media section of one of your WHEP
 * resources
 * carries now), {@code pong}. From the client: {@code ping}. Unknown fields are to be ignored by both sides.
 */
final class SessionMessages {
    /** Largest text a client may send, in bytes. */
    static final int MAX_CLIENT_MESSAGE = 4096;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SessionMessages() {
    }

    /**
     * What a media section of a WHEP resource carries.
     *
     * @param mid the section
     * @param publication the track, or null while the section waits for one
     */
    record Binding(String mid, @Nullable PublicationInfo publication) {
    }

    /** {@code {"type":"welcome","participant":..,"consultation":..,"roster":[..]}}. */
    static String welcome(final String participant, final String consultation, final List<RosterEntry> roster) {
        final ObjectNode message = message("welcome").put("participant", participant).put("consultation", consultation);
        final ArrayNode entries = message.putArray("roster");
        roster.forEach(entry -> entries.add(entry(entry)));
        return message.toString();
    }

    /** {@code {"type":"roster","event":"joined"|"changed"|"left","entry":{..}}}. */
    static String roster(final String event, final RosterEntry entry) {
        final ObjectNode message = message("roster").put("event", event);
        message.set("entry", entry(entry));
        return message.toString();
    }

    /** {@code {"type":"bindings","resource":..,"sections":[{"mid":..,"publication":id|null,"participant":..,..}]}}. */
    static String bindings(final String resource, final List<Binding> bindings) {
        final ObjectNode message = message("bindings").put("resource", resource);
        final ArrayNode sections = message.putArray("sections");
        for (final Binding binding : bindings) {
            final ObjectNode section = sections.addObject().put("mid", binding.mid());
            final PublicationInfo publication = binding.publication();
            if (publication == null) {
                section.putNull("publication");
            } else {
                section.put("publication", publication.id()).put("participant", publication.participant())
                    .put("kind", kind(publication)).put("label", publication.label());
            }
        }
        return message.toString();
    }

    /** {@code {"type":"pong","t":..}} with the number of the ping. */
    static String pong(final long t) {
        return message("pong").put("t", t).toString();
    }

    /** The {@code t} of {@code {"type":"ping","t":n}}, or empty for anything else. Never throws on bad bytes. */
    static OptionalLong parsePing(final byte[] message) {
        try {
            final JsonNode node = JSON.readTree(new String(message, StandardCharsets.UTF_8));
            if (node != null && "ping".equals(node.path("type").asText()) && node.path("t").isIntegralNumber()) {
                return OptionalLong.of(node.path("t").asLong());
            }
        } catch (JsonProcessingException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    private static ObjectNode message(final String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private static ObjectNode entry(final RosterEntry entry) {
        final ObjectNode node = JSON.createObjectNode().put("participant", entry.participant())
            .put("role", entry.role()).put("name", entry.name());
        final ArrayNode connections = node.putArray("connections");
        entry.connections().forEach(connections::add);
        final ArrayNode publications = node.putArray("publications");
        for (final PublicationInfo publication : entry.publications()) {
            publications.addObject().put("id", publication.id()).put("kind", kind(publication))
                .put("label", publication.label()).put("mid", publication.mid());
        }
        return node;
    }

    private static String kind(final PublicationInfo publication) {
        return switch (publication.kind()) {
            case AUDIO -> "audio";
            case VIDEO -> "video";
        };
    }
}
