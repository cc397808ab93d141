package org.chevet.relay.vitals;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.relay.stats.LaneStats;

/**
 * The device streams of one consultation: protocol {@code chevet.vitals.v1} (relay-core/docs/vitals.md), sans-IO.
 *
 * <p>One thread. Time comes in as {@code nowNs} and only moves forward. Connection numbers are the caller's, unique
 * among open connections. After any {@code open}, {@code handle...}, {@code close}: take {@link #pollDirty()} until
 * -1 and for each connection {@link #pollTransmit} until 0 (or until the socket takes no more; call it again when
 * it does), then look at {@link #closeCode}.
 */
@SuppressWarnings("DoNotCallSuggester") // the bodies land next
public final class VitalsHub {
    /** The message was taken. */
    public static final int ACCEPTED = 0;
    /** The message was dropped and counted; nothing is wrong with the connection (a duplicate). */
    public static final int DROPPED = 1;
    /** The message was refused; an Error message says why. */
    public static final int REFUSED = 2;
    /** The connection must be closed once its output is drained; see {@link #closeCode}. */
    public static final int CLOSING = 3;

    /**
     * A hub without streams.
     *
     * @param limits bounds
     * @param stats counters of the lane
     * @param relayEpoch random number that tells clients this memory of streams from an earlier one
     * @param utcOffsetNs relay time = nowNs + utcOffsetNs; makes relay time UTC at the start, never stepped after
     */
    public VitalsHub(final VitalsLimits limits, final LaneStats stats, final long relayEpoch,
        final long utcOffsetNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Bytes that {@link #pollTransmit} may write at most, and that a received message may have at most. */
    public int maxMessageBytes() {
        throw new UnsupportedOperationException("lands next");
    }

    /**
     * A connection is there. Returns ACCEPTED, or CLOSING when no more connections are taken.
     *
     * @param connection the caller's number for it
     * @param participant who the token says it is
     * @param rights what it may do
     */
    public int open(final int connection, final String participant, final VitalsRights rights, final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** One message of a connection; never throws on bad bytes. Returns a disposition. The bytes are borrowed. */
    public int handleMessage(final int connection, final DirectBuffer in, final int offset, final int length,
        final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Writes the next message for a connection and returns its length; 0 when there is none now. */
    public int pollTransmit(final int connection, final MutableDirectBuffer out, final int offset,
        final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** True when {@link #pollTransmit} may have something for the connection. */
    public boolean hasTransmit(final int connection) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Takes the number of a connection that has something to send or must be closed; -1 when there is none. */
    public int pollDirty() {
        throw new UnsupportedOperationException("lands next");
    }

    /** WebSocket close code to close the connection with once {@link #pollTransmit} gives 0; 0 = leave it open. */
    public int closeCode(final int connection) {
        throw new UnsupportedOperationException("lands next");
    }

    /** The sentence that goes with {@link #closeCode}. */
    public String closeReason(final int connection) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Replaces the rights of a connection; what is no longer allowed ends at once. */
    public void changeRights(final int connection, final VitalsRights rights, final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** The connection is gone; its number may be used again. */
    public void close(final int connection, final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Tells every connection that the relay goes away. */
    public void shutdown(final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Runs everything that is due. */
    public void handleTimeout(final long nowNs) {
        throw new UnsupportedOperationException("lands next");
    }

    /** When {@link #handleTimeout} is wanted; Long.MAX_VALUE = never. May be earlier than needed. */
    public long nextDeadlineNs() {
        throw new UnsupportedOperationException("lands next");
    }
}
