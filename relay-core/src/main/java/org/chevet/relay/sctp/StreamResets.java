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

    private final int[] deferred = new int[MAX_STREAMS];
    private int deferredCount;
    private int deferredTsn;
    private boolean isDeferred;
    private int expected;
    private int lastResult;
    private boolean responseDue;
    private boolean isLater;

    void start(final int ourFirstTsn, final int peerFirstTsn) {
        waiting.clear();
        askedCount = 0;
        requestDue = false;
        tries = 0;
        sequence = ourFirstTsn;
        expected = peerFirstTsn;
        lastResult = StreamReset.BAD_SEQUENCE;
        isDeferred = false;
        responseDue = false;
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

    int tries() {
        return tries;
    }

    boolean isRequestDue() {
        return requestDue;
    }

    void requestSent() {
        requestDue = false;
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
        sequence++;
    }

    /** True when a request of the peer is the next one by its number. */
    boolean isNew(final int requestSequence) {
        return requestSequence == expected;
    }

    /** True when it is the request answered last. */
    boolean isRepeated(final int requestSequence) {
        return requestSequence == expected - 1;
    }

    /** Keeps a request until the data before it came. */
    void defer(final StreamReset request) {
        deferredCount = Math.min(request.streams(), MAX_STREAMS);
        for (int i = 0; i < deferredCount; i++) {
            deferred[i] = request.streamId(i);
        }
        deferredTsn = request.lastTsn();
        isDeferred = true;
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

    void undefer() {
        isDeferred = false;
    }

    /** Answers the new request. */
    void answer(final int result) {
        expected++;
        lastResult = result;
        isLater = false;
        responseDue = true;
    }

    /** Gives the last answer again. */
    void answerAgain() {
        isLater = false;
        responseDue = true;
    }

    /** Answers the new request that it waits for its data; it keeps its number. */
    void answerLater() {
        isLater = true;
        responseDue = true;
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

    /** Number of the request that the response due is about. */
    int responseSequence() {
        return isLater ? expected : expected - 1;
    }

    int responseResult() {
        return isLater ? StreamReset.IN_PROGRESS : lastResult;
    }
}
