package org.chevet.relay.srtp;

/** Makes {@link AeadEngine}s: one provider is chosen when the process starts. Safe on any thread. */
public interface AeadEngineProvider {
    /** Short name for logs and metrics, as "jce". */
    String name();

    /**
     * An engine for one key, owned by the calling thread.
     *
     * @param key 16 or 32 bytes, copied
     */
    AeadEngine create(byte[] key);
}
