package org.chevet.codec.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The text behind {@code a=} to its record. */
final class AttributeParser {
    private static final int MAX_CHANNELS = 255;
    private static final int MAX_EXTENSION = 4351;
    private static final int MIN_FREE_EXTENSION = 4096;
    private static final int MAX_ONE_BYTE_RANGE = 255;
    private static final int MAX_RID = 64;
    private static final int MAX_MID = 64;
    private static final long MAX_SSRC = 0xFFFF_FFFFL;
    private static final int CANDIDATE_PARTS = 8;

    private final String key;
    private final String value;
    private final int line;

    private AttributeParser(final String key, final String value, final int line) {
        this.key = key;
        this.value = value;
        this.line = line;
    }

    static SdpAttribute parse(final String text, final int line) throws SdpException {
        final int colon = text.indexOf(':');
        final String key = colon < 0 ? text : text.substring(0, colon);
        if (!SdpText.isToken(key)) {
            throw new SdpException(line, "attribute name is not a token");
        }
        return new AttributeParser(key, colon < 0 ? "" : text.substring(colon + 1).strip(), line).parse();
    }

    private SdpAttribute parse() throws SdpException {
        return switch (key) {
            case "rtpmap" -> rtpMap();
            case "fmtp" -> fmtp();
            case "rtcp-fb" -> feedback();
            case "extmap" -> extMap();
            case "rid" -> rid();
            case "simulcast" -> simulcast();
            case "ssrc" -> ssrc();
            case "ssrc-group" -> ssrcGroup();
            case "group" -> group();
            case "msid" -> msid();
            case "fingerprint" -> fingerprint();
            case "candidate" -> candidate();
            case "setup" -> Setup.of(value).orElseThrow(
                () -> fault("is not actpass, active, passive or holdconn"));
            case "sendrecv", "sendonly", "recvonly", "inactive" -> direction();
            case "mid" -> checked(SdpText.isToken(value) && value.length() <= MAX_MID,
                "needs a token of at most " + MAX_MID + " characters");
            case "ice-ufrag" -> checked(SdpText.isIce(value) && value.length() >= 4 && value.length() <= 256,
                "needs 4 to 256 ice characters");
            case "ice-pwd" -> checked(SdpText.isIce(value) && value.length() >= 22 && value.length() <= 256,
                "needs 22 to 256 ice characters");
            case "sctp-port" -> checked(SdpText.number(value, SdpText.MAX_PORT) >= 0, "is not in 0..65535");
            case "max-message-size" -> checked(SdpText.longNumber(value, MAX_SSRC) >= 0, "is not a 32-bit number");
            default -> new TextAttribute(key, value);
        };
    }

    private SdpAttribute direction() throws SdpException {
        return Direction.of(key).orElseThrow(() -> fault("is unknown"));
    }

    private SdpAttribute checked(final boolean good, final String otherwise) throws SdpException {
        if (!good) {
            throw fault(otherwise);
        }
        return new TextAttribute(key, value);
    }

    private SdpAttribute rtpMap() throws SdpException {
        final String[] parts = split(2);
        final String[] encoding = parts.length < 2 ? new String[0] : parts[1].strip().split("/", -1);
        if (encoding.length < 2 || encoding.length > 3 || !SdpText.isToken(encoding[0])) {
            throw fault("needs a payload type and name/clock[/channels]");
        }
        final int clock = SdpText.number(encoding[1], Integer.MAX_VALUE);
        final int channels = encoding.length == 2 ? 0 : SdpText.number(encoding[2], MAX_CHANNELS);
        if (clock <= 0 || channels < 0) {
            throw fault("has a clock rate or channel count out of range");
        }
        return new RtpMap(payloadType(parts[0]), encoding[0], clock, channels);
    }

    private SdpAttribute fmtp() throws SdpException {
        final String[] parts = split(2);
        if (parts.length < 2) {
            throw fault("needs a payload type and parameters");
        }
        return new Fmtp(payloadType(parts[0]), parts[1].strip());
    }

    private SdpAttribute feedback() throws SdpException {
        final String[] parts = split(2);
        if (parts.length < 2 || parts[1].isBlank()) {
            throw fault("needs a payload type and a feedback type");
        }
        final int type = "*".equals(parts[0]) ? RtcpFeedback.ANY : payloadType(parts[0]);
        return new RtcpFeedback(type, parts[1].strip().replaceAll(" +", " "));
    }

    private SdpAttribute extMap() throws SdpException {
        final String[] parts = split(3);
        if (parts.length < 2 || parts[1].isEmpty()) {
            throw fault("needs an id and a URI");
        }
        final int slash = parts[0].indexOf('/');
        final int id = SdpText.number(slash < 0 ? parts[0] : parts[0].substring(0, slash), MAX_EXTENSION);
        if (id < 1 || (id > MAX_ONE_BYTE_RANGE && id < MIN_FREE_EXTENSION)) {
            throw fault("id is not in 1..255 or 4096..4351");
        }
        final Optional<Direction> direction =
            slash < 0 ? Optional.empty() : Direction.of(parts[0].substring(slash + 1));
        if (slash >= 0 && direction.isEmpty()) {
            throw fault("has an unknown direction");
        }
        return new ExtMap(id, direction.orElse(null), parts[1], parts.length > 2 ? parts[2].strip() : "");
    }

    private SdpAttribute rid() throws SdpException {
        final String[] parts = split(3);
        final boolean send = parts.length > 1 && "send".equals(parts[1]);
        if (!send && (parts.length < 2 || !"recv".equals(parts[1]))) {
            throw fault("needs an id and send or recv");
        }
        return new Rid(ridId(parts[0]), send, parts.length > 2 ? parts[2].strip() : "");
    }

