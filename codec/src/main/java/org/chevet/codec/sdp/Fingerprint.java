package org.chevet.codec.sdp;

/**
 * {@code a=fingerprint} (RFC 8122 section 5).
 *
 * @param algorithm hash name in lower case ({@code sha-256})
 * @param hash upper-case pairs of hexadecimal digits joined by colons
 */
public record Fingerprint(String algorithm, String hash) implements SdpAttribute {
    @Override
    public String key() {
        return "fingerprint";
    }

    @Override
    public String value() {
        return algorithm + " " + hash;
    }
}
