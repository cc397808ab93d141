package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.AlertEncoder;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.relay.client.e2ee.Sealer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a publisher. Holds every block until the relay has acknowledged it, within bounds; says no when
 * the bounds are reached, so that nothing that was accepted is lost. Safe on any thread.
 */
public final class Publication {
    private static final int FIRST_SLOTS = 64;
    private static final long NS_PER_MS = 1_000_000L;
    private static final int AGE_AT = VitalsReader.HEADER_LENGTH + AlertEncoder.ageMsEncodingOffset();
    /** A Block and an Alert have it at the same place. */
    private static final int STREAM_ID_AT = VitalsReader.HEADER_LENGTH + BlockEncoder.streamIdEncodingOffset();

    private final PublisherMachine machine;
    private final StreamSpec spec;
    private final long handle;
    private final long retentionNs;
    private final long retentionBytes;
    private final @Nullable BlockSealer sealer;
    private final BlockEncoder encoder = new BlockEncoder();
    private final AlertEncoder alertEncoder = new AlertEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private @Nullable Retained[] ring = new @Nullable Retained[FIRST_SLOTS];
    private int first;
    private int count;
    private long bytes;
    private long oldestSequence;
    private long nextSequence;
    private long nextSample = VitalsReader.NO_INDEX;
    private long sendCursor;
    private long heldBelow;
    private long deliveredBelow;
    private long streamId;
    private long resent;
    private long sentBlocks;
    private boolean openPending = true;
    private boolean opened;
    private boolean ended;
    private boolean endPending;
    private String failure = "";
    private @Nullable AlertPublisher alerts;
    /** Blocks from here on are kept, acknowledged or not. */
    private long keepFrom = Long.MAX_VALUE;
    private long lastSentNs;
    /** Of kind OBJECT: the relay wants blocks below sendLimit, and has those below objectAt. */
    private long sendLimit;
    private long objectAt;
    private boolean complete;
    private final ObjectPace pace = new ObjectPace(1);

    /** A Block message ready to send but for the stream id, and when it was accepted. */
    private record Retained(UnsafeBuffer message, long firstSample, long atNs) {
    }

    Publication(final PublisherMachine machine, final StreamSpec spec, final long handle, final long retentionNs,
        final long retentionBytes, final @Nullable BlockSealer sealer) {
        this.machine = machine;
        this.spec = spec;
        this.handle = handle;
        this.retentionNs = retentionNs;
        this.retentionBytes = retentionBytes;
        this.sealer = sealer;
        if (spec.kind() == Kind.OBJECT) {
            // Whoever comes later gets it from here.
            keepFrom = 0;
            openPending = false;
        }
    }

    /** What the stream is. */
    public StreamSpec spec() {
        return spec;
    }

    /**
     * Accepts the next block, or says no.
     *
     * <p>A first sample later than the end of the previous block is a discontinuity and flagged as such.
     *
     * @param firstSample index of the first sample, not below the end of the previous block
     * @param sampleCount samples per channel, at least 1
     * @param deviceTimeNs {@link VitalsPublisher#clockNs()} at the first sample; Long.MIN_VALUE = not known
     * @param flags bits of {@link VitalsBlock}; with MISSING the payload is empty
     * @param payload samples little-endian, channels interleaved; copied
     * @return false when as much is unacknowledged as may be, or the key to seal with has not arrived: keep the
     *     samples and try again later
     * @throws IllegalArgumentException when the block contradicts the stream: a bug of the caller
     */
    public boolean offer(final long firstSample, final int sampleCount, final long deviceTimeNs, final int flags,
        final ByteBuffer payload) {
        return machine.guarded(nowNs -> accept(null, firstSample, sampleCount, deviceTimeNs, flags, payload, nowNs));
    }

    /** Says that the device had no samples for so many; see {@link #offer}. */
    public boolean offerMissing(final long firstSample, final int sampleCount, final long deviceTimeNs) {
        return offer(firstSample, sampleCount, deviceTimeNs, VitalsBlock.MISSING, ByteBuffer.allocate(0));
    }

