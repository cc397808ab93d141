package org.chevet.relay.route;

/**
 * One source the client announced in its offer.
 *
 * @param rid layer name (RFC 8851), "" when the section has a single encoding
 * @param ssrc media SSRC from {@code a=ssrc}, or 0 when not announced
 * @param rtxSsrc its retransmission SSRC from {@code a=ssrc-group:FID}, or 0
 */
public record OfferedSource(String rid, int ssrc, int rtxSsrc) {
}
