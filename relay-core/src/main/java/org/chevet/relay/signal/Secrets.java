package org.chevet.relay.signal;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.IntSupplier;
import org.chevet.relay.consultation.OpaqueId;

/** Everything that must not be guessed. Safe on any thread. */
final class Secrets {
    private static final String ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int UFRAG_LENGTH = 12;
    private static final int PASSWORD_LENGTH = 24;
    private static final int ID_BYTES = 16;
    private static final int TAG_BYTES = 8;
    private static final int RESUME_BYTES = 32;

    private final SecureRandom random;

    Secrets(final SecureRandom random) {
        this.random = random;
    }

    /** 72 random bits (RFC 8445 section 5.3 wants 24). */
    String ufrag() {
        return ice(UFRAG_LENGTH);
    }

    /** 144 random bits (RFC 8445 section 5.3 wants 128). */
    String password() {
        return ice(PASSWORD_LENGTH);
    }

    /** 128 random bits in hexadecimal; never refused by {@link OpaqueId}. */
    String id() {
        String id = hex(ID_BYTES);
        while (OpaqueId.faultOfId("id", id).isPresent()) {
            id = hex(ID_BYTES);
        }
        return id;
    }

    /** 256 random bits in hexadecimal: opens what a session made. */
    String resumeToken() {
        return hex(RESUME_BYTES);
    }

    /** A strong entity tag with its quotes. */
    String entityTag() {
        return '"' + hex(TAG_BYTES) + '"';
    }

    /** Not negative and below 2^62 (RFC 8829 section 5.2.1). */
    long sessionId() {
        return random.nextLong() >>> 2;
    }

    IntSupplier ssrcs() {
        return random::nextInt;
    }

    private String ice(final int length) {
        final StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ICE_CHARS.charAt(random.nextInt(ICE_CHARS.length())));
        }
        return text.toString();
    }

    private String hex(final int bytes) {
        final byte[] value = new byte[bytes];
        random.nextBytes(value);
        return HexFormat.of().formatHex(value);
    }
}
