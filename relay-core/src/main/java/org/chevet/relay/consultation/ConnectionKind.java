package org.chevet.relay.consultation;

import java.util.Locale;

/** The kinds of connection by which a participant takes part. */
public enum ConnectionKind {
    WHIP, WHEP, VITALS, SESSION;

    /** The name on the roster: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