    /**
     * Gives up the oldest block that is not acknowledged, for a device that cannot wait: subscribers see a Gap.
     *
     * @return false when there is none
     */
    public boolean dropOldest() {
        return machine.guarded(nowNs -> {
            if (count == 0) {
                return false;
            }
            forgetOldest();
            return true;
        });
    }

    /** Ends the stream once everything is sent; nothing can be offered after. */
    public void end() {
        machine.guarded(nowNs -> {
            ended = true;
            endPending = true;
            return true;
        });
    }

    /** Sequence of the block that will be accepted next. */
    public long nextSequence() {
        return machine.read(() -> nextSequence);
    }

    /** All blocks below are in the relay's memory. */
    public long heldBelow() {
        return machine.read(() -> heldBelow);
    }

    /** All blocks below reached every required subscriber. */
    public long deliveredBelow() {
        return machine.read(() -> deliveredBelow);
    }

    /** Bytes that are retained now. */
    public long retainedBytes() {
        return machine.read(() -> bytes);
    }

    /** Blocks that were sent more than once. */
    public long resent() {
        return machine.read(() -> resent);
    }

    /** Blocks that left, repetitions included. */
    public long sentBlocks() {
        return machine.read(() -> sentBlocks);
    }

    /** Why the relay refused the stream, or "" when it did not. */
    public String failure() {
        return machine.read(() -> failure);
    }

    /** An alert is a block of one sample with more in its header. */
    private record AlertHeader(long alertId, VitalsAlert.Terms terms) {
    }

    boolean acceptAlert(final long alertId, final VitalsAlert.Terms terms, final long deviceTimeNs,
        final ByteBuffer payload, final long nowNs) {
        return accept(new AlertHeader(alertId, terms), nextSequence, 1, deviceTimeNs, 0, payload, nowNs);
    }

    private boolean accept(final @Nullable AlertHeader alert, final long firstSample, final int sampleCount,
        final long deviceTimeNs, final int flags, final ByteBuffer payload, final long nowNs) {
        require((alert != null) == (spec.kind() == Kind.ALERT), "alerts are sent by an AlertPublisher");
        check(firstSample, sampleCount, flags, payload.remaining());
        final int overhead = alert == null ? VitalsReader.BLOCK_OVERHEAD : VitalsReader.ALERT_OVERHEAD;
        // Alerts are kept for their own time.
        final long longestNs = alert == null ? retentionNs : Long.MAX_VALUE;
        if (count > 0 && (bytes + overhead + payload.remaining() > retentionBytes
            || nowNs - oldest().atNs() > longestNs)) {
            return false;
        }
        final boolean jump = nextSample != VitalsReader.NO_INDEX && firstSample > nextSample;
        final int allFlags = jump ? flags | VitalsBlock.DISCONTINUITY : flags;
        final byte[] copy = new byte[payload.remaining()];
        payload.duplicate().get(copy);
        final byte[] sent = sealer == null ? copy
            : sealed(sealer, alert, firstSample, deviceTimeNs, sampleCount, allFlags, copy);
        if (sent == null) {
            return false;
        }
        final int length = overhead + sent.length;
        final UnsafeBuffer message = new UnsafeBuffer(new byte[length]);
        if (alert == null) {
            encoder.wrapAndApplyHeader(message, 0, header).sequence(nextSequence).firstSample(firstSample)
                .deviceTimeNs(deviceTimeNs).streamId(0).sampleCount(sampleCount);
        } else {
            alertEncoder.wrapAndApplyHeader(message, 0, header).sequence(nextSequence).firstSample(firstSample)
                .deviceTimeNs(deviceTimeNs).streamId(0).sampleCount(sampleCount).alertId(alert.alertId)
                .ttlMs(alert.terms.ttlMs()).escalateAfterMs(alert.terms.escalateAfterMs()).ageMs(0)
                .priority(alert.terms.priority()).phase(alert.terms.phase());
        }
        message.putInt(VitalsReader.HEADER_LENGTH + BlockEncoder.flagsEncodingOffset(),
            allFlags, java.nio.ByteOrder.LITTLE_ENDIAN);
        if (alert == null) {
            encoder.putPayload(sent, 0, sent.length);
        } else {
            alertEncoder.putPayload(sent, 0, sent.length);
        }
        push(new Retained(message, firstSample, nowNs));
        bytes += length;
        nextSequence++;
        nextSample = firstSample + sampleCount;
        return true;
    }

