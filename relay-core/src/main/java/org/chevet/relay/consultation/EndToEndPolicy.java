package org.chevet.relay.consultation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Whether what a consultation carries is encrypted from end to end, so that the relay cannot read it. */
public enum EndToEndPolicy {
    /** Nothing else is taken: who does not say that it encrypts is refused. */
    REQUIRED,
    /** Each participant decides. */
    ALLOWED,
    /** Refused: everybody must be able to receive everything. */
    OFF;

    /** The policy of a name. */
    public static Optional<EndToEndPolicy> ofLabel(final String label) {
        return Arrays.stream(values()).filter(policy -> policy.label().equals(label)).findFirst();
    }

    /** Its name in configuration and API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True when something may come that the relay could read. */
    public boolean allowsClear() {
        return this != REQUIRED;
    }

    /** True when something may come that the relay cannot read. */
    public boolean allowsEncrypted() {
        return this != OFF;
    }
}
