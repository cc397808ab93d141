package org.chevet.bench.mark;

import java.util.Locale;

/** What a marked stream carries; figures are kept apart by it. */
public enum TrafficClass {
    AUDIO, VIDEO, VITALS;

    /** Name in tables and files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
