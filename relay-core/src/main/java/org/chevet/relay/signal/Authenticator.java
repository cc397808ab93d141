package org.chevet.relay.signal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.token.TokenRefusal;
import org.chevet.relay.token.TokenVerifier;

/** Who calls: a participant by token, or a vendor's back-end by API key. */
final class Authenticator {
    private static final String SCHEME = "bearer ";
    private static final Map<String, String> CHALLENGE = Map.of("www-authenticate", "Bearer realm=\"chevet\"");

    private final TokenVerifier verifier;
    private final LongSupplier clockMs;
    private final List<byte[]> apiKeyHashes = new ArrayList<>();

    Authenticator(final TokenVerifier verifier, final LongSupplier clockMs, final List<String> apiKeys) {
        this.verifier = verifier;
        this.clockMs = clockMs;
        apiKeys.forEach(key -> apiKeyHashes.add(hash(key)));
    }

    /** The claims of the bearer, who must be of the consultation. */
    Claims participant(final Call call, final String consultation) throws ProblemException {
        final Claims claims = claims(bearer(call).orElseThrow(() ->
            new ProblemException(ProblemType.TOKEN_MISSING, "Authorization: Bearer <token> is missing", CHALLENGE)));
        if (!claims.consultation().equals(consultation)) {
            throw new ProblemException(ProblemType.OTHER_CONSULTATION,
                "the token was made for another consultation than the one in the path");
        }
        return claims;
    }

    /** The claims of a token. */
    Claims claims(final String token) throws ProblemException {
        try {
            return verifier.verify(token, clockMs.getAsLong());
        } catch (TokenRefusal refusal) {
            throw Problems.of(refusal);
        }
    }

    /** Lets only holders of an API key pass; compares with every key in constant time. */
    void requireApiKey(final Call call) throws ProblemException {
        final byte[] given = hash(bearer(call).orElse(""));
        boolean known = false;
        for (final byte[] key : apiKeyHashes) {
            known |= MessageDigest.isEqual(key, given);
        }
        if (!known) {
            throw new ProblemException(ProblemType.API_KEY_WRONG,
                "Authorization: Bearer <API key> is missing or names no key of this relay", CHALLENGE);
        }
    }

    /** The credentials of {@code Authorization: Bearer}. */
    static Optional<String> bearer(final Call call) {
        return call.header("authorization")
            .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(SCHEME))
            .map(value -> value.substring(SCHEME.length()).strip());
    }

    private static byte[] hash(final String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
