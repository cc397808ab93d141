package org.chevet.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** What real clients sent, from the captures under {@code src/test/resources/fixtures}. */
public final class Fixtures {
    private static final Path ROOT = Path.of("src", "test", "resources", "fixtures");
    private static final Pattern SERVER_CREDENTIALS = Pattern.compile("ice-ufrag=(\\S+) ice-pwd=(\\S+)");

    private Fixtures() {
    }

    /** One STUN datagram; {@code passwords} are the server's, by its ufrag. */
    public record Stun(String file, boolean fromClient, UnsafeBuffer bytes, Map<String, String> passwords) {
    }

    /** One file of RTP and RTCP: what was negotiated, and the packets in the clear. */
    public record Capture(String file, List<Media> media, List<Packet> packets) {
        /** The RTP packets. */
        public List<Packet> rtp() {
            return packets.stream().filter(packet -> packet.kind.equals("rtp")).toList();
        }

        /** The RTCP datagrams. */
        public List<Packet> rtcp() {
            return packets.stream().filter(packet -> packet.kind.equals("rtcp")).toList();
        }

        /** The media section with this payload type. */
        public Media mediaOf(final int payloadType) {
            return media.stream().filter(section -> section.codecs.containsKey(payloadType)).findFirst()
                .orElseThrow(() -> new IllegalStateException(file + ": no payload type " + payloadType));
        }
    }

    /** One media section: extension URIs by id, codec names by payload type. */
    public record Media(Map<Integer, String> extensions, Map<Integer, String> codecs) {
        /** The id whose URI ends so, or -1. */
        public int extensionId(final String suffix) {
            return extensions.entrySet().stream().filter(entry -> entry.getValue().endsWith(suffix))
                .map(Map.Entry::getKey).findFirst().orElse(-1);
        }
    }

    /** One datagram of a capture. */
    public record Packet(String kind, UnsafeBuffer plain, UnsafeBuffer sealed) {
    }

    /** All STUN datagrams of all files. */
    public static List<Stun> stun() {
        final List<Stun> all = new ArrayList<>();
        for (final Path file : files("stun", ".hex")) {
            final Map<String, String> passwords = new HashMap<>();
            for (final String line : lines(file)) {
                if (line.startsWith("# server")) {
                    final Matcher matcher = SERVER_CREDENTIALS.matcher(line);
                    while (matcher.find()) {
                        passwords.put(matcher.group(1), matcher.group(2));
                    }
                } else if (!line.startsWith("#")) {
                    final List<String> words = List.of(line.split(" ", 4));
                    all.add(new Stun(file.getFileName().toString(), words.get(0).equals("in"),
                        new UnsafeBuffer(HexFormat.of().parseHex(words.get(3))), passwords));
                }
            }
        }
        return all;
    }

    /** All RTP and RTCP captures. */
    public static List<Capture> captures() {
        final ObjectMapper mapper = new ObjectMapper();
        final List<Capture> all = new ArrayList<>();
        for (final Path file : files("rtp", ".jsonl")) {
            final List<Media> media = new ArrayList<>();
            final List<Packet> packets = new ArrayList<>();
            for (final String line : lines(file)) {
                final JsonNode node = parse(mapper, line);
                if (node.has("media")) {
                    node.get("media").forEach(section ->
                        media.add(new Media(numbered(section.get("ext")), numbered(section.get("pt")))));
                } else {
                    packets.add(new Packet(node.get("k").asText(), hex(node, "plain"), hex(node, "protected")));
                }
            }
            all.add(new Capture(file.getFileName().toString(), media, packets));
        }
        return all;
    }

    private static JsonNode parse(final ObjectMapper mapper, final String line) {
        try {
            return mapper.readTree(line);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Integer, String> numbered(final JsonNode object) {
        final Map<Integer, String> map = new HashMap<>();
        object.properties().forEach(entry -> map.put(Integer.valueOf(entry.getKey()), entry.getValue().asText()));
        return map;
    }

    private static UnsafeBuffer hex(final JsonNode node, final String field) {
        return new UnsafeBuffer(HexFormat.of().parseHex(node.get(field).asText()));
    }

    private static List<Path> files(final String folder, final String suffix) {
        try (Stream<Path> entries = Files.list(ROOT.resolve(folder))) {
            final List<Path> found = entries.filter(path -> path.toString().endsWith(suffix)).sorted().toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("no captures under " + ROOT.resolve(folder).toAbsolutePath());
            }
            return found;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(final Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream().filter(line -> !line.isBlank()).toList();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
