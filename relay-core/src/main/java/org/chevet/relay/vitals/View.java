package org.chevet.relay.vitals;

import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * One connection's side of one stream: what it must still be told, what it publishes, what it has subscribed to.
 * What is pending is a set of bits that say what is true now, so that it cannot grow however slow the connection is.
 */
final class View {
    static final int OPENED = 1;
    static final int ACK = 1 << 1;
    static final int ANNOUNCE = 1 << 2;
    static final int STATE = 1 << 3;
    static final int CLOCK = 1 << 4;
    static final int LAST_VALUE = 1 << 5;
    static final int SUBSCRIBED = 1 << 6;
    static final int ALERTS = 1 << 7;
    static final int CREDIT = 1 << 8;

    final Connection connection;
    final VitalsStream stream;
    private int pending;
    /** The connection has seen the stream id, as StreamOpened or StreamAnnounced. */
    boolean known;
    /** Set when StreamClosed is all that remains to be said. */
    @Nullable CloseReason closing;

    boolean publishing;
    long handle;
    int unacknowledged;
    /** When the waiting acknowledgement must go; Long.MAX_VALUE when none waits. */
    long ackDueNs = Long.MAX_VALUE;

    boolean visible;
    boolean subscribed;
    /** It waits in its connection's queue for its turn to deliver. */
    boolean ready;
    boolean required;
    /** Number of the last note of the stream's alert board that was told. */
    long alertVersion;
    /** Next sequence to deliver. */
    long cursor;
    /** Sample after the last one delivered or reported lost; NO_INDEX when not known. */
    long nextSample = VitalsReader.NO_INDEX;
    long receivedBelow;
    /** Blocks with a sequence below this may be sent. */
    long creditLimit;
    /** Blocks below it waited in the ring for this subscriber; the relay forwards the others at once. */
    long liveFrom;

    View(final Connection connection, final VitalsStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /** Adds something to be said. */
    void want(final int bit) {
        pending |= bit;
        connection.controlPending = true;
    }

    /** True once after {@link #want}. */
    boolean take(final int bit) {
        final boolean wanted = (pending & bit) != 0;
        pending &= ~bit;
        return wanted;
    }

    boolean wantsNothing() {
        return pending == 0;
    }

    /** Nothing but StreamClosed is said from here on. */
    void closeFor(final CloseReason reason) {
        pending = 0;
        publishing = false;
        visible = false;
        subscribed = false;
        closing = reason;
        connection.controlPending = true;
    }
}
