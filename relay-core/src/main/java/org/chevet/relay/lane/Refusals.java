package org.chevet.relay.lane;

import org.chevet.relay.consultation.Admission;

/** From the words of a consultation to those of the door. */
final class Refusals {
    private Refusals() {
    }

    /** Why somebody was not admitted. */
    static Refusal of(final Admission admission) {
        final Refusal.Reason reason = switch (admission.verdict()) {
            case FORBIDDEN -> Refusal.Reason.FORBIDDEN;
            case EVICTED -> Refusal.Reason.EVICTED;
            case CONFLICT -> Refusal.Reason.CONFLICT;
            case EXHAUSTED -> Refusal.Reason.EXHAUSTED;
            case ADMITTED -> throw new IllegalArgumentException("admitted");
        };
        final String sentence = admission.sentence();
        return new Refusal(reason, Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1) + ".");
    }
}
