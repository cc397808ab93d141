package org.chevet.relay.consultation;

import java.util.Locale;
import java.util.Optional;

/** The classes of track that grants speak of (REQUIREMENTS P4). */
public enum TrackClass {
    AUDIO, VIDEO, WAVEFORM, NUMERIC, DEVICE_AUDIO, EVENT, ALERT, OBJECT;

    /** The name in a grant: lower case, words joined by a hyphen ({@code device-audio}). */
    public String grantName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The class of a grant name, or empty when there is none. */
    public static Optional<TrackClass> ofGrantName(final String name) {
        for (final TrackClass trackClass : values()) {
            if (trackClass.grantName().equals(name)) {
                return Optional.of(trackClass);
            }
        }
        return Optional.empty();
    }
}
