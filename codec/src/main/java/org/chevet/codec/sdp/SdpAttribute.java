package org.chevet.codec.sdp;

/**
 * One {@code a=} line (RFC 8866 section 5.13). What the relay reads has a type of its own; the rest is a
 * {@link TextAttribute}.
 */
public sealed interface SdpAttribute permits Candidate, Direction, ExtMap, Fingerprint, Fmtp, Group, Msid, Rid,
    RtcpFeedback, RtpMap, Setup, Simulcast, Ssrc, SsrcGroup, TextAttribute {

    /** The name before the colon. */
    String key();

    /** The text after the colon, "" for a property attribute. */
    String value();

    /** The whole line without its end. */
    default String toLine() {
        final String value = value();
        return value.isEmpty() ? "a=" + key() : "a=" + key() + ":" + value;
    }
}
