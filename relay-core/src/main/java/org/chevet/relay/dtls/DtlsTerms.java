package org.chevet.relay.dtls;

import java.io.IOException;
import java.util.Arrays;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * What both roles agree on and find out in one handshake: suites, profiles, the peer's certificate, the keys.
 * Virtual thread of the association only, but for what {@link BouncyDtls} publishes.
 */
final class DtlsTerms {
    /** SRTP profiles in the order of preference: AES-256-GCM, AES-128-GCM, AES-CM with HMAC-SHA1-80. */
    private static final int[] PROFILES = {SRTPProtectionProfile.SRTP_AEAD_AES_256_GCM,
        SRTPProtectionProfile.SRTP_AEAD_AES_128_GCM, SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80};
    /** AES-256 first; every WebRTC client has the other (RFC 8827 section 6.5). */
    private static final int[] SUITES = {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    /** First wait before a flight is repeated, in milliseconds; browsers use 50, the library doubles it each time. */
    static final int RESEND_MS = 100;
    /** Exporter bytes of a profile: twice key and salt (RFC 5764 section 4.2). */
    private static final int GCM_256_LENGTH = 2 * (32 + 12);
    private static final int GCM_128_LENGTH = 2 * (16 + 12);
    private static final int CM_128_LENGTH = 2 * (16 + 14);

    private final BcTlsCrypto crypto;
    private final DtlsCertificate certificate;
    private final Fingerprint expected;
    private int profile;
    private boolean isPeerVerified;
    private @Nullable DtlsKeys keys;
    private @Nullable String alertReceived;
    private final DatagramExchange exchange;
    private boolean connected;

    DtlsTerms(final BcTlsCrypto crypto, final DtlsCertificate certificate, final Fingerprint expected,
        final DatagramExchange exchange) {
        this.crypto = crypto;
        this.certificate = certificate;
        this.expected = expected;
        this.exchange = exchange;
    }

    BcTlsCrypto crypto() {
        return crypto;
    }

    static int[] profiles() {
        return PROFILES.clone();
    }

    static int[] suites() {
        return SUITES.clone();
    }

    /** Server: takes the first of ours that the client offers. */
    void chooseProfile(final int @Nullable [] offered) throws IOException {
        for (final int ours : PROFILES) {
            if (offered != null && Arrays.stream(offered).anyMatch(theirs -> theirs == ours)) {
                profile = ours;
                return;
            }
        }
        throw new TlsFatalAlert(AlertDescription.handshake_failure, "the peer offers no SRTP profile we have");
    }

    /** Client: takes what the server chose, which must be one that was offered. */
    void acceptProfile(final int @Nullable [] chosen) throws IOException {
        if (chosen == null || chosen.length != 1) {
            throw new TlsFatalAlert(AlertDescription.illegal_parameter, "the peer chose no SRTP profile");
        }
        chooseProfile(chosen);
    }

    int profile() {
        return profile;
    }

    /** Compares the peer's certificate with the fingerprint of the SDP (RFC 5763 section 5). */
    void verifyPeer(final @Nullable Certificate chain) throws IOException {
        if (chain == null || chain.isEmpty()) {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, "the peer shows no certificate");
        }
        if (!expected.matches(chain.getCertificateAt(0).getEncoded())) {
            throw new TlsFatalAlert(AlertDescription.bad_certificate,
                "the peer's certificate does not match the fingerprint of its SDP");
        }
        isPeerVerified = true;
    }

    TlsCredentialedSigner signer(final TlsContext context) throws IOException {
        final Certificate chain =
            new Certificate(new TlsCertificate[] {crypto.createCertificate(certificate.der())});
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(context), crypto, certificate.privateKey(),
            chain, SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    }

    /** What a client certificate may be signed with: all that WebRTC clients make. */
    @SuppressWarnings("JdkObsolete") // the library's signatures
    static Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
        final Vector<SignatureAndHashAlgorithm> algorithms = new Vector<>();
        algorithms.add(SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
        algorithms.add(SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa));
        algorithms.add(SignatureAndHashAlgorithm.rsa_pss_rsae_sha256);
        algorithms.add(SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.rsa));
        return algorithms;
    }

    /** Both Finished messages are verified: exports the keys. */
    void complete(final TlsContext context) throws IOException {
        if (!isPeerVerified || profile == 0) {
            throw new TlsFatalAlert(AlertDescription.internal_error, "no verified peer or no profile");
        }
        final int length = switch (profile) {
            case SRTPProtectionProfile.SRTP_AEAD_AES_256_GCM -> GCM_256_LENGTH;
            case SRTPProtectionProfile.SRTP_AEAD_AES_128_GCM -> GCM_128_LENGTH;
            default -> CM_128_LENGTH;
        };
        keys = new DtlsKeys(profile, context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, length));
    }

    @Nullable DtlsKeys keys() {
        return keys;
    }

    void connected() {
        connected = true;
    }

    /** The library is about to send an alert: a fatal one after the handshake must not reach the peer. */
    void alertRaised(final short level) {
        if (connected && level == AlertLevel.fatal) {
            exchange.mute();
        }
    }

    void alertReceived(final short description) {
        alertReceived = AlertDescription.getText(description);
    }

    /** The last alert of the peer in words, or null. */
    @Nullable String peerAlert() {
        return alertReceived;
    }
}
