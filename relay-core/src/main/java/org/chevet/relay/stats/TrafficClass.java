package org.chevet.relay.stats;

import java.util.Locale;

/** Classes of traffic whose forwarding times are kept apart. */
public enum TrafficClass {
    /** RTP of an audio section. */
    AUDIO,
    /** RTP of a video section. */
    VIDEO,
    /** Blocks of device streams. */
    VITALS;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The value of the metric label {@code class}. */
    public String label() {
        return label;
    }
}
