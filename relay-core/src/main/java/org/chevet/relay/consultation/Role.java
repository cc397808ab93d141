package org.chevet.relay.consultation;

import java.util.Locale;
import java.util.Optional;

/** What a participant is in a consultation (REQUIREMENTS A2). */
public enum Role {
    PATIENT, COMPANION, PRACTITIONER, GUEST, DEVICE;

    /** The value of the token claim {@code role}: the lower-case name. */
    public String claim() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of a claim value, or empty when there is none of that name. */
    public static Optional<Role> ofClaim(final String claim) {
        for (final Role role : values()) {
            if (role.claim().equals(claim)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
