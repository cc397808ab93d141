package org.chevet.codec.sdp;

/** Text that is not a session description, or exceeds a bound of {@link SdpLimits}; safe to show to its sender. */
public final class SdpException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    /** An error at a line (from 1; 0 for the whole text) with its reason, which holds no input. */
    public SdpException(final int line, final String reason) {
        super(line > 0 ? "SDP line " + line + ": " + reason : "SDP: " + reason);
        this.line = line;
    }

    /** The line, counted from 1; 0 when the fault is of the whole text. */
    public int line() {
        return line;
    }
}
