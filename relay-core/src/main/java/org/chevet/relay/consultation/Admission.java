package org.chevet.relay.consultation;

/**
 * What became of an attempt to take part.
 *
 * @param verdict admitted or why not
 * @param participant number of the participant inside the consultation, never reused; {@link #NONE} when refused
 * @param replaced connection that the new one replaces and that the caller has to close, or {@link #NONE}; it is
 *     released already
 * @param sentence for the person who reads it; "" when admitted
 */
public record Admission(Verdict verdict, int participant, int replaced, String sentence) {
    /** No connection, no participant. */
    public static final int NONE = -1;

    /** True when the connection is on the roster. */
    public boolean admitted() {
        return verdict == Verdict.ADMITTED;
    }

    /** Outcomes. */
    public enum Verdict {
        /** On the roster; the listener has heard of it. */
        ADMITTED,
        /** The claims are for another consultation or grant nothing of this kind. */
        FORBIDDEN,
        /** The participant was put out and may not come back. */
        EVICTED,
        /** The identity is in use: another live publisher, or another role under the same id. */
        CONFLICT,
        /** {@link Consultation}'s bounds are reached. */
        EXHAUSTED
    }
}
