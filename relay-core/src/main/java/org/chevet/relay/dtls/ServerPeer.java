package org.chevet.relay.dtls;

import java.io.IOException;
import java.util.Hashtable;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.jspecify.annotations.Nullable;

/** The DTLS server of one association: picks the SRTP profile, demands the client's certificate. */
final class ServerPeer extends DefaultTlsServer {
    private final DtlsTerms terms;

    ServerPeer(final DtlsTerms terms) {
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
    protected boolean preferLocalCipherSuites() {
        return true;
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
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
        return terms.signer(context);
    }

    @Override
    public CertificateRequest getCertificateRequest() {
        return new CertificateRequest(new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
            DtlsTerms.signatureAlgorithms(), null);
    }

    @Override
    public void notifyClientCertificate(final @Nullable Certificate chain) throws IOException {
        terms.verifyPeer(chain);
    }

    @Override
    @SuppressWarnings("rawtypes") // the library's signature
    public void processClientExtensions(final @Nullable Hashtable extensions) throws IOException {
        super.processClientExtensions(extensions);
        final UseSRTPData offered = extensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(extensions);
        terms.chooseProfile(offered == null ? null : offered.getProtectionProfiles());
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // the library's signature
    public Hashtable getServerExtensions() throws IOException {
        final Hashtable extensions = super.getServerExtensions();
        TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(new int[] {terms.profile()},
            TlsUtils.EMPTY_BYTES));
        return extensions;
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
