package org.chevet.relay.dtls;

/** Which side of the DTLS handshake an endpoint plays: {@code a=setup} decides (RFC 8842). */
public enum DtlsRole {
    /** Waits for the ClientHello: our {@code a=setup} is passive. */
    SERVER,
    /** Sends the ClientHello: our {@code a=setup} is active. */
    CLIENT
}
