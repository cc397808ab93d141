package org.chevet.bench.server;

/** A server does not do what the load asks of it; the message is one sentence for people. */
public final class ServerException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With the sentence. */
    public ServerException(final String sentence) {
        super(sentence);
    }

    /** With the sentence and what lies behind it. */
    public ServerException(final String sentence, final Throwable cause) {
        super(sentence, cause);
    }
}
