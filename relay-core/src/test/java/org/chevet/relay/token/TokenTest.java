package org.chevet.relay.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.chevet.relay.consultation.Claims;
import org.chevet.relay.consultation.Grants;
import org.chevet.relay.consultation.Role;
import org.chevet.relay.token.TokenRefusal.Reason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("REQ-O3")
class TokenTest {
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER = "ffffffffffffffff0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final long NOW_S = NOW_MS / 1000;
    private static final String HEADER = "{\"alg\":\"HS256\",\"kid\":\"k1\"}";

    private final TokenVerifier verifier = new TokenVerifier(Map.of("k1", SECRET, "k2", OTHER));
    private final TokenIssuer issuer = new TokenIssuer("k1", SECRET);

    private static String base64(final byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Signs by hand, so that the library is not its own judge. */
    private static String signed(final String header, final String payload, final byte[] secret, final String mac) {
        try {
            final String input = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64(payload.getBytes(StandardCharsets.UTF_8));
            final Mac hmac = Mac.getInstance(mac);
            hmac.init(new SecretKeySpec(secret, mac));
            return input + "." + base64(hmac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String token(final String payload) {
        return signed(HEADER, payload, SECRET, "HmacSHA256");
    }

    private static String payload(final String more) {
        return "{\"sub\":\"p1\",\"consultation\":\"c1\",\"role\":\"guest\"" + more + "}";
    }

    private void refused(final Reason reason, final String token) {
        final TokenRefusal refusal = assertThrows(TokenRefusal.class, () -> verifier.verify(token, NOW_MS), token);
        assertEquals(reason, refusal.reason(), refusal.sentence());
        assertFalse(refusal.sentence().isBlank());
        assertEquals(0, refusal.getStackTrace().length);
    }

    @Test
    void whatTheIssuerMakesTheVerifierAccepts() throws TokenRefusal {
        final Claims claims = new Claims("p1", "c1", Role.DEVICE, "ECG cart",
            Grants.parse(List.of("publish:waveform", "subscribe:event")), NOW_MS + 60_000);
        assertEquals(claims, verifier.verify(issuer.issue(claims, NOW_MS), NOW_MS));
    }

    @Test
    void aTokenSignedByHandIsAcceptedAndGetsTheDefaultsOfItsRole() throws TokenRefusal {
        final Claims claims = verifier.verify(token(payload(",\"exp\":" + (NOW_S + 10))), NOW_MS);
        assertEquals(new Claims("p1", "c1", Role.GUEST, "", Grants.defaultsOf(Role.GUEST), (NOW_S + 10) * 1000),
            claims);
    }

    @Test
    void signaturesAndKeysAreChecked() {
        final String good = payload(",\"exp\":" + (NOW_S + 10));
        refused(Reason.BAD_SIGNATURE, signed(HEADER, good, OTHER, "HmacSHA256"));
        refused(Reason.UNKNOWN_KEY, signed("{\"alg\":\"HS256\",\"kid\":\"k9\"}", good, SECRET, "HmacSHA256"));
        refused(Reason.UNKNOWN_KEY, signed("{\"alg\":\"HS256\"}", good, SECRET, "HmacSHA256"));
        refused(Reason.WRONG_ALGORITHM, signed("{\"alg\":\"HS512\",\"kid\":\"k1\"}", good, SECRET, "HmacSHA512"));
        refused(Reason.WRONG_ALGORITHM, signed("{\"alg\":\"RS256\",\"kid\":\"k1\"}", good, SECRET, "HmacSHA256"));
        final String none = base64("{\"alg\":\"none\",\"kid\":\"k1\"}".getBytes(StandardCharsets.UTF_8)) + "."
            + base64(good.getBytes(StandardCharsets.UTF_8)) + ".";
        refused(Reason.WRONG_ALGORITHM, none);
        final String valid = token(good);
        refused(Reason.BAD_SIGNATURE, valid.substring(0, valid.lastIndexOf('.') + 1) + base64(new byte[32]));
    }

    @Test
    void timesAreChecked() {
        refused(Reason.BAD_CLAIM, token(payload("")));
        refused(Reason.EXPIRED, token(payload(",\"exp\":" + (NOW_S - 30))));
        refused(Reason.NOT_YET_VALID, token(payload(",\"exp\":" + (NOW_S + 100) + ",\"nbf\":" + (NOW_S + 31))));
        refused(Reason.NOT_YET_VALID, token(payload(",\"exp\":" + (NOW_S + 100) + ",\"iat\":" + (NOW_S + 31))));
        refused(Reason.TOO_LONG_LIVED, token(payload(",\"exp\":" + (NOW_S + 86_431))));
        refused(Reason.TOO_LONG_LIVED,
            token(payload(",\"exp\":" + (NOW_S + 10) + ",\"iat\":" + (NOW_S - 86_421))));
        refused(Reason.MALFORMED, token(payload(",\"exp\":\"soon\"")));
    }

    @Test
    void clocksMayDifferByThirtySeconds() throws TokenRefusal {
        verifier.verify(token(payload(",\"exp\":" + (NOW_S - 29))), NOW_MS);
        verifier.verify(token(payload(",\"exp\":" + (NOW_S + 100) + ",\"nbf\":" + (NOW_S + 30))), NOW_MS);
    }

    @Test
    void claimsAreChecked() {
        final String exp = ",\"exp\":" + (NOW_S + 10) + "}";
        refused(Reason.BAD_CLAIM, token("{\"consultation\":\"c1\",\"role\":\"guest\"" + exp));
        refused(Reason.BAD_CLAIM, token("{\"sub\":\"p1\",\"role\":\"guest\"" + exp));
        refused(Reason.BAD_CLAIM, token("{\"sub\":\"p1\",\"consultation\":\"c1\"" + exp));
        refused(Reason.BAD_CLAIM, token("{\"sub\":\"p1\",\"consultation\":\"c1\",\"role\":\"king\"" + exp));
        refused(Reason.BAD_CLAIM, token("{\"sub\":\"p 1\",\"consultation\":\"c1\",\"role\":\"guest\"" + exp));
        refused(Reason.BAD_CLAIM, token(payload(",\"name\":7,\"exp\":" + (NOW_S + 10))));
        refused(Reason.BAD_CLAIM, token(payload(",\"grants\":[\"fly\"],\"exp\":" + (NOW_S + 10))));
        refused(Reason.BAD_CLAIM, token(payload(",\"grants\":[null],\"exp\":" + (NOW_S + 10))));
        refused(Reason.BAD_CLAIM, token(payload(",\"grants\":\"publish:*\",\"exp\":" + (NOW_S + 10))));
    }

    @Test
    @Tag("REQ-O4")
    void nationalNumbersAreRefusedInClaims() {
        final String exp = ",\"exp\":" + (NOW_S + 10) + "}";
        refused(Reason.BAD_CLAIM,
            token("{\"sub\":\"185057800608436\",\"consultation\":\"c1\",\"role\":\"guest\"" + exp));
        refused(Reason.BAD_CLAIM, token(payload(",\"name\":\"1 85 05 78 006 084\",\"exp\":" + (NOW_S + 10))));
        final Claims claims = new Claims("1850578006084", "c1", Role.PATIENT, "", Grants.defaultsOf(Role.PATIENT),
            NOW_MS + 1000);
        assertThrows(TokenRefusal.class, () -> issuer.issue(claims, NOW_MS));
    }

    @Test
    void theIssuerRefusesWhatTheVerifierWould() {
        final Grants grants = Grants.defaultsOf(Role.GUEST);
        assertEquals(Reason.EXPIRED, assertThrows(TokenRefusal.class, () ->
            issuer.issue(new Claims("p", "c", Role.GUEST, "", grants, NOW_MS), NOW_MS)).reason());
        assertEquals(Reason.TOO_LONG_LIVED, assertThrows(TokenRefusal.class, () -> issuer.issue(
            new Claims("p", "c", Role.GUEST, "", grants, NOW_MS + TokenVerifier.MAX_LIFETIME_MS + 1),
            NOW_MS)).reason());
    }

    @Test
    void shortSecretsAreRefusedWithASentence() {
        final String message = assertThrows(IllegalArgumentException.class,
            () -> new TokenVerifier(Map.of("short", new byte[31]))).getMessage();
        assertEquals("token key 'short' has 31 bytes; HS256 needs at least 32", message);
        assertThrows(IllegalArgumentException.class, () -> new TokenIssuer("short", new byte[31]));
    }

    @Test
    void garbageIsMalformedAndNeverThrowsAnythingElse() throws TokenRefusal {
        refused(Reason.MALFORMED, "");
        refused(Reason.MALFORMED, "a.b");
        refused(Reason.MALFORMED, "a.b.c");
        refused(Reason.MALFORMED, "....");
        refused(Reason.OVERSIZED, "a".repeat(TokenVerifier.MAX_LENGTH + 1));
        refused(Reason.MALFORMED, token("not json"));
        refused(Reason.MALFORMED, token("{\"a\":".repeat(400)));
        final long seed = 20261122;
        final Random random = new Random(seed);
        final String good = issuer.issue(
            new Claims("p1", "c1", Role.GUEST, "n", Grants.defaultsOf(Role.GUEST), NOW_MS + 1000), NOW_MS);
        for (int i = 0; i < 3000; i++) {
            final StringBuilder bad = new StringBuilder(good);
            for (int n = 0; n <= random.nextInt(3); n++) {
                bad.setCharAt(random.nextInt(bad.length()), (char) random.nextInt(32, 127));
            }
            if (!bad.toString().equals(good)) {
                try {
                    verifier.verify(bad.toString(), NOW_MS);
                    // The last character of base64url may hold unused bits: only that may still verify.
                    assertEquals(good.substring(0, good.length() - 1), bad.substring(0, bad.length() - 1),
                        "seed " + seed);
                } catch (TokenRefusal expected) {
                    assertFalse(expected.sentence().isBlank());
                }
            }
        }
    }
}
