package org.chevet.codec.sdp;

import java.util.List;
import java.util.Optional;

/** What carries attributes: a session or a media section. */
public sealed interface Attributed permits SessionDescription, MediaSection {
    /** The {@code a=} lines in order. */
    List<SdpAttribute> attributes();

    /** All attributes of a type, in order. */
    default <T extends SdpAttribute> List<T> all(final Class<T> type) {
        return attributes().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The first attribute of a type. */
    default <T extends SdpAttribute> Optional<T> first(final Class<T> type) {
        return attributes().stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    /** True when a property attribute such as {@code rtcp-mux} stands here. */
    default boolean has(final String key) {
        return attributes().stream().anyMatch(attribute -> attribute.key().equals(key));
    }

    /** Value of the first attribute of a name, "" when there is none. */
    default String text(final String key) {
        return attributes().stream().filter(attribute -> attribute.key().equals(key)).findFirst()
            .map(SdpAttribute::value).orElse("");
    }

    /** ICE user fragment (RFC 8839 section 5.4), "" when not at this level. */
    default String iceUfrag() {
        return text("ice-ufrag");
    }

    /** ICE password, "" when not at this level. */
    default String icePassword() {
        return text("ice-pwd");
    }
}
