package org.chevet.codec.sdp;

/**
 * {@code a=ssrc} (RFC 5576 section 4.1).
 *
 * @param ssrc synchronization source, as 32 bits
 * @param attribute name of the source-level attribute, such as {@code cname}
 * @param text its value, "" when none
 */
public record Ssrc(int ssrc, String attribute, String text) implements SdpAttribute {
    @Override
    public String key() {
        return "ssrc";
    }

    @Override
    public String value() {
        return Integer.toUnsignedString(ssrc) + " " + attribute + (text.isEmpty() ? "" : ":" + text);
    }
}
