package org.chevet.codec.sdp;

import java.util.Locale;
import java.util.Optional;

/** Direction of a media section (RFC 8866 section 6.7) or header extension, seen by who writes it. */
public enum Direction implements SdpAttribute {
    SENDRECV, SENDONLY, RECVONLY, INACTIVE;

    /** The direction of a name such as {@code sendonly}, or empty. */
    public static Optional<Direction> of(final String name) {
        for (final Direction direction : values()) {
            if (direction.key().equals(name)) {
                return Optional.of(direction);
            }
        }
        return Optional.empty();
    }

    /** True when the writer sends. */
    public boolean sends() {
        return this == SENDRECV || this == SENDONLY;
    }

    /** True when the writer receives. */
    public boolean receives() {
        return this == SENDRECV || this == RECVONLY;
    }

    /** The same flow seen from the other side. */
    public Direction reversed() {
        return switch (this) {
            case SENDONLY -> RECVONLY;
            case RECVONLY -> SENDONLY;
            case SENDRECV, INACTIVE -> this;
        };
    }

    @Override
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String value() {
        return "";
    }
}
