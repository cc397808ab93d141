package org.chevet.relay.sctp;

/** One data channel (RFC 8831 section 6). Read by its owner, changed by {@link DataChannels} alone. One thread. */
public final class DataChannel {
    /** Value of the limits of reliability: none. */
    public static final int NO_LIMIT = -1;

    /** Where a channel stands. */
    public enum State {
        /** Asked for, not yet answered; it may be sent on. */
        OPENING,
        /** Usable. */
        OPEN,
        /** One side reset its stream, the other not yet. */
        CLOSING,
        /** Both streams are reset; the number is free. */
        CLOSED
    }

    private final int id;
    private final String label;
    private final String protocol;
    private final boolean ordered;
    private final int priority;
    private final int maxRetransmits;
    private final int maxPacketLifeTimeMs;
    private State state;
    private boolean incomingReset;
    private boolean outgoingReset;

    DataChannel(final int id, final String label, final String protocol, final boolean ordered, final int priority,
        final int maxRetransmits, final int maxPacketLifeTimeMs, final State state) {
        this.id = id;
        this.label = label;
        this.protocol = protocol;
        this.ordered = ordered;
        this.priority = priority;
        this.maxRetransmits = maxRetransmits;
        this.maxPacketLifeTimeMs = maxPacketLifeTimeMs;
        this.state = state;
    }

    /** Stream of both directions. */
    public int id() {
        return id;
    }

    /** Label, as it was given; not to be trusted or logged. */
    public String label() {
        return label;
    }

    /** Protocol, as it was given; not to be trusted or logged. */
    public String protocol() {
        return protocol;
    }

    /** True when messages keep their order. */
    public boolean isOrdered() {
        return ordered;
    }

    /** Urgency; 256 is normal, more is more urgent. */
    public int priority() {
        return priority;
    }

    /** Times a part of a message is sent again, or {@link #NO_LIMIT}. */
    public int maxRetransmits() {
        return maxRetransmits;
    }

    /** Milliseconds a message is sent, or {@link #NO_LIMIT}. */
    public int maxPacketLifeTimeMs() {
        return maxPacketLifeTimeMs;
    }

    /** Where the channel stands. */
    public State state() {
        return state;
    }

    /** The peer answered. */
    void acknowledged() {
        if (state == State.OPENING) {
            state = State.OPEN;
        }
    }

    void closing() {
        state = State.CLOSING;
    }

    /** One direction is done; true when that ended the channel. */
    boolean resetDone(final boolean incoming) {
        incomingReset |= incoming;
        outgoingReset |= !incoming;
        if (incomingReset && outgoingReset) {
            state = State.CLOSED;
        }
        return state == State.CLOSED;
    }

    void closed() {
        state = State.CLOSED;
    }
}
