package org.chevet.relay.srtp;

import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key the JDK's ciphers take and that can really be overwritten, which the JDK's own SecretKeySpec cannot. */
final class SessionKey implements SecretKey {
    private static final long serialVersionUID = 1;

    private final String algorithm;
    private final transient byte[] bytes;

    /** Copies the bytes. */
    SessionKey(final String algorithm, final byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes.clone();
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return bytes.clone();
    }

    @Override
    public void destroy() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        for (final byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
