package org.chevet.relay.client;

import java.util.Locale;

/** What a media track carries. */
public enum TrackKind {
    AUDIO, VIDEO;

    /** The word of the {@code m=} line. */
    String media() {
        return name().toLowerCase(Locale.ROOT);
    }
}
