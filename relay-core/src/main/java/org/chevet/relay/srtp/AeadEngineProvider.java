package org.chevet.relay.srtp;

/** Makes the engines of a process: one provider is chosen when it starts. Safe on any thread. */
public interface AeadEngineProvider {
    /** Short name for settings, logs and metrics, as "jce". */
    String name();

    /** Version of the library behind it, as "3.0.13". */
    String version();

    /**
     * An engine for one key, owned by one thread at a time.
     *
     * @param key 16 or 32 bytes, copied
     */
    AeadEngine create(byte[] key);

    /** {@link #name()} of the provider whose engines {@link #createCounterMode} makes; not always this one. */
    String counterModeName();

    /**
     * An engine for AES-128 in counter mode with HMAC-SHA1, owned by one thread at a time.
     *
     * @param encryptionKey 16 bytes, copied
     * @param authenticationKey at most 64 bytes, copied
     */
    CounterModeEngine createCounterMode(byte[] encryptionKey, byte[] authenticationKey);
}
