package org.chevet.relay.client;

import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.AlertPriority;

/**
 * One phase of an alert as a subscriber gets it.
 *
 * @param alertId the same in all phases of an alert, unique in its stream
 * @param terms what the relay could read
 * @param ageMs how long it waited at the publisher and in the relay
 * @param block sequence, device time and content
 */
public record VitalsAlert(long alertId, Terms terms, long ageMs, VitalsBlock block) {
    /**
     * What of an alert is not opaque (IEC 60601-1-8, IEEE 11073-10201).
     *
     * @param priority how urgent the device says it is
     * @param phase what the alert condition does
     * @param ttlMs it means nothing any more when it is this old, 1 to a day, in milliseconds
     * @param escalateAfterMs everyone is told when nobody has accepted it after so many milliseconds; 0 = never
     */
    public record Terms(AlertPriority priority, AlertPhase phase, int ttlMs, int escalateAfterMs) {
        /** The same alert in another phase. */
        public Terms in(final AlertPhase newPhase) {
            return new Terms(priority, newPhase, ttlMs, escalateAfterMs);
        }
    }

    /** True when it must not be shown as new. */
    public boolean isExpired() {
        return ageMs >= terms.ttlMs();
    }
}