    private String ridId(final String id) throws SdpException {
        if (!SdpText.isRid(id) || id.length() > MAX_RID) {
            throw fault("has a rid that is not 1 to " + MAX_RID + " letters and digits");
        }
        return id;
    }

    private SdpAttribute simulcast() throws SdpException {
        final String[] parts = value.split(" +", -1);
        List<List<Simulcast.Alternative>> send = List.of();
        List<List<Simulcast.Alternative>> receive = List.of();
        if (parts.length != 2 && parts.length != 4) {
            throw fault("needs send or recv, each with its streams");
        }
        for (int i = 0; i < parts.length; i += 2) {
            if ("send".equals(parts[i]) && send.isEmpty()) {
                send = streams(parts[i + 1]);
            } else if ("recv".equals(parts[i]) && receive.isEmpty()) {
                receive = streams(parts[i + 1]);
            } else {
                throw fault("needs send or recv, each with its streams");
            }
        }
        return new Simulcast(send, receive);
    }

    private List<List<Simulcast.Alternative>> streams(final String text) throws SdpException {
        final List<List<Simulcast.Alternative>> streams = new ArrayList<>();
        for (final String stream : text.split(";", -1)) {
            final List<Simulcast.Alternative> alternatives = new ArrayList<>();
            for (final String alternative : stream.split(",", -1)) {
                final boolean paused = alternative.startsWith("~");
                alternatives.add(new Simulcast.Alternative(ridId(paused ? alternative.substring(1) : alternative),
                    paused));
            }
            streams.add(alternatives);
        }
        return streams;
    }

    private SdpAttribute ssrc() throws SdpException {
        final String[] parts = split(2);
        final String attribute = parts.length < 2 ? "" : parts[1].strip();
        final int colon = attribute.indexOf(':');
        final String name = colon < 0 ? attribute : attribute.substring(0, colon);
        if (!SdpText.isToken(name)) {
            throw fault("needs an SSRC and an attribute");
        }
        return new Ssrc(ssrcNumber(parts[0]), name, colon < 0 ? "" : attribute.substring(colon + 1));
    }

    private SdpAttribute ssrcGroup() throws SdpException {
        final String[] parts = split(SdpLimits.MAX_LIST);
        final List<Integer> ssrcs = new ArrayList<>();
        if (!SdpText.isToken(parts[0])) {
            throw fault("needs semantics and SSRCs");
        }
        for (int i = 1; i < parts.length; i++) {
            ssrcs.add(ssrcNumber(parts[i]));
        }
        return new SsrcGroup(parts[0], ssrcs);
    }

    private int ssrcNumber(final String text) throws SdpException {
        final long number = SdpText.longNumber(text, MAX_SSRC);
        if (number < 0) {
            throw fault("SSRC is not a 32-bit number");
        }
        return (int) number;
    }

    private SdpAttribute group() throws SdpException {
        final List<String> parts = List.of(split(SdpLimits.MAX_LIST));
        for (final String part : parts) {
            if (!SdpText.isToken(part)) {
                throw fault("needs semantics and identification tags");
            }
        }
        return new Group(parts.getFirst(), parts.subList(1, parts.size()));
    }

    private SdpAttribute msid() throws SdpException {
        final String[] parts = split(3);
        if (parts[0].isEmpty()) {
            throw fault("needs a stream id");
        }
        return new Msid(parts[0], parts.length > 1 ? parts[1] : "");
    }

    private SdpAttribute fingerprint() throws SdpException {
        final String[] parts = split(2);
        final String hash = parts.length < 2 ? "" : parts[1].strip().toUpperCase(Locale.ROOT);
        if (!SdpText.isToken(parts[0]) || !isHash(hash)) {
            throw fault("needs a hash name and hexadecimal pairs joined by colons");
        }
        return new Fingerprint(parts[0].toLowerCase(Locale.ROOT), hash);
    }

    private static boolean isHash(final String text) {
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            final boolean hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
            if (i % 3 == 2 ? c != ':' : !hex) {
                return false;
            }
        }
        return text.length() % 3 == 2;
    }

    private SdpAttribute candidate() throws SdpException {
        final String[] parts = value.split(" +", CANDIDATE_PARTS + 1);
        if (parts.length < CANDIDATE_PARTS || !"typ".equals(parts[6])) {
            throw fault("needs foundation, component, transport, priority, address, port, typ and its type");
        }
        final int component = SdpText.number(parts[1], 256);
        final long priority = SdpText.longNumber(parts[3], MAX_SSRC);
        final int port = SdpText.number(parts[5], SdpText.MAX_PORT);
        if (component < 1 || priority < 0 || port < 0) {
            throw fault("has a component, priority or port out of range");
        }
        return new Candidate(parts[0], component, parts[2].toLowerCase(Locale.ROOT), priority, parts[4], port,
            parts[7], parts.length > CANDIDATE_PARTS ? parts[CANDIDATE_PARTS].strip() : "");
    }

    private int payloadType(final String text) throws SdpException {
        final int type = SdpText.number(text, SdpText.MAX_PAYLOAD_TYPE);
        if (type < 0) {
            throw fault("payload type is not in 0..127");
        }
        return type;
    }

    private String[] split(final int limit) {
        return value.split(" +", limit);
    }

    private SdpException fault(final String reason) {
        return new SdpException(line, "a=" + key + " " + reason);
    }
}
