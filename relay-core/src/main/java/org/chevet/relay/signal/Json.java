package org.chevet.relay.signal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** JSON bodies: strict, bounded in depth, one sentence for each fault. */
final class Json {
    private static final int MAX_DEPTH = 8;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final JsonNode node;

    private Json(final JsonNode node) {
        this.node = node;
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /**
     * Reads a JSON object that has no members but the named ones; an empty body is an empty object.
     *
     * @throws ProblemException when it is not, saying what
     */
    static Json read(final byte[] body, final Set<String> members) throws ProblemException {
        if (body.length == 0) {
            return new Json(object());
        }
        final JsonNode node;
        try {
            node = MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            final String where = e.getLocation() == null ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
            throw new ProblemException(ProblemType.MALFORMED_JSON, "the body is not valid JSON" + where);
        } catch (IOException e) {
            throw new ProblemException(ProblemType.MALFORMED_JSON, "the body is not UTF-8");
        }
        if (node == null || !node.isObject()) {
            throw new ProblemException(ProblemType.MALFORMED_JSON, "the body is not a JSON object");
        }
        for (final String name : (Iterable<String>) node::fieldNames) {
            if (!members.contains(name)) {
                throw new ProblemException(ProblemType.INVALID_FIELD,
                    "the body has an unknown member; accepted are " + String.join(", ", members.stream().sorted()
                        .toList()));
            }
        }
        return new Json(node);
    }

    /**
     * Reads one message: a JSON object with any members, which may be more than this version knows.
     *
     * @throws ProblemException when it is not, saying what
     */
    static Json message(final byte[] text) throws ProblemException {
        final JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (IOException e) {
            throw new ProblemException(ProblemType.MALFORMED_JSON, "the message is not valid JSON");
        }
        if (node == null || !node.isObject()) {
            throw new ProblemException(ProblemType.MALFORMED_JSON, "the message is not a JSON object");
        }
        return new Json(node);
    }

    /** A member that is an object, or empty. */
    Optional<Json> object(final String name) throws ProblemException {
        final JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not an object");
        }
        return Optional.of(new Json(value));
    }

    /** Names of all members, in order. */
    List<String> names() {
        final List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    boolean requiredFlag(final String name) throws ProblemException {
        final JsonNode value = node.path(name);
        if (!value.isBoolean()) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not true or false");
        }
        return value.booleanValue();
    }

    /** True or false; false when it is missing. */
    boolean flag(final String name) throws ProblemException {
        return node.path(name).isMissingNode() ? false : requiredFlag(name);
    }

    /** A number from 0 to a highest; 0 when it is missing. */
    double number(final String name, final double highest) throws ProblemException {
        final JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= highest)) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not a number from 0 to " + highest);
        }
        return value.doubleValue();
    }

    Optional<String> text(final String name) throws ProblemException {
        final JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not a string");
        }
        return Optional.of(value.textValue());
    }

    String required(final String name) throws ProblemException {
        return text(name).orElseThrow(() -> new ProblemException(ProblemType.INVALID_FIELD, name + " is missing"));
    }

    OptionalLong integer(final String name) throws ProblemException {
        final JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not a whole number");
        }
        return OptionalLong.of(value.longValue());
    }

    /** A member that is a list of objects, at most so many. */
    List<Json> objects(final String name, final int most) throws ProblemException {
        final JsonNode value = node.path(name);
        if (!value.isArray() || value.size() > most) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not a list of up to " + most);
        }
        final List<Json> objects = new ArrayList<>();
        for (final JsonNode element : value) {
            if (!element.isObject()) {
                throw new ProblemException(ProblemType.INVALID_FIELD, name + " holds something that is no object");
            }
            objects.add(new Json(element));
        }
        return objects;
    }

    Optional<List<String>> texts(final String name) throws ProblemException {
        final JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        final List<String> texts = new ArrayList<>();
        boolean all = value.isArray();
        for (final JsonNode element : value) {
            all = all && element.isTextual();
            texts.add(element.asText());
        }
        if (!all) {
            throw new ProblemException(ProblemType.INVALID_FIELD, name + " is not a list of strings");
        }
        return Optional.of(texts);
    }
}
