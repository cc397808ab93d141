package org.chevet.codec.sdp;

/**
 * {@code a=rtpmap} (RFC 8866 section 6.6).
 *
 * @param payloadType 0 to 127
 * @param encoding encoding name as written; names compare without regard to case
 * @param clockRate RTP clock in Hz
 * @param channels audio channels, 0 when not written
 */
public record RtpMap(int payloadType, String encoding, int clockRate, int channels) implements SdpAttribute {
    @Override
    public String key() {
        return "rtpmap";
    }

    @Override
    public String value() {
        return payloadType + " " + encoding + "/" + clockRate + (channels > 0 ? "/" + channels : "");
    }
}
