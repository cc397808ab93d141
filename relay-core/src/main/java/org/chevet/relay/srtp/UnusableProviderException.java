package org.chevet.relay.srtp;

/** Why a provider cannot serve here; the message is a sentence without capital and full stop. Only at start. */
final class UnusableProviderException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableProviderException(final String reason) {
        super(reason);
    }

    UnusableProviderException(final String reason, final Throwable cause) {
        super(reason, cause);
    }

    /** The reason, never null. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
