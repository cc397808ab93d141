package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The schema file itself: sound, served, and its examples read as the relay reads messages. */
class SessionSchemaTest {
    @Test
    void theSchemaIsOneOfDraft202012() {
        final var meta = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertEquals(List.of(), SessionSchema.faults(meta, SessionSchema.document()));
        final ObjectNode broken = SessionSchema.document().deepCopy();
        broken.put("$defs", 7);
        assertFalse(SessionSchema.faults(meta, broken).isEmpty(), "the check can fail");
    }

    @Test
    void everyMessageHasExamplesThatAreValidAndMessagesOfNoOtherType() {
        int checked = 0;
        for (final Map.Entry<String, JsonNode> definition : SessionSchema.document().path("$defs").properties()) {
            if (definition.getKey().contains(".")) {
                assertFalse(definition.getValue().path("examples").isEmpty(), definition.getKey());
                for (final JsonNode example : definition.getValue().path("examples")) {
                    final String side = definition.getKey().startsWith("client.") ? "fromClient" : "fromRelay";
                    assertEquals(List.of(), SessionSchema.faults(SessionSchema.definition(side), example),
                        example.toString());
                    final ObjectNode without = example.deepCopy();
                    without.put("type", "nonsense");
                    assertFalse(SessionSchema.faults(SessionSchema.definition(side), without).isEmpty());
                    checked++;
                }
            }
        }
        assertTrue(checked >= 34, "checked " + checked);
    }

    @Test
    void examplesOfClientsAreReadAndThoseWithoutARequiredMemberAreRefused() throws Exception {
        for (final Map.Entry<String, JsonNode> definition : SessionSchema.document().path("$defs").properties()) {
            if (!definition.getKey().startsWith("client.")) {
                continue;
            }
            for (final JsonNode example : definition.getValue().path("examples")) {
                final SessionCall call = read(example);
                assertFalse(call instanceof SessionCall.Refused, call.toString());
                for (final JsonNode required : definition.getValue().path("required")) {
                    // What media requests hold is read when they are run.
                    final boolean deep = call instanceof SessionCall.Media && !required.asText().equals("id");
                    if (!required.asText().equals("type") && !deep) {
                        final ObjectNode without = example.deepCopy();
                        without.remove(required.asText());
                        final SessionCall.Refused refused = assertInstanceOf(SessionCall.Refused.class, read(without));
                        assertEquals(ProblemType.INVALID_FIELD, refused.problem().type(), without.toString());
                        assertEquals(example.path("type").asText(), refused.type());
                    }
                }
            }
        }
    }

    @Test
    @Tag("REQ-O27")
    void itIsServed() throws Exception {
        try (SignalHarness harness = new SignalHarness()) {
            final var served = harness.call("GET", "/v1/session.schema.json", null);
            assertEquals(200, served.status());
            assertEquals("application/schema+json", served.header("content-type"));
            assertEquals(SessionSchema.document(), served.json());
        }
    }

    private static SessionCall read(final JsonNode message) throws ProblemException {
        return SessionReader.read(message.toString().getBytes(StandardCharsets.UTF_8));
    }
}
