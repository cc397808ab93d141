package org.chevet.relay.client;

import java.nio.ByteBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.relay.client.VitalsListener.Start;
import org.jspecify.annotations.Nullable;

/**
 * One stream as a subscriber sees it, the same object across reconnections and restarts of the relay. Belongs to
 * the client's thread.
 */
public final class SubscribedStream {
    private static final int OBJECT_LEAST = 4;
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
    /** Of kind OBJECT: how many chunks may be under way. */
    private final ObjectPace pace = new ObjectPace(OBJECT_LEAST);
    private final AlertAcks alertAcks = new AlertAcks();
    private boolean alertLink;
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
        return open(block, SealedBlocks.NO_TERMS, payload, nowNs);
    }

    /** The block of an alert with its content; null when it must not be shown. */
    @Nullable VitalsBlock openAlert(final VitalsBlock block, final long alertId, final VitalsAlert.Terms terms,
        final byte[] payload, final long nowNs) {
        return open(block, SealedBlocks.terms(alertId, terms), payload, nowNs);
    }

    private @Nullable VitalsBlock open(final VitalsBlock block, final byte[] terms, final byte[] payload,
        final long nowNs) {
        if (opener == null && !refused) {
            return block;
        }
        final byte[] samples = opener == null ? null : opener.open(block.sequence(), block.firstSample(),
            block.deviceTimeNs(), block.sampleCount(), block.flags(), terms, payload, nowNs);
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

    AlertAcks alertAcks() {
        return alertAcks;
    }

    /** Notes whether the alert stream is watched; true when that is news. */
    boolean alertLinkChanged(final boolean up) {
        final boolean changed = alertLink != up;
        alertLink = up;
        return changed;
    }

    void announced(final long id) {
        alertAcks.tellAgain();
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
        pace.restart();
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

    void received(final long toSequence, final long creditAtNs, final long nowNs) {
        expected = toSequence;
        if (spec.kind() == Kind.OBJECT) {
            pace.arrived(toSequence, nowNs);
        }
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

    /** The relay was given credit up to here. */
    void credited(final int credit, final long nowNs) {
        pace.sent(expected + credit - 1, nowNs);
    }

    int credit(final int proposed) {
        if (spec.kind() == Kind.OBJECT) {
            return pace.window();
        }
        final Start asked = start;
        return asked == null || asked.credit() == 0 ? proposed : asked.credit();
    }
}
