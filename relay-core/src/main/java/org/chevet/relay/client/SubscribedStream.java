package org.chevet.relay.client;

import java.nio.ByteBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.client.VitalsListener.Start;
import org.jspecify.annotations.Nullable;

/**
 * One stream as a subscriber sees it, the same object across reconnections and restarts of the relay. Belongs to
 * the client's thread.
 */
public final class SubscribedStream {
    private final String participant;
    private final long instance;
    private final StreamSpec spec;
    private final @Nullable BlockOpener opener;
    private final boolean refused;
    private @Nullable Start start;
    private long streamId;
    private boolean announced;
    private boolean subscribePending;
    private boolean unsubscribePending;
    private boolean subscribed;
    private long expected = VitalsReader.NO_INDEX;
    private int sinceCredit;
    private long creditDueNs = Long.MAX_VALUE;
    private long duplicates;
    private long undeclaredHoles;
    private long resubscriptions;
    private long undecryptable;

    SubscribedStream(final String participant, final long instance, final StreamSpec spec,
        final @Nullable BlockOpener opener, final boolean refused) {
        this.participant = participant;
        this.instance = instance;
        this.spec = spec;
        this.opener = opener;
        this.refused = refused;
    }

    /** Who publishes it. */
    public String participant() {
        return participant;
    }

    /** Which process of the participant publishes it. */
    public long instance() {
        return instance;
    }

    /** What it is. */
    public StreamSpec spec() {
        return spec;
    }

    /** The sequence that comes next, or -1 before the first answer. */
    public long nextSequence() {
        return expected;
    }

    /** Blocks that came again and were dropped: none, if the relay keeps its promise. */
    public long duplicates() {
        return duplicates;
    }

    /** Blocks that came after a hole no gap declared, and were asked for again: none, if the relay keeps its word. */
    public long undeclaredHoles() {
        return undeclaredHoles;
    }

    /** How often the subscription was made again. */
    public long resubscriptions() {
        return resubscriptions;
    }

    /** Blocks and last values that did not open, or came in the clear where that is not allowed. */
    public long undecryptable() {
        return undecryptable;
    }

    /** The block with its samples; null when it must not be shown. */
    @Nullable VitalsBlock open(final VitalsBlock block, final byte[] payload, final long nowNs) {
        if (opener == null && !refused) {
            return block;
        }
        final byte[] samples = opener == null ? null : opener.open(block.sequence(), block.firstSample(),
            block.deviceTimeNs(), block.sampleCount(), block.flags(), payload, nowNs);
        if (samples == null) {
            undecryptable++;
            return null;
        }
        return new VitalsBlock(block.sequence(), block.firstSample(), block.sampleCount(), block.deviceTimeNs(),
            block.flags(), ByteBuffer.wrap(samples));
    }

    boolean isSame(final String otherParticipant, final long otherInstance, final String name) {
        return instance == otherInstance && participant.equals(otherParticipant) && spec.name().equals(name);
    }

    long streamId() {
        return streamId;
    }

    boolean isAnnounced() {
        return announced;
    }

    void announced(final long id) {
        streamId = id;
        announced = true;
        subscribed = false;
        subscribePending = start != null;
    }

    void begin(final @Nullable Start newStart) {
        start = newStart;
        subscribePending = newStart != null;
    }

    void gone() {
        announced = false;
        subscribed = false;
        subscribePending = false;
        unsubscribePending = false;
        creditDueNs = Long.MAX_VALUE;
    }

    boolean takeUnsubscribePending() {
        final boolean pending = announced && unsubscribePending;
        unsubscribePending = false;
        return pending;
    }

    /** What to ask for now, or null; after the first answer it is always the next expected sequence. */
    @Nullable Start takeSubscribe() {
        final Start asked = start;
        if (!announced || !subscribePending || asked == null) {
            return null;
        }
        subscribePending = false;
        if (expected == VitalsReader.NO_INDEX) {
            return asked;
        }
        resubscriptions++;
        return new Start(StartFrom.SEQUENCE, expected, asked.credit(), asked.required());
    }

    void subscribed(final long firstSequence) {
        subscribed = true;
        if (expected == VitalsReader.NO_INDEX) {
            expected = firstSequence;
        }
    }

    /** True when the sequence is the next one; otherwise it was a duplicate or shows an undeclared hole. */
    boolean isNext(final long fromSequence) {
        if (!subscribed) {
            return false;
        }
        if (fromSequence < expected) {
            duplicates++;
            return false;
        }
        if (fromSequence > expected) {
            // A hole nobody declared: ask again from where we are.
            undeclaredHoles++;
            subscribed = false;
            unsubscribePending = true;
            subscribePending = true;
            return false;
        }
        return true;
    }

    void received(final long toSequence, final long creditAtNs) {
        expected = toSequence;
        sinceCredit++;
        creditDueNs = Math.min(creditDueNs, creditAtNs);
    }

    long creditDueNs() {
        return subscribed ? creditDueNs : Long.MAX_VALUE;
    }

    boolean takeCredit(final int every, final long nowNs) {
        if (subscribed && sinceCredit > 0 && (sinceCredit >= every || nowNs >= creditDueNs)) {
            sinceCredit = 0;
            creditDueNs = Long.MAX_VALUE;
            return true;
        }
        return false;
    }

    int credit(final int proposed) {
        final Start asked = start;
        return asked == null || asked.credit() == 0 ? proposed : asked.credit();
    }
}
