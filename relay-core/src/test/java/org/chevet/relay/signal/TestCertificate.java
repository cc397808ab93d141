package org.chevet.relay.signal;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate of 127.0.0.1, made for one test. */
record TestCertificate(KeyPair keys, X509Certificate certificate) {
    /** One of a kind of key ("EC" or "RSA") that is valid for so long; a negative time has passed. */
    static TestCertificate of(final String kind, final Duration validity) {
        try {
            final KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            generator.initialize(kind.equals("EC") ? 256 : 2048);
            final KeyPair keys = generator.generateKeyPair();
            final X500Name name = new X500Name("CN=chevet test");
            final Instant now = Instant.now();
            final JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(name,
                BigInteger.valueOf(System.nanoTime()), Date.from(now.minus(Duration.ofDays(2))),
                Date.from(now.plus(validity)), name, keys.getPublic());
            builder.addExtension(Extension.subjectAlternativeName, false,
                new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
            return new TestCertificate(keys, new JcaX509CertificateConverter().getCertificate(builder.build(
                new JcaContentSignerBuilder(kind.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA")
                    .build(keys.getPrivate()))));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    static TestCertificate valid() {
        return of("EC", Duration.ofDays(1));
    }

    TlsFiles write(final Path folder, final boolean allowTls12) throws IOException {
        writeCertificate(folder);
        writeKey(folder);
        return new TlsFiles(folder.resolve("chain.pem"), folder.resolve("key.pem"), allowTls12);
    }

    void writeCertificate(final Path folder) throws IOException {
        try {
            Files.writeString(folder.resolve("chain.pem"), pem("CERTIFICATE", certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    void writeKey(final Path folder) throws IOException {
        Files.writeString(folder.resolve("key.pem"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    /** What a client needs that trusts this certificate alone. */
    SSLContext trusting() {
        try {
            final KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("test", certificate);
            final TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(final String what, final byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
            + "-----\n";
    }
}
