package org.chevet.relay.srtp;

/** {@link JceAeadEngine}s: works wherever the JDK does. */
public final class JceAeadEngineProvider implements AeadEngineProvider {
    @Override
    public String name() {
        return "jce";
    }

    @Override
    public AeadEngine create(final byte[] key) {
        return new JceAeadEngine(key);
    }
}
