package org.chevet.codec.sdp;

/**
 * An attribute kept as text.
 *
 * @param key name
 * @param value text after the colon, "" for a property attribute such as {@code a=rtcp-mux}
 */
public record TextAttribute(String key, String value) implements SdpAttribute {
    /** A property attribute. */
    public static TextAttribute flag(final String key) {
        return new TextAttribute(key, "");
    }
}
