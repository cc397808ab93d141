package org.chevet.relay.srtp;

/** AES-GCM by libIPSec_MB; counter mode with HMAC-SHA1, of which it is no faster for one packet, by another. */
final class IpsecMbAeadEngineProvider implements AeadEngineProvider {
    /** Its name in settings, logs and metrics. */
    static final String NAME = "ipsec-mb";

    private final IpsecMbLibrary library;
    private final AeadEngineProvider counterMode;

    /** Takes whose {@link #createCounterMode} it passes on. */
    IpsecMbAeadEngineProvider(final IpsecMbLibrary library, final AeadEngineProvider counterMode) {
        this.library = library;
        this.counterMode = counterMode;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return library.version();
    }

    @Override
    public AeadEngine create(final byte[] key) {
        return new IpsecMbAeadEngine(library, key);
    }

    @Override
    public String counterModeName() {
        return counterMode.counterModeName();
    }

    @Override
    public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
        return counterMode.createCounterMode(encryptionKey, authenticationKey);
    }
}
