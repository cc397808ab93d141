package org.chevet.relay.sctp;

import org.agrona.collections.IntArrayList;
import org.chevet.codec.sctp.StreamReset;

/**
 * Stream resets under way (RFC 6525 section 5): ours, one request at a time, and the one of the peer that waits for its
 * data. Knows neither half of the association. One thread.
 */
final class StreamResets {
    /** Streams of one request. */
    static final int MAX_STREAMS = 256;
    /** Requests sent in vain before the association is given up. */
    static final int MAX_TRIES = 10;

    private final IntArrayList waiting = new IntArrayList();
    private final int[] asked = new int[MAX_STREAMS];
    private int askedCount;
    private int sequence;
    private int askedLastTsn;
    private int tries;
    private boolean requestDue;
    /** The current number went out. */
    private boolean isNumberUsed;
    /** The number before was answered "later" and may still be answered for good. */
    private boolean isEarlierOpen;

    private final int[] deferred = new int[MAX_STREAMS];
    private int deferredCount;
    private int deferredTsn;
    private boolean isDeferred;
    /** What was deferred is done, and asked for again under a new number it is not done twice. */
    private boolean isDoneLate;
    private int expected;
    private int lastResult;
    private boolean responseDue;
    private int badSequence;
    private boolean isBadDue;

    void start(final int ourFirstTsn, final int peerFirstTsn) {
        waiting.clear();
        askedCount = 0;
        requestDue = false;
        isNumberUsed = false;
        isEarlierOpen = false;
        tries = 0;
        sequence = ourFirstTsn;
        expected = peerFirstTsn;
        lastResult = StreamReset.BAD_SEQUENCE;
        isDeferred = false;
        isDoneLate = false;
        responseDue = false;
        isBadDue = false;
    }

    /** Wants a stream reset when all it carries has been sent. */
    void want(final int streamId) {
        if (!waiting.containsInt(streamId)) {
            waiting.addInt(streamId);
        }
    }

    IntArrayList waiting() {
        return waiting;
    }

    boolean isAsking() {
        return askedCount > 0;
    }

    /** Takes a stream that has nothing more to send from those waiting into the next request. */
    void ask(final int streamId) {
        if (askedCount < MAX_STREAMS) {
            waiting.removeInt(streamId);
            asked[askedCount++] = streamId;
        }
    }

    /** The request is to be sent; {@code lastTsn} is the last TSN given so far. */
    void startRequest(final int lastTsn) {
        askedLastTsn = lastTsn;
        tries = 0;
        requestDue = true;
    }

    /** Asks again; false when it was in vain too often. */
    boolean retry() {
        requestDue = true;
        return ++tries < MAX_TRIES;
    }

    /**
     * Asks again under the next number when the timer says so: the peer has used this one up for its answer and would
     * only repeat that (RFC 6525 section 5.2.1).
     */
    void askLater() {
        sequence++;
        tries = 0;
        requestDue = false;
        isNumberUsed = false;
        isEarlierOpen = true;
    }

    /** True when a response with this number is about the request under way. */
    boolean isAnswered(final int responseSequence) {
        return isAsking() && ((isNumberUsed && responseSequence == sequence)
            || (isEarlierOpen && responseSequence == sequence - 1));
    }

    int tries() {
        return tries;
    }

    boolean isRequestDue() {
        return requestDue;
    }

    void requestSent() {
        requestDue = false;
        isNumberUsed = true;
        // From here only an answer to this number shows that the peer has seen it, and counts on from it.
        isEarlierOpen = false;
    }

    int sequence() {
        return sequence;
    }

    int askedLastTsn() {
        return askedLastTsn;
    }

    int[] asked() {
        return asked;
    }

    int askedCount() {
        return askedCount;
    }

    /** The request was answered for good. */
    void finish() {
        askedCount = 0;
        requestDue = false;
        sequence += isNumberUsed ? 1 : 0;
        isNumberUsed = false;
        isEarlierOpen = false;
    }

    /** True when a request of the peer is the next one by its number. */
    boolean isNew(final int requestSequence) {
        return requestSequence == expected;
    }

    /** True when it is the request answered last. */
    boolean isRepeated(final int requestSequence) {
        return requestSequence == expected - 1;
    }

    /** Keeps a request of at most {@link #MAX_STREAMS} streams until the data before it came. */
    void defer(final StreamReset request) {
        deferredCount = request.streams();
        for (int i = 0; i < deferredCount; i++) {
            deferred[i] = request.streamId(i);
        }
        deferredTsn = request.lastTsn();
        isDeferred = true;
        isDoneLate = false;
    }

    /** True when the request is the one kept or done last, under whatever number. */
    boolean isSame(final StreamReset request) {
        if (request.lastTsn() != deferredTsn || request.streams() != deferredCount) {
            return false;
        }
        for (int i = 0; i < deferredCount; i++) {
            if (deferred[i] != request.streamId(i)) {
                return false;
            }
        }
        return true;
    }

    /** True when the request kept is about this stream; an empty list means all. */
    boolean isDeferring(final int streamId) {
        for (int i = 0; i < deferredCount; i++) {
            if (deferred[i] == streamId) {
                return isDeferred;
            }
        }
        return isDeferred && deferredCount == 0;
    }

    /** True once for a request that was done late and is asked for again. */
    boolean takeDoneLate(final StreamReset request) {
        final boolean isDone = isDoneLate && isSame(request);
        isDoneLate &= !isDone;
        return isDone;
    }

    boolean isDeferred() {
        return isDeferred;
    }

    int deferredTsn() {
        return deferredTsn;
    }

    int deferredCount() {
        return deferredCount;
    }

    int deferred(final int index) {
        return deferred[index];
    }

    /**
     * The request kept is done; when no other came since, that is told without being asked again: peers that go on
     * asking under the old number (usrsctp) and those that take a new one (dcSCTP) both get there.
     */
    void doneLate() {
        isDeferred = false;
        isDoneLate = true;
        if (lastResult == StreamReset.IN_PROGRESS) {
            lastResult = StreamReset.PERFORMED;
            responseDue = true;
        }
    }

    /** The request kept was done at once. */
    void doneNow() {
        isDeferred = false;
        answer(StreamReset.PERFORMED);
    }

    /** Answers the new request; its number is used up, whatever the result. */
    void answer(final int result) {
        expected++;
        lastResult = result;
        responseDue = true;
    }

    /** Gives the last answer again. */
    void answerAgain() {
        responseDue = true;
    }

    /** Answers a request whose number is neither the last nor the next one. */
    void answerBad(final int requestSequence) {
        badSequence = requestSequence;
        isBadDue = true;
    }

    boolean isBadDue() {
        return isBadDue;
    }

    int badSequence() {
        return badSequence;
    }

    void badSent() {
        isBadDue = false;
    }

    boolean isResponseDue() {
        return responseDue;
    }

    void responseSent() {
        responseDue = false;
    }

    /** Number of the request last answered. */
    int answeredSequence() {
        return expected - 1;
    }

    int lastResult() {
        return lastResult;
    }
}
