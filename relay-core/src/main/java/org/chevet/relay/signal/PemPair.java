package org.chevet.relay.signal;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of the two PEM files at one moment, and what can be made of them. Any thread. */
final class PemPair {
    /** A chain or a key larger than this is a mistake. */
    private static final int MAX_FILE_BYTES = 256 * 1024;
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final byte[] PROBE = "chevet".getBytes(StandardCharsets.US_ASCII);
    /** Forward secrecy and AEAD only (RFC 9325 section 4.2). */
    private static final List<String> SUITES = List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> SUITES_12 = List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");

    private final TlsFiles files;
    private final byte[] certificateBytes;
    private final byte[] keyBytes;

    private PemPair(final TlsFiles files, final byte[] certificateBytes, final byte[] keyBytes) {
        this.files = files;
        this.certificateBytes = certificateBytes;
        this.keyBytes = keyBytes;
    }

    /** @throws IOException one sentence that names the file that cannot be read */
    static PemPair read(final TlsFiles files) throws IOException {
        return new PemPair(files, bytes("http.tls.certificate", files.certificate()),
            bytes("http.tls.key", files.key()));
    }

    /** True when both files hold the same bytes. */
    boolean isSame(final PemPair other) {
        return Arrays.equals(certificateBytes, other.certificateBytes) && Arrays.equals(keyBytes, other.keyBytes);
    }

    /**
     * What new connections are served with.
     *
     * @throws IOException one sentence that names the file and what is wrong with it
     */
    SslContext context() throws IOException {
        final List<X509Certificate> chain = chain();
        final PrivateKey key = key(chain.getFirst().getPublicKey());
        if (!matches(key, chain.getFirst().getPublicKey())) {
            throw new IOException("http.tls.key " + files.key() + " does not belong to the certificate in "
                + files.certificate() + ".");
        }
        return SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new)).sslProvider(SslProvider.JDK)
            .protocols(files.allowTls12() ? List.of("TLSv1.3", "TLSv1.2") : List.of("TLSv1.3"))
            .ciphers(files.allowTls12() ? SUITES_12 : SUITES).build();
    }

    private List<X509Certificate> chain() throws IOException {
        final List<X509Certificate> chain;
        try {
            chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(certificateBytes)).stream()
                .map(X509Certificate.class::cast).toList();
        } catch (CertificateException e) {
            throw certificateFault("is not a PEM file of certificates", e);
        }
        if (chain.isEmpty()) {
            throw certificateFault("holds no certificate", null);
        }
        try {
            chain.getFirst().checkValidity();
        } catch (CertificateExpiredException e) {
            throw certificateFault("expired at " + chain.getFirst().getNotAfter().toInstant(), e);
        } catch (CertificateNotYetValidException e) {
            throw certificateFault("is valid only from " + chain.getFirst().getNotBefore().toInstant(), e);
        }
        return chain;
    }

    private PrivateKey key(final PublicKey of) throws IOException {
        final String text = new String(keyBytes, StandardCharsets.ISO_8859_1);
        final int begin = text.indexOf(BEGIN);
        final int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw keyFault("is not a PKCS#8 key in PEM without a password; "
                + "'openssl pkcs8 -topk8 -nodes' makes one of another form", null);
        }
        final String algorithm = of.getAlgorithm();
        try {
            final byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw keyFault("is not a key of the certificate's kind, " + algorithm, e);
        }
    }

    /** Signs with the one and verifies with the other: works for every kind of key. */
    private static boolean matches(final PrivateKey key, final PublicKey of) {
        final String algorithm = switch (of.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> of.getAlgorithm();
        };
        try {
            final Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            final byte[] signed = signature.sign();
            signature.initVerify(of);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] bytes(final String setting, final Path path) throws IOException {
        try {
            if (Files.size(path) > MAX_FILE_BYTES) {
                throw new IOException(setting + " " + path + " is larger than " + MAX_FILE_BYTES + " bytes.");
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new IOException(setting + " " + path + ": there is no such file.", e);
        } catch (java.nio.file.FileSystemException e) {
            throw new IOException(setting + " " + path + " cannot be read.", e);
        }
    }

    private IOException certificateFault(final String what, final @Nullable Throwable cause) {
        return new IOException("http.tls.certificate " + files.certificate() + " " + what + ".", cause);
    }

    private IOException keyFault(final String what, final @Nullable Throwable cause) {
        return new IOException("http.tls.key " + files.key() + " " + what + ".", cause);
    }
}
