package org.chevet.relay.route;

import java.util.Arrays;

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
    private static final int MAX_PAYLOAD_TYPE = 127;

    /**
     * RED: the payload type of its blocks, which the parameters name once for each (RFC 2198 section 5); -1 when they
     * name none or several, and for every other codec.
     */
    public int blockPayloadType() {
        if (codec != Codec.RED) {
            return -1;
        }
        final String[] types = fmtp.strip().split("/", -1);
        if (!types[0].matches("[0-9]{1,3}") || !Arrays.stream(types).allMatch(types[0]::equals)) {
            return -1;
        }
        final int type = Integer.parseInt(types[0]);
        return type <= MAX_PAYLOAD_TYPE && type != payloadType ? type : -1;
    }
}
