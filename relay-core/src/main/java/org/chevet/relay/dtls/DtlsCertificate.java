package org.chevet.relay.dtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentSignerBuilder;
import org.bouncycastle.crypto.ec.CustomNamedCurves;

/**
 * A self-signed ECDSA P-256 certificate and its private key (RFC 8827 section 6.5). Nobody checks its names: a peer
 * knows it by the fingerprint in the SDP. Immutable; safe on any thread.
 */
public final class DtlsCertificate {
    private static final X500Name NAME = new X500Name("CN=chevet");
    private static final int SERIAL_BITS = 63;
    /** A client's clock may be behind ours. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private final byte[] der;
    private final AsymmetricKeyParameter privateKey;
    private final String fingerprint;

    private DtlsCertificate(final byte[] der, final AsymmetricKeyParameter privateKey) {
        this.der = der;
        this.privateKey = privateKey;
        fingerprint = "sha-256 " + HexFormat.ofDelimiter(":").withUpperCase().formatHex(sha256(der));
    }

    /**
     * Makes a new key and a certificate for it. Takes about a millisecond once classes are loaded.
     *
     * @param now from a day before this
     * @param validDays to this many days after it
     */
    public static DtlsCertificate generate(final SecureRandom random, final Instant now, final int validDays) {
        final ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(new ECNamedDomainParameters(SECObjectIdentifiers.secp256r1,
            CustomNamedCurves.getByOID(SECObjectIdentifiers.secp256r1)), random));
        final AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        final AlgorithmIdentifier signature = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        try {
            final SubjectPublicKeyInfo publicKey =
                SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(pair.getPublic());
            final byte[] der = new X509v3CertificateBuilder(NAME, new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(now.minus(BACKDATED)), Date.from(now.plus(Duration.ofDays(validDays))), Locale.ROOT, NAME,
                publicKey).build(new BcECContentSignerBuilder(signature,
                    new DefaultDigestAlgorithmIdentifierFinder().find(signature)).build(pair.getPrivate()))
                .getEncoded();
            return new DtlsCertificate(der, pair.getPrivate());
        } catch (final IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make a P-256 certificate", e);
        }
    }

    /** The value of {@code a=fingerprint}: {@code sha-256 AB:CD:...}. */
    public String fingerprint() {
        return fingerprint;
    }

    byte[] der() {
        return der.clone();
    }

    AsymmetricKeyParameter privateKey() {
        return privateKey;
    }

    private static byte[] sha256(final byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK must have SHA-256", e);
        }
    }
}
