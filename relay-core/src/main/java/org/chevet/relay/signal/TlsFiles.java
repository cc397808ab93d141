package org.chevet.relay.signal;

import java.nio.file.Path;

/**
 * Where the certificate of the HTTP port is. Immutable.
 *
 * @param certificate PEM file: the certificate, then those that sign it
 * @param key PEM file: the private key, PKCS#8, not encrypted
 * @param allowTls12 clients of TLS 1.2 are served too (with forward secrecy and AEAD only)
 */
public record TlsFiles(Path certificate, Path key, boolean allowTls12) {
}
