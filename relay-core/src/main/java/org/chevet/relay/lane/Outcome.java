package org.chevet.relay.lane;

import org.jspecify.annotations.Nullable;

/**
 * A value, or why there is none.
 *
 * @param value the value, null exactly when refused
 * @param refusal why not, null exactly when there is a value
 */
public record Outcome<T>(@Nullable T value, @Nullable Refusal refusal) {
    /** Requires exactly one of the two. */
    public Outcome {
        if ((value == null) == (refusal == null)) {
            throw new IllegalArgumentException("either a value or a refusal");
        }
    }

    /** The successful outcome. */
    public static <T> Outcome<T> of(final T value) {
        return new Outcome<>(value, null);
    }

    /** The refused outcome. */
    public static <T> Outcome<T> refused(final Refusal.Reason reason, final String detail) {
        return new Outcome<>(null, new Refusal(reason, detail));
    }
}
