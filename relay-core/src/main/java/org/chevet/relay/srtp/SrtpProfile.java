package org.chevet.relay.srtp;

import org.jspecify.annotations.Nullable;

/** SRTP protection profiles (RFC 5764 section 4.1.2, RFC 7714 section 14.2); all lengths in bytes. */
public enum SrtpProfile {
    /** AES-256-GCM: what the relay prefers. */
    AEAD_AES_256_GCM(8, 32, 12, 16, 16),
    /** AES-128-GCM. */
    AEAD_AES_128_GCM(7, 16, 12, 16, 16),
    /** AES-128 counter mode with an 80-bit HMAC-SHA1 tag: all that some clients have. */
    AES128_CM_HMAC_SHA1_80(1, 16, 14, 10, 10),
    /** The same with a 32-bit tag on RTP. Read in captures and tests; DTLS never negotiates it. */
    AES128_CM_HMAC_SHA1_32(2, 16, 14, 4, 10);

    /** Bytes of the SRTCP index word behind an SRTCP packet. */
    static final int INDEX_LENGTH = 4;

    private final int code;
    private final int keyLength;
    private final int saltLength;
    private final int rtpTagLength;
    private final int rtcpTagLength;

    SrtpProfile(final int code, final int keyLength, final int saltLength, final int rtpTagLength,
        final int rtcpTagLength) {
        this.code = code;
        this.keyLength = keyLength;
        this.saltLength = saltLength;
        this.rtpTagLength = rtpTagLength;
        this.rtcpTagLength = rtcpTagLength;
    }

    /** The profile with this number in use_srtp, or null when it is none of these. */
    public static @Nullable SrtpProfile ofCode(final int code) {
        for (final SrtpProfile profile : values()) {
            if (profile.code == code) {
                return profile;
            }
        }
        return null;
    }

    /** The number in the use_srtp extension. */
    public int code() {
        return code;
    }

    /** Bytes of a master key, and of the session encryption key. */
    public int keyLength() {
        return keyLength;
    }

    /** Bytes of a master salt, and of the session salt. */
    public int saltLength() {
        return saltLength;
    }

    /** Bytes that protecting adds to an RTP packet. */
    public int rtpOverhead() {
        return rtpTagLength;
    }

    /** Bytes that protecting adds to an RTCP packet: tag and index. */
    public int rtcpOverhead() {
        return rtcpTagLength + INDEX_LENGTH;
    }

    /** Bytes of the DTLS exporter output: two keys and two salts (RFC 5764 section 4.2). */
    public int exporterLength() {
        return 2 * (keyLength + saltLength);
    }

    /** True for the AEAD profiles of RFC 7714. */
    public boolean isAead() {
        return this == AEAD_AES_256_GCM || this == AEAD_AES_128_GCM;
    }

    int rtcpTagLength() {
        return rtcpTagLength;
    }
}
