package org.chevet.codec.sframe;

/** The cipher suites of RFC 9605 section 4.5 that are spoken here. */
public enum SframeSuite {
    /** Suite 0x0004. */
    AES_128_GCM_SHA256_128(4, "SHA256", 32, 16),
    /** Suite 0x0005. */
    AES_256_GCM_SHA512_128(5, "SHA512", 64, 32);

    /** Bytes of a nonce (Nn). */
    public static final int NONCE_BYTES = 12;
    /** Bytes of a tag (Nt). */
    public static final int TAG_BYTES = 16;

    private final int code;
    private final String hash;
    private final int hashBytes;
    private final int keyBytes;

    SframeSuite(final int code, final String hash, final int hashBytes, final int keyBytes) {
        this.code = code;
        this.hash = hash;
        this.hashBytes = hashBytes;
        this.keyBytes = keyBytes;
    }

    /** Number in the registry. */
    public int code() {
        return code;
    }

    /** Bytes of the AES key (Nk). */
    public int keyBytes() {
        return keyBytes;
    }

    /** Bytes of the hash (Nh). */
    public int hashBytes() {
        return hashBytes;
    }

    /** Name of the MAC in the JDK. */
    String mac() {
        return "Hmac" + hash;
    }
}
