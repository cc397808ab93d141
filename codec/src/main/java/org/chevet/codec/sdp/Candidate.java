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
