package org.chevet.relay.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.chevet.relay.dtls.BouncyDtls;
import org.chevet.relay.dtls.DtlsCertificate;
import org.chevet.relay.dtls.DtlsFactory;
import org.jspecify.annotations.Nullable;

/**
 * What media clients share: one configuration may serve any number of them. Immutable; safe on any thread.
 *
 * @param http client for WHIP and WHEP requests
 * @param dtls opens DTLS associations
 * @param fingerprint {@code sha-256 AB:CD:...} of the certificate {@code dtls} shows
 * @param random source of credentials, SSRCs and transaction ids; thread-safe
 * @param timeout of each HTTP request, and of ICE and DTLS together
 * @param feedback players tell when each packet arrived, and get no more than their link takes; else they get all
 * @param endToEnd what media is sealed and opened by from end to end; null when it is not
 */
public record MediaClientConfig(HttpClient http, DtlsFactory dtls, String fingerprint, SecureRandom random,
    Duration timeout, boolean feedback, @Nullable EndToEnd endToEnd) {
    private static final int VALID_DAYS = 30;
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    /** A new certificate, an HTTP client of its own, and a timeout of 15 s. */
    public static MediaClientConfig create() {
        final SecureRandom random = new SecureRandom();
        final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now(), VALID_DAYS);
        return new MediaClientConfig(
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build(),
            BouncyDtls.factory(certificate, random), certificate.fingerprint(), random, TIMEOUT,
            true, null);
    }

    /** An HTTP client with the settings of {@link #http} that shares no connection with it; to be closed. */
    HttpClient freshHttp() {
        final HttpClient.Builder builder = HttpClient.newBuilder().version(http.version()).connectTimeout(timeout)
            .sslContext(http.sslContext()).sslParameters(http.sslParameters())
            .followRedirects(http.followRedirects());
        http.proxy().ifPresent(builder::proxy);
        http.authenticator().ifPresent(builder::authenticator);
        return builder.build();
    }

    /** The same with another timeout. */
    public MediaClientConfig withTimeout(final Duration newTimeout) {
        return new MediaClientConfig(http, dtls, fingerprint, random, newTimeout, feedback, endToEnd);
    }

    /** The same without feedback on arrivals: for what is not sent in real time, which no link estimate can follow. */
    public MediaClientConfig withoutFeedback() {
        return new MediaClientConfig(http, dtls, fingerprint, random, timeout, false, endToEnd);
    }

    /** The same with media sealed and opened end to end. */
    public MediaClientConfig withEndToEnd(final EndToEnd with) {
        return new MediaClientConfig(http, dtls, fingerprint, random, timeout, feedback, with);
    }

    /** The endpoint with the word for a relay that this client encrypts. */
    URI declared(final URI endpoint) {
        return endToEnd == null ? endpoint
            : URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + "e2ee=sframe");
    }
}
