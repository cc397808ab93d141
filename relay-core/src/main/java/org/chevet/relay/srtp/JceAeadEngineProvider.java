package org.chevet.relay.srtp;

/** Engines by the JDK's own providers: work wherever the JDK does. */
public final class JceAeadEngineProvider implements AeadEngineProvider {
    /** Its name in settings, logs and metrics. */
    static final String NAME = "jce";

    @Override
    public String name() {
        return NAME;
    }

    /** The version of Java. */
    @Override
    public String version() {
        return Runtime.version().toString();
    }

    @Override
    public AeadEngine create(final byte[] key) {
        return new JceAeadEngine(key);
    }

    @Override
    public String counterModeName() {
        return NAME;
    }

    @Override
    public CounterModeEngine createCounterMode(final byte[] encryptionKey, final byte[] authenticationKey) {
        return new JceCounterModeEngine(encryptionKey, authenticationKey);
    }
}
