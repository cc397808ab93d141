package org.chevet.codec.sdp;

/**
 * The {@code o=} line (RFC 8866 section 5.2).
 *
 * @param username user name, "-" when none; Firefox writes {@code mozilla...}
 * @param sessionId session id as text: it may exceed 63 bits
 * @param version session version as text
 * @param address network type, address type and address: {@code IN IP4 127.0.0.1}
 */
public record Origin(String username, String sessionId, String version, String address) {
    /** The line without its end. */
    public String toLine() {
        return "o=" + username + " " + sessionId + " " + version + " " + address;
    }
}