    /** What goes out instead of the samples, and stays the same when it goes out again. */
    private byte @Nullable [] sealed(final BlockSealer with, final @Nullable AlertHeader alert,
        final long firstSample, final long deviceTimeNs, final int sampleCount, final int allFlags,
        final byte[] payload) {
        final byte[] out = new byte[BlockSealer.room(payload.length)];
        final int written =
            with.seal(nextSequence, firstSample, deviceTimeNs, sampleCount, allFlags,
                alert == null ? SealedBlocks.NO_TERMS : SealedBlocks.terms(alert.alertId, alert.terms), payload, out);
        if (written == Sealer.EXHAUSTED) {
            fail("the counters of the stream's key are used up");
        }
        return written < 0 ? null : Arrays.copyOf(out, written);
    }

    private void check(final long firstSample, final int sampleCount, final int flags, final int payload) {
        require(!ended, "the stream has ended");
        require(sampleCount > 0 && sampleCount <= VitalsReader.MAX_SAMPLES, "sampleCount " + sampleCount);
        require(firstSample >= 0 && firstSample <= VitalsReader.MAX_INDEX - sampleCount
            && (nextSample == VitalsReader.NO_INDEX || firstSample >= nextSample),
            "firstSample " + firstSample + " is below " + nextSample + ", the end of the previous block");
        final int most = machine.maxBlockBytes() - (sealer == null ? 0 : BlockSealer.room(0));
        require(payload <= most, "a payload has at most " + most + " bytes");
        if ((flags & VitalsBlock.MISSING) != 0) {
            require(payload == 0, "a missing block has no payload");
        } else if (spec.frameBytes() != 0 && (spec.keyId() == 0 || sealer != null)) {
            require(payload == (long) sampleCount * spec.frameBytes(),
                payload + " bytes are not " + sampleCount + " samples of " + spec.frameBytes() + " bytes");
        }
    }

    private static void require(final boolean holds, final String text) {
        if (!holds) {
            throw new IllegalArgumentException(text);
        }
    }

    boolean isSealed() {
        return sealer != null;
    }

    long handle() {
        return handle;
    }

    long streamId() {
        return streamId;
    }

    long oldestSequence() {
        return oldestSequence;
    }

    long nextSequenceHere() {
        return nextSequence;
    }

    long nextSampleHere() {
        return nextSample;
    }

    boolean takeOpenPending() {
        final boolean pending = openPending;
        openPending = false;
        return pending;
    }

    void disconnected() {
        opened = false;
        openPending = failure.isEmpty() && (complete || spec.kind() != Kind.OBJECT);
        pace.restart();
        endPending = ended;
    }

    void fail(final String why) {
        failure = why;
        opened = false;
    }

    /** The relay wants this stream from the sequence. */
    void opened(final long id, final long next) {
        streamId = id;
        opened = true;
        if (spec.kind() != Kind.OBJECT) {
            resent += Math.max(0, sendCursor - next);
        }
        sendCursor = next;
        sendLimit = next;
        objectAt = next;
        pace.restart();
        acknowledged(next, deliveredBelow);
    }

    void acknowledged(final long held, final long delivered) {
        heldBelow = Math.max(heldBelow, Math.min(held, nextSequence));
        deliveredBelow = Math.max(deliveredBelow, Math.min(delivered, nextSequence));
        forget();
    }

    private void forget() {
        final long below = Math.min(keepFrom, spec.ackMode() == AckMode.HELD ? heldBelow : deliveredBelow);
        while (count > 0 && oldestSequence < below) {
            forgetOldest();
        }
    }

    /** The relay refused a block and says which one it waits for. */
    void rewind(final long expected) {
        resent += Math.max(0, sendCursor - expected);
        sendCursor = expected;
    }

