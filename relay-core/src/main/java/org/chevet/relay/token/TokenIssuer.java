package org.chevet.relay.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.token.TokenRefusal.Reason;

/** Makes the tokens that {@link TokenVerifier} accepts. Safe on any thread. */
public final class TokenIssuer {
    private final JWSHeader header;
    private final MACSigner signer;

    /**
     * An issuer that signs with one key.
     *
     * @param keyId value of {@code kid}
     * @param secret HS256 secret of at least {@link TokenVerifier#MIN_SECRET_BYTES}
     * @throws IllegalArgumentException when the secret is too short
     */
    public TokenIssuer(final String keyId, final byte[] secret) {
        this.header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(keyId).build();
        try {
            this.signer = new MACSigner(secret);
        } catch (JOSEException e) {
            throw new IllegalArgumentException("token key '" + keyId + "' has " + secret.length
                + " bytes; HS256 needs at least " + TokenVerifier.MIN_SECRET_BYTES, e);
        }
    }

    /**
     * Signs a token, issued now.
     *
     * @param claims who the bearer is; its expiry counts in whole seconds
     * @param nowMs milliseconds since 1970
     * @return compact form
     * @throws TokenRefusal when the verifier would refuse it: expiry in the past or too far, an id or name that may
     *     not be used
     */
    public String issue(final Claims claims, final long nowMs) throws TokenRefusal {
        final Optional<String> fault = TokenVerifier.faultOf(claims);
        if (fault.isPresent()) {
            throw new TokenRefusal(Reason.BAD_CLAIM, "claim " + fault.get());
        }
        if (claims.expiresAtMs() <= nowMs) {
            throw new TokenRefusal(Reason.EXPIRED, "the token would have expired already");
        }
        if (claims.expiresAtMs() - nowMs > TokenVerifier.MAX_LIFETIME_MS) {
            throw new TokenRefusal(Reason.TOO_LONG_LIVED, "the token would live longer than 24 hours");
        }
        final SignedJWT jwt = new SignedJWT(header, new JWTClaimsSet.Builder()
            .subject(claims.participant())
            .claim("consultation", claims.consultation())
            .claim("role", claims.role().claim())
            .claim("name", claims.name())
            .claim("grants", claims.grants().toClaim())
            .issueTime(Date.from(Instant.ofEpochMilli(nowMs)))
            .expirationTime(Date.from(Instant.ofEpochMilli(claims.expiresAtMs())))
            .build());
        try {
            jwt.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("HS256 is not available in this JVM", e);
        }
        return jwt.serialize();
    }
}
