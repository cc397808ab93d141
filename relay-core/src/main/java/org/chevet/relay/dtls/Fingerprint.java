package org.chevet.relay.dtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/** The certificate the SDP promised (RFC 8122 section 5): a hash name and the hash. Immutable. */
final class Fingerprint {
    /** Hash name of SDP to that of the JDK. SHA-1 and MD5 prove nothing any more (RFC 8122 section 5). */
    private static final Map<String, String> ALGORITHMS =
        Map.of("sha-256", "SHA-256", "sha-384", "SHA-384", "sha-512", "SHA-512");
    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    private final String algorithm;
    private final byte[] expected;

    private Fingerprint(final String algorithm, final byte[] expected) {
        this.algorithm = algorithm;
        this.expected = expected;
    }

    /**
     * Reads the two parts of {@code a=fingerprint}.
     *
     * @throws IllegalArgumentException when the hash is unknown or the value is not its length in hex pairs
     */
    static Fingerprint parse(final String algorithm, final String value) {
        final String name = ALGORITHMS.get(algorithm.toLowerCase(Locale.ROOT));
        if (name == null) {
            throw new IllegalArgumentException("fingerprint hash '" + algorithm + "' is not sha-256, -384 or -512");
        }
        final byte[] hash = COLONS.parseHex(value);
        if (hash.length != digest(name).getDigestLength()) {
            throw new IllegalArgumentException("a fingerprint of " + hash.length + " bytes is not " + algorithm);
        }
        return new Fingerprint(name, hash);
    }

    /** True when the certificate (DER) has this hash; compares in constant time. */
    boolean matches(final byte[] der) {
        return MessageDigest.isEqual(expected, digest(algorithm).digest(der));
    }

    private static MessageDigest digest(final String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK must have " + name, e);
        }
    }
}
