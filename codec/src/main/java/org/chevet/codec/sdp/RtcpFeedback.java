package org.chevet.codec.sdp;

/**
 * {@code a=rtcp-fb} (RFC 4585 section 4.2).
 *
 * @param payloadType 0 to 127, or {@link #ANY}
 * @param feedback what is offered: {@code nack}, {@code nack pli}, {@code ccm fir}, {@code transport-cc}, ...
 */
public record RtcpFeedback(int payloadType, String feedback) implements SdpAttribute {
    /** The line is for every payload type ({@code *}). */
    public static final int ANY = -1;

    /** True when the line speaks of this payload type. */
    public boolean covers(final int type) {
        return payloadType == type || payloadType == ANY;
    }

    @Override
    public String key() {
        return "rtcp-fb";
    }

    @Override
    public String value() {
        return (payloadType == ANY ? "*" : Integer.toString(payloadType)) + " " + feedback;
    }
}
