package org.chevet.codec.sdp;

/**
 * {@code a=msid} (RFC 8830 section 2).
 *
 * @param stream media stream id, "-" for a track without stream
 * @param track track id, "" when not written
 */
public record Msid(String stream, String track) implements SdpAttribute {
    @Override
    public String key() {
        return "msid";
    }

    @Override
    public String value() {
        return track.isEmpty() ? stream : stream + " " + track;
    }
}
