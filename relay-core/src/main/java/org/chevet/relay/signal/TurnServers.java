package org.chevet.relay.signal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * TURN servers of the operator's, with credentials for a limited time (draft-uberti-behave-turn-rest-00 section 2.2,
 * which coturn calls {@code use-auth-secret}): the user name is when they end and whose they are, the password its
 * HMAC under the secret that the TURN server has too. Immutable; any thread.
 */
public final class TurnServers {
    /** A TURN URI (RFC 7065): no character that could end it in a Link header. */
    private static final Pattern URL = Pattern.compile("turns?:[A-Za-z0-9.\\-\\[\\]:]+(\\?transport=(udp|tcp))?");
    private static final String PASSWORD_HMAC = "HmacSHA1";
    private static final String NAME_HMAC = "HmacSHA256";
    private static final int NAME_BYTES = 8;
    private static final long SECOND_MS = 1_000;

    private final List<String> urls;
    private final byte[] secret;
    private final int ttlSeconds;

    /**
     * Servers that share one secret.
     *
     * @param urls {@code turn:host:port?transport=udp} and the like; empty for none
     * @param secret {@code static-auth-secret} of the servers; copied
     * @param ttlSeconds how long credentials are good for at most
     * @throws IllegalArgumentException one sentence
     */
    public TurnServers(final List<String> urls, final byte[] secret, final int ttlSeconds) {
        this.urls = List.copyOf(urls);
        this.secret = secret.clone();
        this.ttlSeconds = ttlSeconds;
        urls.stream().filter(url -> !URL.matcher(url).matches()).findFirst().ifPresent(url -> {
            throw new IllegalArgumentException("'" + url + "' is no TURN URI like turn:host:3478?transport=udp");
        });
        if (!urls.isEmpty() && secret.length == 0) {
            throw new IllegalArgumentException("TURN servers need a secret");
        }
    }

    /** No server. */
    public static TurnServers none() {
        return new TurnServers(List.of(), new byte[0], 0);
    }

    /** True when there is no server. */
    public boolean isEmpty() {
        return urls.isEmpty();
    }

    /**
     * The value of a {@code Link} header that names each server with credentials (RFC 9725 section 4.6); "" without
     * servers.
     *
     * @param consultation of the participant
     * @param participant who asks; its id does not leave, but the same one has the same name at the TURN server
     * @param nowMs milliseconds since 1970
     * @param endMs when the participant's token ends, in milliseconds since 1970: the credentials end with it
     */
    public String link(final String consultation, final String participant, final long nowMs, final long endMs) {
        if (urls.isEmpty()) {
            return "";
        }
        final long ends = Math.min(nowMs / SECOND_MS + ttlSeconds, endMs / SECOND_MS);
        final byte[] whose = hmac(NAME_HMAC, consultation + "\n" + participant);
        final String username =
            ends + ":" + HexFormat.of().formatHex(whose, 0, NAME_BYTES);
        final String credential = password(username);
        return urls.stream().map(url -> "<" + url + ">; rel=\"ice-server\"; username=\"" + username
            + "\"; credential=\"" + credential + "\"; credential-type=\"password\"").collect(Collectors.joining(", "));
    }

    /** base64(HMAC-SHA1(secret, user name)). */
    String password(final String username) {
        return Base64.getEncoder().encodeToString(hmac(PASSWORD_HMAC, username));
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return urls.toString() + " for " + ttlSeconds + " s";
    }

    private byte[] hmac(final String algorithm, final String text) {
        try {
            final Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret, algorithm));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }
}
