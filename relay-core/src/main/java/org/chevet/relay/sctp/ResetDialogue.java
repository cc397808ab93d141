package org.chevet.relay.sctp;

import org.agrona.collections.IntArrayList;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.codec.sctp.StreamReset;

/**
 * Requests and responses of stream resets (RFC 6525 section 5), above both halves of an association. One thread.
 */
final class ResetDialogue {
    private static final int MAX_BACK_OFF = 4;

    private final StreamResets state = new StreamResets();
    private final ReceiveSide rx;
    private final SendSide tx;
    private final SctpTimers timers;
    private final SctpListener listener;

    ResetDialogue(final ReceiveSide rx, final SendSide tx, final SctpTimers timers, final SctpListener listener) {
        this.rx = rx;
        this.tx = tx;
        this.timers = timers;
        this.listener = listener;
    }

    void start(final int ourFirstTsn, final int peerFirstTsn) {
        state.start(ourFirstTsn, peerFirstTsn);
    }

    /** Wants a stream of ours reset when all it carries has been sent. */
    void want(final int streamId) {
        state.want(streamId);
    }

    /** Data that belongs behind a reset that still waits for what comes before. */
    boolean isBehindReset(final int tsn) {
        return state.isDeferred() && tsn - state.deferredTsn() > 0;
    }

    /** Data came: what waited for it is done. */
    void afterData() {
        if (state.isDeferred() && state.deferredTsn() - rx.tsns().cumulative() <= 0) {
            perform();
        }
    }

    /** Takes one parameter of RE-CONFIG; false when it is out of place or the peer refused. */
    boolean onParameter(final StreamReset reset) {
        return reset.type() == StreamReset.RESPONSE ? onResponse(reset) : onRequest(reset);
    }

    /** Our request was not answered; false when that happened too often. */
    boolean onTimeout(final long nowNs) {
        timers.set(SctpTimers.RECONFIG, nowNs + (tx.timeoutNs() << Math.min(state.tries(), MAX_BACK_OFF)));
        return state.retry();
    }

    void writeResponse(final SctpWriter writer) {
        if (state.isResponseDue() && writer.resetResponse(state.responseSequence(), state.responseResult())) {
            state.responseSent();
        }
    }

    private boolean onRequest(final StreamReset reset) {
        if (state.isRepeated(reset.sequence())) {
            state.answerAgain();
        } else if (!state.isNew(reset.sequence())) {
            return false;
        } else if (reset.type() != StreamReset.OUTGOING_RESET) {
            // Data channels close by outgoing resets of both sides only (RFC 8831 section 6.7).
            state.answer(StreamReset.DENIED);
        } else if (reset.lastTsn() - rx.tsns().cumulative() <= 0) {
            state.defer(reset);
            perform();
        } else {
            state.defer(reset);
            state.answerLater();
        }
        return true;
    }

    /** Resets what the peer asked for, now that all before it came. */
    private void perform() {
        state.undefer();
        state.answer(StreamReset.PERFORMED);
        if (state.deferredCount() == 0) {
            rx.resetAll(listener::onIncomingReset);
            return;
        }
        for (int i = 0; i < state.deferredCount(); i++) {
            final int id = state.deferred(i);
            if (id < SctpAssociation.MAX_STREAMS) {
                rx.resetStream(id);
                listener.onIncomingReset(id);
            }
        }
    }

    private boolean onResponse(final StreamReset reset) {
        if (!state.isAsking() || reset.sequence() != state.sequence()) {
            return true;
        }
        if (reset.result() == StreamReset.IN_PROGRESS || reset.result() == StreamReset.BUSY) {
            // It stays open and is asked again by the timer.
            return true;
        }
        timers.cancel(SctpTimers.RECONFIG);
        finish();
        return reset.result() >= StreamReset.NOTHING_TO_DO && reset.result() <= StreamReset.PERFORMED;
    }

    private void finish() {
        final int count = state.askedCount();
        state.finish();
        for (int i = 0; i < count; i++) {
            final int id = state.asked()[i];
            tx.queue().stream(id).restart();
            listener.onOutgoingReset(id);
        }
    }

    /** Writes our request when it is due and fits. */
    void writeRequest(final SctpWriter writer, final long nowNs) {
        if (!state.isAsking() && !state.waiting().isEmpty()) {
            askForResets();
            if (state.isAsking()) {
                state.startRequest(tx.lastTsn());
                timers.set(SctpTimers.RECONFIG, nowNs + tx.timeoutNs());
            }
        }
        if (state.isRequestDue() && writer.resetRequest(state.sequence(), state.answeredSequence(),
            state.askedLastTsn(), state.asked(), state.askedCount())) {
            state.requestSent();
        }
    }

    private void askForResets() {
        final IntArrayList waiting = state.waiting();
        for (int i = waiting.size() - 1; i >= 0; i--) {
            final int id = waiting.getInt(i);
            if (tx.queue().stream(id).head == null) {
                state.ask(id);
            }
        }
    }
}
