package org.chevet.ops.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the YAML text of a configuration into values by key; refuses keys that do not exist and keys named twice. */
final class YamlValues {
    private final String name;
    private final Map<String, RawValue> values = new HashMap<>();

    private YamlValues(final String name) {
        this.name = name;
    }

    /**
     * Values by path.
     *
     * @param name name of the file, for refusals
     * @param yaml its text
     * @throws ConfigException for text that is not YAML or names a key that does not exist
     */
    static Map<String, RawValue> read(final String name, final String yaml) {
        final YamlValues reader = new YamlValues(name);
        final YAMLFactory factory = YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
        try (JsonParser parser = factory.createParser(yaml)) {
            final JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                reader.group(parser, "");
            } else if (first != null && first != JsonToken.VALUE_NULL) {
                throw new ConfigException(name + " does not hold keys and values: accepted is YAML like 'http:'"
                    + " with an indented 'port: 8080' below it.");
            }
            return reader.values;
        } catch (final JsonProcessingException e) {
            final String where = e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
            throw new ConfigException(name + where + " is not YAML: "
                + e.getOriginalMessage().strip().replaceAll("\\s+", " ") + ".");
        } catch (final IOException e) {
            throw new ConfigException(name + " cannot be read: " + e.getMessage() + ".");
        }
    }

    private void group(final JsonParser parser, final String prefix) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            final String path = prefix + parser.currentName();
            final String source = source(parser);
            final JsonToken token = parser.nextToken();
            final Setting setting = Settings.find(path).orElse(null);
            if (setting != null) {
                values.put(path, value(parser, setting, token, source));
            } else if (!Settings.isGroup(path)) {
                throw Settings.unknown(path, source);
            } else if (token == JsonToken.START_OBJECT) {
                group(parser, path + ".");
            } else if (token != JsonToken.VALUE_NULL && !parser.getText().isEmpty()) {
                throw new ConfigException(path + " is a single value (" + source
                    + "): accepted are keys indented below it.");
            }
        }
    }

    private RawValue value(final JsonParser parser, final Setting setting, final JsonToken token,
        final String source) throws IOException {
        if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            return RawValue.ofText(parser.getText(), source);
        }
        if (token == JsonToken.START_ARRAY && setting.kind().isList()) {
            final List<String> items = new ArrayList<>();
            JsonToken next = parser.nextToken();
            while (next != JsonToken.END_ARRAY) {
                items.add(scalar(parser, next, setting, source));
                next = parser.nextToken();
            }
            return RawValue.ofList(items, source);
        }
        if (token == JsonToken.START_OBJECT && setting.kind().isMap()) {
            final Map<String, String> entries = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                final String key = parser.currentName();
                entries.put(key, scalar(parser, parser.nextToken(), setting, source));
            }
            return RawValue.ofMap(entries, source);
        }
        throw setting.refused(token == JsonToken.VALUE_NULL ? "empty"
            : token == JsonToken.START_ARRAY ? "a list" : "a mapping", source);
    }

    private static String scalar(final JsonParser parser, final JsonToken token, final Setting setting,
        final String source) throws IOException {
        if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
            throw setting.refused("not a plain value in one of its entries", source);
        }
        return parser.getText();
    }

    private String source(final JsonParser parser) {
        return name + " line " + parser.currentTokenLocation().getLineNr();
    }
}