    /** Sequence of a gap that must be told now, as [sendCursor, oldest); false when there is none. */
    boolean hasGap() {
        return opened && sendCursor < oldestSequence;
    }

    long gapFrom() {
        return sendCursor;
    }

    /** First sample after the gap; NO_INDEX when nothing is retained. */
    long gapToSample() {
        return count == 0 ? VitalsReader.NO_INDEX : oldest().firstSample();
    }

    void gapTold() {
        sendCursor = oldestSequence;
    }

    boolean hasBlock() {
        return opened && sendCursor >= oldestSequence && sendCursor < nextSequence && (spec.kind() != Kind.OBJECT
            || (sendCursor < sendLimit && sendCursor < objectAt + pace.window()));
    }

    /** Copies the next block to send; returns its length with header. */
    int nextBlock(final MutableDirectBuffer out, final int offset, final long nowNs) {
        final Retained next = at((int) (sendCursor - oldestSequence));
        final UnsafeBuffer message = next.message();
        out.putBytes(offset, message, 0, message.capacity());
        if (alerts != null) {
            out.putInt(offset + AGE_AT, (int) ((nowNs - next.atNs()) / NS_PER_MS), java.nio.ByteOrder.LITTLE_ENDIAN);
        }
        lastSentNs = nowNs;
        pace.sent(sendCursor, nowNs);
        out.putInt(offset + STREAM_ID_AT, (int) streamId, java.nio.ByteOrder.LITTLE_ENDIAN);
        sendCursor++;
        sentBlocks++;
        return message.capacity();
    }

    /** Every block of the object is here: it can be opened. */
    void complete() {
        machine.guarded(nowNs -> {
            complete = true;
            openPending = true;
            return true;
        });
    }

    /** The relay has the blocks of an object below {@code receivedBelow} and wants so many more. */
    void credited(final long receivedBelow, final long credit, final long nowNs) {
        objectAt = receivedBelow;
        sendLimit = receivedBelow + credit;
        pace.arrived(receivedBelow, nowNs);
    }

    PublisherMachine machine() {
        return machine;
    }

    void alerts(final AlertPublisher publisher) {
        machine.guarded(nowNs -> {
            alerts = publisher;
            return true;
        });
    }

    @Nullable AlertPublisher alerts() {
        return alerts;
    }

    /** Blocks from this sequence on are not forgotten even when they are acknowledged. */
    void keepFrom(final long sequence) {
        keepFrom = sequence;
        forget();
    }

    /** When an alert stream must say that it is still watched; Long.MAX_VALUE = never. */
    long heartbeatAtNs() {
        // Three in the time that the stream may be silent.
        return alerts == null || !opened || ended ? Long.MAX_VALUE
            : lastSentNs + spec.staleAfterMs() * NS_PER_MS / 3;
    }

    void heartbeatSent(final long nowNs) {
        lastSentNs = nowNs;
    }

    boolean takeEndPending() {
        final boolean due = endPending && opened && (sendCursor == nextSequence || spec.kind() == Kind.OBJECT);
        if (due) {
            endPending = false;
        }
        return due;
    }

    boolean isAcknowledged() {
        return heldBelow == nextSequence || spec.kind() == Kind.OBJECT;
    }

    private Retained oldest() {
        return at(0);
    }

    private Retained at(final int index) {
        final Retained found = ring[(first + index) & (ring.length - 1)];
        if (found == null) {
            throw new IllegalStateException("no block " + index + " of " + count);
        }
        return found;
    }

    private void push(final Retained block) {
        if (count == ring.length) {
            final @Nullable Retained[] larger = Arrays.copyOf(ring, 2 * count);
            for (int i = 0; i < count; i++) {
                larger[i] = ring[(first + i) & (ring.length - 1)];
            }
            ring = larger;
            first = 0;
        }
        ring[(first + count) & (ring.length - 1)] = block;
        count++;
    }

    private void forgetOldest() {
        bytes -= oldest().message().capacity();
        ring[first] = null;
        first = (first + 1) & (ring.length - 1);
        count--;
        oldestSequence++;
    }
}
