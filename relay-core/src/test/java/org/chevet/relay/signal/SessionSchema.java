package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The schema of {@code chevet.session.v1} as a check of messages, by a validator of draft 2020-12. */
public final class SessionSchema {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final JsonNode DOCUMENT = load();
    private static final SchemaRegistry REGISTRY =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Schema FROM_RELAY = definition("fromRelay");
    private static final Schema FROM_CLIENT = definition("fromClient");

    private SessionSchema() {
    }

    static JsonNode document() {
        return DOCUMENT;
    }

    /** Schema of one of its definitions. */
    static Schema definition(final String name) {
        final var schema = DOCUMENT.deepCopy();
        ((com.fasterxml.jackson.databind.node.ObjectNode) schema).remove(List.of("anyOf", "$id"));
        ((com.fasterxml.jackson.databind.node.ObjectNode) schema).put("$ref", "#/$defs/" + name);
        return REGISTRY.getSchema(schema);
    }

    /** What is wrong with a message of the relay; empty when nothing is. */
    public static List<String> faultsOfRelay(final String message) {
        return faults(FROM_RELAY, parse(message));
    }

    /** The message, parsed, when it is one of the relay's; fails otherwise. */
    public static JsonNode fromRelay(final String message) {
        assertEquals(List.of(), faultsOfRelay(message), message);
        return parse(message);
    }

    /** The message itself when it is one of a client's; fails otherwise. */
    public static String fromClient(final String message) {
        assertEquals(List.of(), faults(FROM_CLIENT, parse(message)), message);
        return message;
    }

    static List<String> faults(final Schema schema, final JsonNode message) {
        return schema.validate(message).stream().map(Object::toString).toList();
    }

    static JsonNode parse(final String message) {
        try {
            return JSON.readTree(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode load() {
        try (InputStream in = SignalServer.class.getResourceAsStream("session.schema.json")) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
