package org.chevet.relay.token;

import com.nimbusds.jose.Header;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.OpaqueId;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Checks participants' tokens: JWT (RFC 7519) in compact form, signed HS256 (RFC 7518 section 3.2) with a key that
 * {@code kid} names.
 *
 * <p>Claims: {@code sub} participant, {@code consultation}, {@code role}, {@code exp}; optional {@code name},
 * {@code grants} (default: those of the role), {@code nbf}, {@code iat}. Other claims are ignored. Safe on any thread.
 */
public final class TokenVerifier {
    /** Longest token, in characters. */
    public static final int MAX_LENGTH = 4096;
    /** A token may not live longer than this, in milliseconds. */
    public static final long MAX_LIFETIME_MS = 24L * 3600 * 1000;
    /** How far the issuer's clock may be off, in milliseconds. */
    public static final long CLOCK_SKEW_MS = 30_000;
    /** Shortest secret of HS256 (RFC 7518 section 3.2), in bytes. */
    public static final int MIN_SECRET_BYTES = 32;
    /** Longest list of grants. */
    static final int MAX_GRANTS = 64;
    private static final int PARTS = 3;

    private final Map<String, MACVerifier> verifiers = new HashMap<>();

    /**
     * A verifier of the given keys.
     *
     * @param keys key id to secret
     * @throws IllegalArgumentException when a secret is shorter than {@link #MIN_SECRET_BYTES}
     */
    public TokenVerifier(final Map<String, byte[]> keys) {
        keys.forEach((id, secret) -> verifiers.put(id, verifier(id, secret)));
    }

