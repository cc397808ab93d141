package org.chevet.relay.vitals;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.jspecify.annotations.Nullable;

/** One stream of the directory: what it is, what is kept of it, who sees it. One thread. */
final class VitalsStream {
    final int id;
    final String participant;
    final long instance;
    final StreamDefinition definition;
    final BlockRing ring;
    /** Every view of every connection: the publisher's, and of all who may receive it. */
    final List<View> views = new ArrayList<>();
    /** First sequence this relay was ever offered; below it, it never had anything. */
    final long firstSequence;
    /** Below it everything was accepted or declared lost. */
    long nextSequence;
    /** Sequence after the newest accepted block. */
    long afterLastBlock;
    /** Sample after the newest one that was accepted or declared lost; NO_INDEX before the first block. */
    long nextSample = VitalsReader.NO_INDEX;
    /** False after a loss of unknown length: the next block may begin later without saying so. */
    boolean nextSampleIsExact;
    long deliveredBelow;
    StreamStatus status = StreamStatus.LIVE;
    long statusSinceNs;
    long lastBlockNs;
    @Nullable View publisher;
    /** The hole after nextSequence was told to the publisher; what follows it is dropped without a word. */
    boolean holeReported;
    /** Only of kind ALERT. */
    final @Nullable AlertBoard alerts;
    /** Blocks are kept at least this long, whatever the limits say: the longest life of an alert. */
    long keepForNs;
    /** Of kind OBJECT: blocks that there are, and how far the publisher may send. */
    long objectBlocks;
    long grantedBelow = -1;
    long creditedAt;
    private final UnsafeBuffer lastValue = new UnsafeBuffer(new byte[0]);
    private int lastValueLength;

    VitalsStream(final int id, final String participant, final long instance, final StreamDefinition definition,
        final BlockRing ring, final long firstSequence, final long nowNs) {
        this.id = id;
        this.participant = participant;
        this.instance = instance;
        this.definition = definition;
        this.ring = ring;
        this.firstSequence = firstSequence;
        nextSequence = firstSequence;
        afterLastBlock = firstSequence;
        deliveredBelow = firstSequence;
        alerts = definition.kind() == Kind.ALERT ? new AlertBoard() : null;
        statusSinceNs = nowNs;
        lastBlockNs = nowNs;
    }

    /** The oldest sequence that can still be delivered; nextSequence when there is none. */
    long oldestSequence() {
        return ring.count() == 0 ? nextSequence : ring.sequence(0);
    }

    /** Notes an accepted block. */
    void accepted(final long sequence, final long endSample, final long nowNs) {
        nextSequence = sequence + 1;
        afterLastBlock = sequence + 1;
        nextSample = endSample;
        nextSampleIsExact = true;
        lastBlockNs = nowNs;
        holeReported = false;
    }

    /** Of kind OBJECT: the publisher goes on from another place. */
    void seek(final long sequence) {
        ring.release();
        nextSequence = sequence;
        nextSample = VitalsReader.NO_INDEX;
        nextSampleIsExact = false;
    }

    /** Notes that blocks below the sequence will never come. */
    void lost(final long toSequence, final long toSample) {
        nextSequence = toSequence;
        holeReported = false;
        if (toSample == VitalsReader.NO_INDEX) {
            nextSampleIsExact = false;
        } else {
            nextSample = toSample;
            nextSampleIsExact = true;
        }
    }

    /** Keeps the newest block of a NUMERIC stream apart from the ring, however old it gets. */
    void keepLastValue(final DirectBuffer in, final int offset, final int length) {
        if (definition.kind() != Kind.NUMERIC) {
            return;
        }
        if (lastValue.capacity() < length) {
            lastValue.wrap(new byte[2 * length]);
        }
        lastValue.putBytes(0, in, offset, length);
        lastValueLength = length;
    }

    boolean hasLastValue() {
        return lastValueLength > 0;
    }

    /** Copies the Block message kept by {@link #keepLastValue} and returns its length. */
    int copyLastValue(final MutableDirectBuffer out, final int offset) {
        out.putBytes(offset, lastValue, 0, lastValueLength);
        return lastValueLength;
    }
}
