package org.chevet.relay.consultation;

import java.util.Locale;
import java.util.Optional;

/** What a picture is for, and so what yields first when it must be made smaller (REQUIREMENTS A5). */
public enum TrackProfile {
    /** Sharpness first: skin, writing, an eardrum. */
    DETAIL,
    /** Frame rate first: a gait, an ultrasound probe in motion. */
    MOTION;

    /** The name in messages: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The profile of a name, or empty. */
    public static Optional<TrackProfile> ofLabel(final String label) {
        for (final TrackProfile profile : values()) {
            if (profile.label().equals(label)) {
                return Optional.of(profile);
            }
        }
        return Optional.empty();
    }
}
