package org.chevet.relay.srtp;

/** Engines by OpenSSL's libcrypto. */
final class LibcryptoAeadEngineProvider implements AeadEngineProvider {
    /** Its name in settings, logs and metrics. */
    static final String NAME = "libcrypto";

    private final LibcryptoLibrary library;

    LibcryptoAeadEngineProvider(final LibcryptoLibrary library) {
        this.library = library;
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
        return new LibcryptoAeadEngine(library, key);
    }

    @Override
    public String counterModeName() {
        return NAME;
    }

    @Override
    public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
        return new LibcryptoCounterModeEngine(library, encryptionKey, authenticationKey);
    }
}
