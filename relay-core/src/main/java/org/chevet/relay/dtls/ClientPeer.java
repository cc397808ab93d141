package org.chevet.relay.dtls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.jspecify.annotations.Nullable;

/** The DTLS client of one association: offers the SRTP profiles, shows its certificate, checks the server's. */
final class ClientPeer extends DefaultTlsClient {
    private final DtlsTerms terms;

    ClientPeer(final DtlsTerms terms) {
        super(terms.crypto());
        this.terms = terms;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return DtlsTerms.suites();
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    protected Vector getSupportedSignatureAlgorithms() {
        return DtlsTerms.signatureAlgorithms();
    }

    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
    }

    @Override
    public int getHandshakeResendTimeMillis() {
        return DtlsTerms.RESEND_MS;
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return RecordFilter.MAX_MESSAGE;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // the library's signature
    public Hashtable getClientExtensions() throws IOException {
        final Hashtable extensions = super.getClientExtensions();
        TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(DtlsTerms.profiles(), TlsUtils.EMPTY_BYTES));
        return extensions;
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public void processServerExtensions(final @Nullable Hashtable extensions) throws IOException {
        super.processServerExtensions(extensions);
        final UseSRTPData chosen = extensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(extensions);
        terms.acceptProfile(chosen == null ? null : chosen.getProtectionProfiles());
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(final TlsServerCertificate server) throws IOException {
                terms.verifyPeer(server.getCertificate());
            }

            @Override
            public TlsCredentials getClientCredentials(final CertificateRequest request) throws IOException {
                return terms.signer(context);
            }
        };
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        terms.complete(context);
    }

    @Override
    public void notifyAlertRaised(final short level, final short description, final @Nullable String message,
        final @Nullable Throwable cause) {
        terms.alertRaised(level);
    }

    @Override
    public void notifyAlertReceived(final short level, final short description) {
        terms.alertReceived(description);
    }
}
