package org.chevet.codec.stun;

/** Attribute types of STUN (RFC 8489 section 18.3) and ICE (RFC 8445 section 16.1) that this relay knows. */
public final class StunAttribute {
    /** MAPPED-ADDRESS. */
    public static final int MAPPED_ADDRESS = 0x0001;
    /** USERNAME. */
    public static final int USERNAME = 0x0006;
    /** MESSAGE-INTEGRITY: HMAC-SHA1 over what comes before it. */
    public static final int MESSAGE_INTEGRITY = 0x0008;
    /** ERROR-CODE. */
    public static final int ERROR_CODE = 0x0009;
    /** UNKNOWN-ATTRIBUTES. */
    public static final int UNKNOWN_ATTRIBUTES = 0x000A;
    /** REALM. */
    public static final int REALM = 0x0014;
    /** NONCE. */
    public static final int NONCE = 0x0015;
    /** MESSAGE-INTEGRITY-SHA256; never sent by the relay, tolerated after MESSAGE-INTEGRITY. */
    public static final int MESSAGE_INTEGRITY_SHA256 = 0x001C;
    /** XOR-MAPPED-ADDRESS. */
    public static final int XOR_MAPPED_ADDRESS = 0x0020;
    /** PRIORITY of ICE. */
    public static final int PRIORITY = 0x0024;
    /** USE-CANDIDATE of ICE: nomination. */
    public static final int USE_CANDIDATE = 0x0025;
    /** SOFTWARE. */
    public static final int SOFTWARE = 0x8022;
    /** FINGERPRINT: CRC-32 over what comes before it, always last. */
    public static final int FINGERPRINT = 0x8028;
    /** ICE-CONTROLLED with the tie-breaker. */
    public static final int ICE_CONTROLLED = 0x8029;
    /** ICE-CONTROLLING with the tie-breaker. */
    public static final int ICE_CONTROLLING = 0x802A;

    private static final int COMPREHENSION_OPTIONAL = 0x8000;

    private StunAttribute() {
    }

    /** True when a receiver that does not know the attribute must refuse the request (RFC 8489 section 14). */
    public static boolean isComprehensionRequired(final int type) {
        return type < COMPREHENSION_OPTIONAL;
    }

    /** True when the attribute is one of those named here. */
    public static boolean isKnown(final int type) {
        return switch (type) {
            case MAPPED_ADDRESS, USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, UNKNOWN_ATTRIBUTES, REALM, NONCE,
                MESSAGE_INTEGRITY_SHA256, XOR_MAPPED_ADDRESS, PRIORITY, USE_CANDIDATE, SOFTWARE, FINGERPRINT,
                ICE_CONTROLLED, ICE_CONTROLLING -> true;
            default -> false;
        };
    }
}
