package org.chevet.relay.signal;

/** An offer that is well-formed but cannot be answered; the message is one sentence for its sender. */
public final class SdpRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** A refusal with its reason, which holds no ids, keys or addresses. */
    public SdpRefusal(final String reason) {
        super(reason);
    }
}
