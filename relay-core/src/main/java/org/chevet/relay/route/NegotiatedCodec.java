package org.chevet.relay.route;

/**
 * One codec of a media section, as offer and answer settled it.
 *
 * @param codec which codec
 * @param payloadType its payload type, 0 to 127
 * @param rtxPayloadType payload type of its retransmissions (RFC 4588), or -1
 * @param clockRate RTP clock in Hz
 * @param channels audio channels, 0 for video
 * @param fmtp format parameters as in {@code a=fmtp}, "" when none; profile matching reads them
 * @param nack generic NACK (RFC 4585) agreed
 * @param pli picture loss indication agreed
 * @param fir full intra request (RFC 5104) agreed
 * @param transportCc transport-wide congestion control feedback agreed
 * @param remb receiver estimated maximum bit rate agreed
 */
public record NegotiatedCodec(Codec codec, int payloadType, int rtxPayloadType, int clockRate, int channels,
    String fmtp, boolean nack, boolean pli, boolean fir, boolean transportCc, boolean remb) {
}
