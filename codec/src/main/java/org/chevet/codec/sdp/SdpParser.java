package org.chevet.codec.sdp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pass over the lines of a description. Not reusable. */
final class SdpParser {
    private @Nullable Origin origin;
    private String name = "-";
    private String connection = "";
    private final List<SdpAttribute> attributes = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();
    private int line;

    /** A media section while its lines come in. */
    private static final class Section {
        private final String media;
        private final int port;
        private final String protocol;
        private final List<String> formats;
        private String connection = "";
        private final List<SdpAttribute> attributes = new ArrayList<>();

        Section(final String media, final int port, final String protocol, final List<String> formats) {
            this.media = media;
            this.port = port;
            this.protocol = protocol;
            this.formats = formats;
        }

        MediaSection finish() {
            return new MediaSection(media, port, protocol, formats, connection, attributes);
        }
    }

    SessionDescription parse(final String text) throws SdpException {
        if (text.length() > SdpLimits.MAX_CHARACTERS) {
            throw new SdpException(0, "more than " + SdpLimits.MAX_CHARACTERS + " characters");
        }
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            if (end < 0) {
                end = text.length();
            }
            line++;
            if (line > SdpLimits.MAX_LINES) {
                throw fault("more than " + SdpLimits.MAX_LINES + " lines");
            }
            final int stop = end > from && text.charAt(end - 1) == '\r' ? end - 1 : end;
            if (stop - from > SdpLimits.MAX_LINE) {
                throw fault("longer than " + SdpLimits.MAX_LINE + " characters");
            }
            parseLine(text.substring(from, stop));
            from = end + 1;
        }
        if (line == 0) {
            throw new SdpException(0, "empty");
        }
        final Origin known = origin;
        if (known == null) {
            throw new SdpException(0, "no o= line");
        }
        checkMids();
        return new SessionDescription(known, name, connection, attributes,
            sections.stream().map(Section::finish).toList());
    }

    private void parseLine(final String text) throws SdpException {
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7F) {
                throw fault("a control character");
            }
        }
        if (line == 1) {
            if (!text.equals("v=0")) {
                throw fault("does not start with v=0");
            }
            return;
        }
        if (text.isBlank()) {
            return;
        }
        if (text.length() < 2 || text.charAt(1) != '=') {
            throw fault("not of the form x=value");
        }
        final String value = text.substring(2);
        switch (text.charAt(0)) {
            case 'o' -> parseOrigin(value);
            case 's' -> name = value.isEmpty() ? "-" : value;
            case 'm' -> parseMedia(value);
            case 'a' -> parseAttribute(value);
            case 'c' -> parseConnection(value);
            case 'v' -> throw fault("a second v= line");
            case 't', 'b', 'i', 'u', 'e', 'p', 'r', 'z', 'k' -> { }
            default -> throw fault("unknown line type");
        }
    }

    private void parseOrigin(final String value) throws SdpException {
        final String[] parts = value.split(" ", 4);
        if (origin != null) {
            throw fault("a second o= line");
        }
        if (parts.length < 4 || parts[0].isEmpty() || !isDigits(parts[1]) || !isDigits(parts[2])) {
            throw fault("o= needs user, numeric session id, numeric version and address");
        }
        origin = new Origin(parts[0], parts[1], parts[2], parts[3]);
    }

    private static boolean isDigits(final String text) {
        return !text.isEmpty() && text.length() <= 20 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private void parseConnection(final String value) throws SdpException {
        final String[] parts = value.split(" ", -1);
        if (parts.length != 3 || !"IN".equals(parts[0]) || parts[2].isEmpty()
            || (!"IP4".equals(parts[1]) && !"IP6".equals(parts[1]))) {
            throw fault("c= needs IN, IP4 or IP6, and an address");
        }
        if (sections.isEmpty()) {
            connection = value;
        } else {
            sections.getLast().connection = value;
        }
    }

    private void parseMedia(final String value) throws SdpException {
        if (origin == null) {
            throw fault("m= before o=");
        }
        if (sections.size() == SdpLimits.MAX_SECTIONS) {
            throw fault("more than " + SdpLimits.MAX_SECTIONS + " media sections");
        }
        final String[] parts = value.strip().split(" +", -1);
        if (parts.length < 4) {
            throw fault("m= needs media, port, protocol and formats");
        }
        if (parts.length - 3 > SdpLimits.MAX_LIST) {
            throw fault("more than " + SdpLimits.MAX_LIST + " formats");
        }
        final int slash = parts[1].indexOf('/');
        final int port = SdpText.number(slash < 0 ? parts[1] : parts[1].substring(0, slash), SdpText.MAX_PORT);
        if (port < 0) {
            throw fault("m= port is not in 0..65535");
        }
        if (!SdpText.isToken(parts[0])) {
            throw fault("m= media is not a token");
        }
        final List<String> formats = List.of(parts).subList(3, parts.length);
        if (parts[2].contains("RTP/")) {
            for (final String format : formats) {
                if (SdpText.number(format, SdpText.MAX_PAYLOAD_TYPE) < 0) {
                    throw fault("payload type is not in 0..127");
                }
            }
        }
        sections.add(new Section(parts[0], port, parts[2], formats));
    }

    private void parseAttribute(final String value) throws SdpException {
        final List<SdpAttribute> target = sections.isEmpty() ? attributes : sections.getLast().attributes;
        if (target.size() == SdpLimits.MAX_ATTRIBUTES) {
            throw fault("more than " + SdpLimits.MAX_ATTRIBUTES + " attributes");
        }
        target.add(AttributeParser.parse(value, line));
    }

    /** RFC 5888 section 4: a tag names one section. */
    private void checkMids() throws SdpException {
        final List<String> mids = new ArrayList<>();
        for (final Section section : sections) {
            final String mid = section.finish().mid();
            if (!mid.isEmpty() && mids.contains(mid)) {
                throw new SdpException(0, "two media sections have the same mid");
            }
            mids.add(mid);
        }
    }

    private SdpException fault(final String reason) {
        return new SdpException(line, reason);
    }
}
