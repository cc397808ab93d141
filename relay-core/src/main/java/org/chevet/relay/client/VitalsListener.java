package org.chevet.relay.client;

import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertPriority;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is told. Called on the client's thread, in the order of the stream; must not block. For every
 * stream each sequence comes once: in {@link #onBlock}, in {@link #onUndecryptable} or inside one {@link #onGap}, also
 * across reconnections.
 */
public interface VitalsListener extends VitalsEvents {
    /**
     * Where to begin with a stream.
     *
     * @param from meaning of value
     * @param value sequence, relay time in ns, or ns before now
     * @param credit blocks that may be under way, 0 = what the relay proposes
     * @param required counts for the publisher's deliveredBelow
     */
    record Start(StartFrom from, long value, int credit, boolean required) {
        /** From the oldest block the relay may have. */
        public static Start beginning() {
            return new Start(StartFrom.SEQUENCE, 0, 0, false);
        }

        /** From so many nanoseconds ago, 0 = only what comes next. */
        public static Start liveMinus(final long ns) {
            return new Start(StartFrom.LIVE_MINUS, ns, 0, false);
        }
    }

    /** A stream this client may receive; returns where to begin, or null to leave it. Called once per stream. */
    @Nullable Start onStream(SubscribedStream stream);

    /** The next block. */
    void onBlock(SubscribedStream stream, VitalsBlock block);

    /**
     * These will never come: sequences [from, to), samples [fromSample, toSample); -1 = sample not known.
     */
    default void onGap(final SubscribedStream stream, final long fromSequence, final long toSequence,
        final long fromSample, final long toSample, final GapReason reason) {
    }

    /**
     * A gap that is made here: the block came, but is not what its publisher sealed, or the key is not known here, or
     * it came in the clear where that is not allowed. There are no samples of it.
     */
    default void onUndecryptable(final SubscribedStream stream, final long sequence, final long firstSample,
        final int sampleCount) {
    }

    /** The newest block of a NUMERIC stream, told at once; the subscription may bring it again. */
    default void onLastValue(final SubscribedStream stream, final VitalsBlock block) {
    }

    /** A phase of an alert that still means something: it was acknowledged as delivered. */
    default void onAlert(final SubscribedStream stream, final VitalsAlert alert) {
    }

    /** An alert that is older than its time to live: for the record, not to be shown as new. */
    default void onExpiredAlert(final SubscribedStream stream, final VitalsAlert alert) {
    }

    /** An endpoint (this one too) acknowledged an alert. May be told again. */
    default void onAlertAck(final SubscribedStream stream, final long alertId, final String participant,
        final AlertAckState state) {
    }

    /** Nobody accepted an alert in the time that its publisher set. */
    default void onAlertEscalated(final SubscribedStream stream, final long alertId, final AlertPriority priority,
        final long ageMs) {
    }

    /**
     * Whether the device behind an alert stream is watched: false when its publisher fell silent or went away, and when
     * this client lost the relay. Without this, no alert would look the same as no link.
     */
    default void onAlertLink(final SubscribedStream stream, final boolean up) {
    }

    /** The stream is live, silent, detached or ended; nextSequence is what the relay waits for. */
    default void onState(final SubscribedStream stream, final StreamStatus status, final long nextSequence) {
    }

    /** Relay time = device time of the participant's streams + offset, plus or minus uncertainty. */
    default void onPublisherClock(final String participant, final long offsetNs, final long uncertaintyNs) {
    }

    /** The stream is gone. */
    default void onClosed(final SubscribedStream stream, final CloseReason reason) {
    }
}