    /**
     * Checks a token and reads its claims.
     *
     * @param token compact form, without {@code Bearer}
     * @param nowMs milliseconds since 1970
     * @throws TokenRefusal when it does not hold, with a sentence that may be shown to its bearer
     */
    public Claims verify(final String token, final long nowMs) throws TokenRefusal {
        if (token.length() > MAX_LENGTH) {
            throw new TokenRefusal(Reason.OVERSIZED, "the token is longer than " + MAX_LENGTH + " characters");
        }
        final String[] parts = token.split("\\.", -1);
        if (parts.length != PARTS) {
            throw malformed();
        }
        try {
            checkHeader(Header.parse(new Base64URL(parts[0])));
            final SignedJWT jwt = SignedJWT.parse(token);
            checkSignature(jwt);
            return claims(jwt.getJWTClaimsSet(), nowMs);
        } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
            throw malformed();
        }
    }

    private void checkHeader(final Header header) throws TokenRefusal {
        if (!(header instanceof JWSHeader jws) || !JWSAlgorithm.HS256.equals(jws.getAlgorithm())) {
            throw new TokenRefusal(Reason.WRONG_ALGORITHM, "the token is not signed with HS256");
        }
        if (jws.getKeyID() == null || !verifiers.containsKey(jws.getKeyID())) {
            throw new TokenRefusal(Reason.UNKNOWN_KEY, "the token's kid names no key of this relay");
        }
    }

    private void checkSignature(final SignedJWT jwt) throws TokenRefusal {
        final MACVerifier verifier = verifiers.get(jwt.getHeader().getKeyID());
        boolean verified = false;
        try {
            verified = verifier != null && jwt.verify(verifier);
        } catch (JOSEException e) {
            verified = false;
        }
        if (!verified) {
            throw new TokenRefusal(Reason.BAD_SIGNATURE, "the token's signature does not verify");
        }
    }

    private static Claims claims(final @Nullable JWTClaimsSet set, final long nowMs)
        throws TokenRefusal, ParseException {
        if (set == null) {
            throw malformed();
        }
        final long expiresAtMs = checkTimes(set, nowMs);
        final String participant = text(set, "sub");
        final String consultation = text(set, "consultation");
        final Role role = Role.ofClaim(text(set, "role")).orElseThrow(() -> badClaim("role is not one of "
            + String.join(", ", List.of(Role.values()).stream().map(Role::claim).toList())));
        final String name = set.getClaim("name") == null ? "" : text(set, "name");
        final Claims claims = new Claims(participant, consultation, role, name, grants(set, role), expiresAtMs);
        final Optional<String> fault = faultOf(claims);
        if (fault.isPresent()) {
            throw badClaim(fault.get());
        }
        return claims;
    }

    /** What is wrong with the ids and the name of claims; empty when nothing is. */
    static Optional<String> faultOf(final Claims claims) {
        return OpaqueId.faultOfId("sub", claims.participant())
            .or(() -> OpaqueId.faultOfId("consultation", claims.consultation()))
            .or(() -> OpaqueId.faultOfName("name", claims.name()));
    }

    private static long checkTimes(final JWTClaimsSet set, final long nowMs) throws TokenRefusal {
        final Instant expires = time(set, "exp");
        if (expires == null) {
            throw badClaim("exp is missing");
        }
        final long expiresAtMs = expires.toEpochMilli();
        if (expiresAtMs + CLOCK_SKEW_MS <= nowMs) {
            throw new TokenRefusal(Reason.EXPIRED, "the token has expired");
        }
        final Instant notBefore = time(set, "nbf");
        final Instant issued = time(set, "iat");
        if (isAhead(notBefore, nowMs) || isAhead(issued, nowMs)) {
            throw new TokenRefusal(Reason.NOT_YET_VALID, "the token is not valid yet");
        }
        final long from = issued == null ? nowMs : Math.min(issued.toEpochMilli(), nowMs);
        if (expiresAtMs - from > MAX_LIFETIME_MS + CLOCK_SKEW_MS) {
            throw new TokenRefusal(Reason.TOO_LONG_LIVED, "the token lives longer than 24 hours");
        }
        return expiresAtMs;
    }

    private static boolean isAhead(final @Nullable Instant time, final long nowMs) {
        return time != null && time.toEpochMilli() > nowMs + CLOCK_SKEW_MS;
    }

    private static @Nullable Instant time(final JWTClaimsSet set, final String claim) throws TokenRefusal {
        try {
            final Date date = set.getDateClaim(claim);
            return date == null ? null : date.toInstant();
        } catch (ParseException e) {
            throw badClaim(claim + " is not a number of seconds");
        }
    }

    private static String text(final JWTClaimsSet set, final String claim) throws TokenRefusal {
        if (set.getClaim(claim) instanceof String value) {
            return value;
        }
        throw badClaim(claim + " is missing or not a string");
    }

    private static Grants grants(final JWTClaimsSet set, final Role role) throws TokenRefusal {
        if (set.getClaim("grants") == null) {
            return Grants.defaultsOf(role);
        }
        try {
            final List<String> entries = set.getStringListClaim("grants");
            if (entries == null || entries.size() > MAX_GRANTS || entries.contains(null)) {
                throw badClaim("grants is not a list of at most " + MAX_GRANTS + " strings");
            }
            return Grants.parse(entries);
        } catch (ParseException e) {
            throw badClaim("grants is not a list of at most " + MAX_GRANTS + " strings");
        } catch (IllegalArgumentException e) {
            throw badClaim("grants holds an entry that is not publish:<class> or subscribe:<class>");
        }
    }

    private static MACVerifier verifier(final String id, final byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("token key '" + id + "' has " + secret.length
                + " bytes; HS256 needs at least " + MIN_SECRET_BYTES);
        }
        try {
            return new MACVerifier(secret);
        } catch (JOSEException e) {
            throw new IllegalArgumentException("token key '" + id + "' cannot be used for HS256", e);
        }
    }

    private static TokenRefusal malformed() {
        return new TokenRefusal(Reason.MALFORMED, "the token is not a signed JWT in compact form");
    }

    private static TokenRefusal badClaim(final String sentence) {
        return new TokenRefusal(Reason.BAD_CLAIM, "claim " + sentence);
    }
}
