package org.chevet.codec.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A session description (RFC 8866) as offer or answer of WebRTC (RFC 8829). Immutable; safe on any thread.
 *
 * <p>Lines the relay never reads (information, contact, bandwidth, time zones, keys) are left out.
 *
 * @param origin the {@code o=} line
 * @param name the {@code s=} line, "-" when none
 * @param connection text of the session's {@code c=} line, "" when none
 * @param attributes {@code a=} lines of the session, in order
 * @param sections media sections, in order
 */
public record SessionDescription(Origin origin, String name, String connection, List<SdpAttribute> attributes,
    List<MediaSection> sections) implements Attributed {

    /** Copies the lists. */
    public SessionDescription {
        attributes = List.copyOf(attributes);
        sections = List.copyOf(sections);
    }

    /**
     * Parses a description with LF or CRLF line ends, attributes in any order.
     *
     * @throws SdpException when it is malformed or exceeds a bound of {@link SdpLimits}; nothing else is thrown
     */
    public static SessionDescription parse(final String text) throws SdpException {
        return new SdpParser().parse(text);
    }

    /** BUNDLE groups in order (RFC 9143). */
    public List<Group> bundles() {
        return all(Group.class).stream().filter(group -> group.semantics().equals("BUNDLE")).toList();
    }

    /** The section of an identification tag. */
    public Optional<MediaSection> section(final String mid) {
        return sections.stream().filter(section -> section.mid().equals(mid)).findFirst();
    }

    /** Direction of a section, with the session's and then {@code sendrecv} where it has none of its own. */
    public Direction directionOf(final MediaSection section) {
        return section.direction().or(() -> first(Direction.class)).orElse(Direction.SENDRECV);
    }

    /** ICE user fragment of a section, the session's where it has none, "" when neither. */
    public String iceUfragOf(final MediaSection section) {
        return section.iceUfrag().isEmpty() ? iceUfrag() : section.iceUfrag();
    }

    /** ICE password of a section, the session's where it has none, "" when neither. */
    public String icePasswordOf(final MediaSection section) {
        return section.icePassword().isEmpty() ? icePassword() : section.icePassword();
    }

    /** Fingerprints of a section, the session's where it has none. */
    public List<Fingerprint> fingerprintsOf(final MediaSection section) {
        final List<Fingerprint> own = section.all(Fingerprint.class);
        return own.isEmpty() ? all(Fingerprint.class) : own;
    }

    /** DTLS role of a section, the session's where it has none; {@code actpass} when neither, as WebRTC offers. */
    public Setup setupOf(final MediaSection section) {
        return section.first(Setup.class).or(() -> first(Setup.class)).orElse(Setup.ACTPASS);
    }

    /** True when two-byte extension headers may mix with one-byte ones in a section (RFC 8285 section 4.1.2). */
    public boolean extmapAllowMixed(final MediaSection section) {
        return has("extmap-allow-mixed") || section.has("extmap-allow-mixed");
    }

    /** The description as text, with CRLF line ends. */
    public String write() {
        final StringBuilder out = new StringBuilder(SdpLimits.MAX_LINE);
        out.append("v=0").append(SdpText.END).append(origin.toLine()).append(SdpText.END);
        out.append("s=").append(name).append(SdpText.END);
        if (!connection.isEmpty()) {
            out.append("c=").append(connection).append(SdpText.END);
        }
        out.append("t=0 0").append(SdpText.END);
        attributes.forEach(attribute -> out.append(attribute.toLine()).append(SdpText.END));
        sections.forEach(section -> section.write(out));
        return out.toString();
    }
}
