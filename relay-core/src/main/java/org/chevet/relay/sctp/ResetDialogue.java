package org.chevet.relay.sctp;

import org.agrona.collections.IntArrayList;
import org.chevet.codec.sctp.SctpPacket;
import org.chevet.codec.sctp.SctpParameters;
import org.chevet.codec.sctp.SctpWriter;
import org.chevet.codec.sctp.StreamReset;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stats.LaneStats;

/**
 * Requests and responses of stream resets (RFC 6525 section 5), above both halves of an association. One thread.
 */
final class ResetDialogue {
    private static final int MAX_BACK_OFF = 4;

    private final StreamResets state = new StreamResets();
    private final SctpParameters parameters = new SctpParameters();
    private final StreamReset reset = new StreamReset();
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

    /** Data of a stream that belongs behind its reset, which still waits for what comes before (section 5.2.2 E2). */
    boolean isBehindReset(final int streamId, final int tsn) {
        return state.isDeferred() && tsn - state.deferredTsn() > 0 && state.isDeferring(streamId);
    }

    /** Data came: what waited for it is done. */
    void afterData() {
        if (state.isDeferred() && state.deferredTsn() - rx.tsns().cumulative() <= 0) {
            state.doneLate();
            perform();
        }
    }

    /** Takes the current chunk, RE-CONFIG; false when it does not parse. What is out of place in it is counted. */
    boolean onChunk(final SctpPacket packet, final LaneStats stats, final long nowNs) {
        if (!parameters.wrap(packet.buffer(), packet.valueOffset(), packet.valueLength())) {
            return false;
        }
        while (!rx.isStopped() && parameters.next()) {
            if (!reset.wrap(parameters)) {
                return false;
            }
            if (!(reset.type() == StreamReset.RESPONSE ? onResponse(nowNs) : onRequest())) {
                stats.drop(DropReason.SCTP_UNEXPECTED);
            }
        }
        return true;
    }

    /** Our request was not answered; false when that happened too often. */
    boolean onTimeout(final long nowNs) {
        timers.set(SctpTimers.RECONFIG, nowNs + (tx.timeoutNs() << Math.min(state.tries(), MAX_BACK_OFF)));
        return state.retry();
    }

    void writeResponse(final SctpWriter writer) {
        if (state.isResponseDue() && writer.resetResponse(state.answeredSequence(), state.lastResult())) {
            state.responseSent();
        }
        if (state.isBadDue() && writer.resetResponse(state.badSequence(), StreamReset.BAD_SEQUENCE)) {
            state.badSent();
        }
    }

    /** Sections 5.2.1 and 5.2.2; false for a number that is neither the last nor the next one. */
    private boolean onRequest() {
        if (state.isRepeated(reset.sequence())) {
            state.answerAgain();
        } else if (!state.isNew(reset.sequence())) {
            state.answerBad(reset.sequence());
            return false;
        } else if (reset.type() != StreamReset.OUTGOING_RESET || reset.streams() > StreamResets.MAX_STREAMS) {
            // Data channels close by outgoing resets of both sides only (RFC 8831 section 6.7).
            state.answer(StreamReset.DENIED);
        } else if (!areStreamsKnown()) {
            state.answer(StreamReset.WRONG_STREAM);
        } else if (state.isDeferred()) {
            state.answer(state.isSame(reset) ? StreamReset.IN_PROGRESS : StreamReset.BUSY);
        } else if (state.takeDoneLate(reset)) {
            state.answer(StreamReset.PERFORMED);
        } else if (reset.lastTsn() - rx.tsns().cumulative() <= 0) {
            state.defer(reset);
            state.doneNow();
            perform();
        } else {
            state.defer(reset);
            state.answer(StreamReset.IN_PROGRESS);
        }
        return true;
    }

    private boolean areStreamsKnown() {
        for (int i = 0; i < reset.streams(); i++) {
            if (reset.streamId(i) >= SctpAssociation.MAX_STREAMS) {
                return false;
            }
        }
        return true;
    }

    /** Resets what the peer asked for, now that all before it came. */
    private void perform() {
        if (state.deferredCount() == 0) {
            rx.resetAll(listener::onIncomingReset);
            return;
        }
        for (int i = 0; i < state.deferredCount() && !rx.isStopped(); i++) {
            final int id = state.deferred(i);
            rx.resetStream(id);
            listener.onIncomingReset(id);
        }
    }

    /** Section 5.2.7; false when the peer refused. */
    private boolean onResponse(final long nowNs) {
        if (!state.isAnswered(reset.sequence())) {
            return true;
        }
        if (reset.result() == StreamReset.IN_PROGRESS || reset.result() == StreamReset.BUSY) {
            if (reset.sequence() == state.sequence()) {
                state.askLater();
                timers.set(SctpTimers.RECONFIG, nowNs + tx.timeoutNs());
            }
            return true;
        }
        final boolean isDone = reset.result() == StreamReset.NOTHING_TO_DO || reset.result() == StreamReset.PERFORMED;
        timers.cancel(SctpTimers.RECONFIG);
        finish(isDone);
        return isDone;
    }

    private void finish(final boolean isDone) {
        final int count = state.askedCount();
        state.finish();
        for (int i = 0; i < count && !rx.isStopped(); i++) {
            final int id = state.asked()[i];
            if (isDone) {
                tx.queue().stream(id).restart();
                listener.onOutgoingReset(id);
            } else {
                // The peer goes on counting where we were: starting at 0 would look like the past to it.
                listener.onOutgoingResetRefused(id);
            }
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
