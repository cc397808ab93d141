package org.chevet.relay.api;

/**
 * How a relay uses the machine; the defaults suit every one. Made with {@link #defaults()} and the {@code with}
 * methods. Immutable.
 *
 * @param crypto what seals and opens SRTP: "auto" for the fastest that is usable, or "ipsec-mb", "libcrypto", "jce"
 */
public record Tuning(String crypto) {
    /** The fastest cryptography that is usable. */
    public static Tuning defaults() {
        return new Tuning("auto");
    }

    /** The same with other cryptography; a relay does not start when it cannot be used. */
    public Tuning withCrypto(final String newCrypto) {
        return new Tuning(newCrypto);
    }
}
