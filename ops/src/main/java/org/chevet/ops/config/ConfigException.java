package org.chevet.ops.config;

/**
 * A setting that cannot be accepted.
 *
 * <p>The message is one sentence for the person who runs the server: the key, the value and what is accepted. It never
 * holds a secret.
 */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Made with the whole sentence. */
    public ConfigException(final String sentence) {
        super(sentence);
    }
}
