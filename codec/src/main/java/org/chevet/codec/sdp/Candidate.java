package org.chevet.codec.sdp;

/**
 * {@code a=candidate} (RFC 8839 section 5.1).
 *
 * @param foundation groups candidates of the same kind
 * @param component 1 for RTP (and all with rtcp-mux), 2 for RTCP
 * @param transport {@code udp} or {@code tcp} in lower case
 * @param priority 1 to 2^32 - 1
 * @param address IP address or mDNS name as written; never resolved
 * @param port 0 to 65535
 * @param type {@code host}, {@code srflx}, {@code prflx} or {@code relay}
 * @param extensions name and value pairs behind the type ({@code tcptype active}), "" when none
 */
public record Candidate(String foundation, int component, String transport, long priority, String address, int port,
    String type, String extensions) implements SdpAttribute {
    /**
     * Reads the line of one candidate, as SDP fragments of trickle ICE have them.
     *
     * @param text {@code a=candidate:...} without its line end
     * @param line number of the line in its text, for the exception
     * @throws SdpException when it is not a candidate of RFC 8839 section 5.1
     */
    public static Candidate parse(final String text, final int line) throws SdpException {
        if (text.startsWith("a=candidate:")
            && AttributeParser.parse(text.substring(2), line) instanceof Candidate candidate) {
            return candidate;
        }
        throw new SdpException(line, "is not a=candidate");
    }

    @Override
    public String key() {
        return "candidate";
    }

    @Override
    public String value() {
        return foundation + " " + component + " " + transport + " " + priority + " " + address + " " + port + " typ "
            + type + (extensions.isEmpty() ? "" : " " + extensions);
    }
}
