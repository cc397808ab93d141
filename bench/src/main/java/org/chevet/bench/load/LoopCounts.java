package org.chevet.bench.load;

/** What the loop counts besides marks. Written by its thread; a snapshot is a copy made on that thread. */
final class LoopCounts {
    long sent;
    long unsent;
    long skipped;
    long received;
    long opened;
    long refused;
    long unmarked;
    long keyFramesAsked;
    long nacks;
    /** Packets asked for, of those missed here. */
    long asked;
    /** Packets sent again because they were asked for. */
    long again;
    long feedback;

    LoopCounts copy() {
        final LoopCounts copy = new LoopCounts();
        copy.sent = sent;
        copy.unsent = unsent;
        copy.skipped = skipped;
        copy.received = received;
        copy.opened = opened;
        copy.refused = refused;
        copy.unmarked = unmarked;
        copy.keyFramesAsked = keyFramesAsked;
        copy.nacks = nacks;
        copy.asked = asked;
        copy.again = again;
        copy.feedback = feedback;
        return copy;
    }

    /** What happened since an earlier copy. */
    LoopCounts since(final LoopCounts earlier) {
        final LoopCounts change = copy();
        change.sent -= earlier.sent;
        change.unsent -= earlier.unsent;
        change.skipped -= earlier.skipped;
        change.received -= earlier.received;
        change.opened -= earlier.opened;
        change.refused -= earlier.refused;
        change.unmarked -= earlier.unmarked;
        change.keyFramesAsked -= earlier.keyFramesAsked;
        change.nacks -= earlier.nacks;
        change.asked -= earlier.asked;
        change.again -= earlier.again;
        change.feedback -= earlier.feedback;
        return change;
    }
}
