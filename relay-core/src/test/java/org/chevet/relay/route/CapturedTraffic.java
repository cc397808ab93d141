package org.chevet.relay.route;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** One capture of a real browser, as the codec module keeps them: what was negotiated, and the plain packets. */
final class CapturedTraffic {
    /** The captures, with their licence and origin in the README beside them. */
    static final Path FOLDER = Path.of("..", "codec", "src", "test", "resources", "fixtures", "rtp");

    /** One datagram in the clear. */
    @SuppressWarnings("ArrayRecordComponent")
    record Datagram(double ms, boolean rtcp, byte[] bytes) {
    }

    final String name;
    final List<NegotiatedSection> published = new ArrayList<>();
    final List<Datagram> datagrams = new ArrayList<>();

    CapturedTraffic(final Path file) throws IOException {
        name = file.getFileName().toString();
        final ObjectMapper mapper = new ObjectMapper();
        final List<String> lines = Files.readAllLines(file);
        final JsonNode head = mapper.readTree(lines.get(0));
        for (final JsonNode media : head.get("media")) {
            published.add(section(media, String.valueOf(published.size()), head.get("allowMixed").asBoolean()));
        }
        for (final String line : lines.subList(1, lines.size())) {
            final JsonNode node = mapper.readTree(line);
            datagrams.add(new Datagram(node.get("t").asDouble(), node.get("k").asText().equals("rtcp"),
                HexFormat.of().parseHex(node.get("plain").asText())));
        }
    }

    private NegotiatedSection section(final JsonNode media, final String mid, final boolean mixed) {
        final boolean audio = media.get("m").asText().startsWith("m=audio");
        final List<NegotiatedCodec> codecs = new ArrayList<>();
        media.get("pt").properties().forEach(entry -> {
            final String[] map = entry.getValue().asText().split("/", -1);
            final String fmtp = media.get("fmtp").path(entry.getKey()).asText("");
            for (final Codec codec : Codec.values()) {
                // Of video the relay agrees to no RED.
                if (map[0].equalsIgnoreCase(codec.name()) && (codec != Codec.RED || audio)) {
                    codecs.add(new NegotiatedCodec(codec, Integer.parseInt(entry.getKey()),
                        rtxOf(media, entry.getKey()), Integer.parseInt(map[1]), audio ? 2 : 0, fmtp, !audio, !audio,
                        false, false, false));
                }
            }
        });
        final Map<HeaderExtension, Integer> extensions = new EnumMap<>(HeaderExtension.class);
        media.get("ext").properties().forEach(entry -> HeaderExtension.ofUri(entry.getValue().asText())
            .ifPresent(extension -> extensions.put(extension, Integer.valueOf(entry.getKey()))));
        final boolean simulcast = name.contains("simulcast") && !audio;
        final OfferedSource[] sources = simulcast ? new OfferedSource[] {new OfferedSource("q", 0, 0),
            new OfferedSource("h", 0, 0), new OfferedSource("f", 0, 0)} : new OfferedSource[0];
        return new NegotiatedSection(mid, audio ? MediaKind.AUDIO : MediaKind.VIDEO, Flow.RECEIVE, codecs, extensions,
            mixed, true, List.of(sources), 0, 0, "", "");
    }

    private static int rtxOf(final JsonNode media, final String payloadType) {
        for (final Map.Entry<String, JsonNode> entry : media.get("fmtp").properties()) {
            if (entry.getValue().asText().equals("apt=" + payloadType)) {
                return Integer.parseInt(entry.getKey());
            }
        }
        return -1;
    }

    /** The same sections seen from a viewer that agreed to everything the publisher has. */
    NegotiatedSection[] viewed() {
        final List<NegotiatedSection> sections = new ArrayList<>();
        for (final NegotiatedSection section : published) {
            final int ssrc = 1000 + 2 * sections.size();
            sections.add(new NegotiatedSection("m" + section.mid(), section.kind(), Flow.SEND, section.codecs(),
                section.extensions(), section.extmapAllowMixed(), true, List.of(), ssrc, ssrc + 1, "", ""));
        }
        return sections.toArray(NegotiatedSection[]::new);
    }
}
