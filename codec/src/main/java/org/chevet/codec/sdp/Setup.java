package org.chevet.codec.sdp;

import java.util.Locale;
import java.util.Optional;

/** Who starts DTLS: {@code a=setup} (RFC 4145 section 4, RFC 8842). */
public enum Setup implements SdpAttribute {
    ACTPASS, ACTIVE, PASSIVE, HOLDCONN;

    /** The role of a name, or empty. */
    public static Optional<Setup> of(final String name) {
        for (final Setup setup : values()) {
            if (setup.value().equals(name)) {
                return Optional.of(setup);
            }
        }
        return Optional.empty();
    }

    @Override
    public String key() {
        return "setup";
    }

    @Override
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
