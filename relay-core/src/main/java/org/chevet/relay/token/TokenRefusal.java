package org.chevet.relay.token;

/** Why a token was refused: a reason that is counted and a sentence its bearer may read. Holds no part of the token. */
public final class TokenRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    TokenRefusal(final Reason reason, final String sentence) {
        super(sentence, null, false, false);
        this.reason = reason;
    }

    /** What kind of refusal. */
    public Reason reason() {
        return reason;
    }

    /** The sentence for the bearer. */
    public String sentence() {
        return String.valueOf(getMessage());
    }

    /** Kinds of refusal. */
    public enum Reason {
        /** Not three parts of base64url with JSON inside. */
        MALFORMED,
        /** Longer than {@link TokenVerifier#MAX_LENGTH}. */
        OVERSIZED,
        /** Signed by another algorithm than HS256, or not at all. */
        WRONG_ALGORITHM,
        /** No {@code kid}, or one that names no key of this relay. */
        UNKNOWN_KEY,
        /** The signature does not verify. */
        BAD_SIGNATURE,
        /** Past its {@code exp}. */
        EXPIRED,
        /** Before its {@code nbf} or {@code iat}. */
        NOT_YET_VALID,
        /** Lives longer than {@link TokenVerifier#MAX_LIFETIME_MS}. */
        TOO_LONG_LIVED,
        /** A claim is missing, of the wrong type or not allowed. */
        BAD_CLAIM
    }
}
