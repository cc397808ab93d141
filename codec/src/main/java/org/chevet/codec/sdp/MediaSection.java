package org.chevet.codec.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A media description: the {@code m=} line and what follows it (RFC 8866 section 5.14).
 *
 * @param media {@code audio}, {@code video}, {@code application}, ...
 * @param port transport port, 9 when not known yet, 0 when rejected, stopped, or bundle-only
 * @param protocol transport protocol, such as {@code UDP/TLS/RTP/SAVPF}
 * @param formats payload types, or the application's formats
 * @param connection text of the {@code c=} line, "" when none
 * @param attributes {@code a=} lines in order
 */
public record MediaSection(String media, int port, String protocol, List<String> formats, String connection,
    List<SdpAttribute> attributes) implements Attributed {

    /** Copies the lists. */
    public MediaSection {
        formats = List.copyOf(formats);
        attributes = List.copyOf(attributes);
    }

    /** Identification tag (RFC 5888), "" when none. */
    public String mid() {
        return text("mid");
    }

    /** True when the section may only be used inside its BUNDLE group (RFC 9143 section 6). */
    public boolean bundleOnly() {
        return has("bundle-only");
    }

    /** True when RTP and RTCP share a port (RFC 5761). */
    public boolean rtcpMux() {
        return has("rtcp-mux") || has("rtcp-mux-only");
    }

    /** Direction of this section, empty when not written here. */
    public Optional<Direction> direction() {
        return first(Direction.class);
    }

    /** Payload types of the {@code m=} line, in order of preference; formats that are no numbers are left out. */
    public List<Integer> payloadTypes() {
        return formats.stream().map(format -> SdpText.number(format, SdpText.MAX_PAYLOAD_TYPE))
            .filter(type -> type >= 0).distinct().toList();
    }

    /** The encoding of a payload type. */
    public Optional<RtpMap> rtpMap(final int payloadType) {
        return all(RtpMap.class).stream().filter(map -> map.payloadType() == payloadType).findFirst();
    }

    /** Format parameters of a payload type, "" when none. */
    public String fmtp(final int payloadType) {
        return all(Fmtp.class).stream().filter(fmtp -> fmtp.payloadType() == payloadType).findFirst()
            .map(Fmtp::parameters).orElse("");
    }

    /** True when this feedback ({@code nack pli}) is offered for a payload type. */
    public boolean feedback(final int payloadType, final String feedback) {
        return all(RtcpFeedback.class).stream()
            .anyMatch(line -> line.covers(payloadType) && line.feedback().equals(feedback));
    }

    /** Port of the SCTP association (RFC 8841), from {@code a=sctp-port} or {@code a=sctpmap}; -1 when none. */
    public int sctpPort() {
        final String port = has("sctp-port") ? text("sctp-port") : text("sctpmap").split(" ", 2)[0];
        return SdpText.number(port, SdpText.MAX_PORT);
    }

    /** Largest SCTP message in bytes (RFC 8841 section 6): 65536 when not written, 0 for no bound. */
    public int maxMessageSize() {
        return has("max-message-size") ? SdpText.number(text("max-message-size"), Integer.MAX_VALUE) : 65_536;
    }

    void write(final StringBuilder out) {
        out.append("m=").append(media).append(' ').append(port).append(' ').append(protocol);
        formats.forEach(format -> out.append(' ').append(format));
        out.append(SdpText.END);
        if (!connection.isEmpty()) {
            out.append("c=").append(connection).append(SdpText.END);
        }
        attributes.forEach(attribute -> out.append(attribute.toLine()).append(SdpText.END));
    }
}
