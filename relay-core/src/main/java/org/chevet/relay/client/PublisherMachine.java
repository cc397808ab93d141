package org.chevet.relay.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckDecoder;
import org.chevet.codec.vitals.sbe.AlertAckDecoder;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.AlertEscalationDecoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.CreditDecoder;
import org.chevet.codec.vitals.sbe.ErrorCode;
import org.chevet.codec.vitals.sbe.ErrorDecoder;
import org.chevet.codec.vitals.sbe.GapDecoder;
import org.chevet.codec.vitals.sbe.GapEncoder;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.OpenStreamDecoder;
import org.chevet.codec.vitals.sbe.OpenStreamEncoder;
import org.chevet.codec.vitals.sbe.StreamOpenedDecoder;
import org.chevet.codec.vitals.sbe.StreamStateEncoder;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.chevet.codec.vitals.sbe.YesNo;
import org.jspecify.annotations.Nullable;

/** The publisher's side of the protocol: opens streams, sends what is not acknowledged, resumes. Sans-IO. */
final class PublisherMachine extends VitalsMachine {
    /** Stays well below what a relay accepts of one connection in a second, also when minutes are sent after. */
    private static final int MAX_BLOCKS_PER_SECOND = 4_000;
    private static final long MAX_BYTES_PER_SECOND = 16L << 20;
    private static final long RETRY_NS = SECOND_NS;

    private final long instance;
    private final @Nullable EndToEnd endToEnd;
    private final LongSupplier clockNs;
    private final long retentionNs;
    private final long retentionBytes;
    private final Object lock = new Object();
    private final List<Publication> publications = new ArrayList<>();
    private Runnable wake = () -> { };
    private long lastHandle;
    private long windowStartNs;
    private int windowBlocks;
    private long windowBytes;
    private long pausedUntilNs = Long.MIN_VALUE;

    PublisherMachine(final long instance, final String clientName, final VitalsEvents events,
        final LongSupplier clockNs, final long retentionNs, final long retentionBytes) {
        this(instance, clientName, events, clockNs, retentionNs, retentionBytes, null);
    }

    PublisherMachine(final long instance, final String clientName, final VitalsEvents events,
        final LongSupplier clockNs, final long retentionNs, final long retentionBytes,
        final @Nullable EndToEnd endToEnd) {
        super(instance, clientName, events);
        this.instance = instance;
        this.endToEnd = endToEnd;
        this.clockNs = clockNs;
        this.retentionNs = retentionNs;
        this.retentionBytes = retentionBytes;
    }

    /** Guards the machine: whoever calls it from another thread than its loop's holds this. */
    Object lock() {
        return lock;
    }

    void onWork(final Runnable newWake) {
        wake = newWake;
    }

    boolean guarded(final LongPredicate action) {
        final boolean result;
        synchronized (lock) {
            result = action.test(clockNs.getAsLong());
        }
        wake.run();
        return result;
    }

    <T> T read(final Supplier<T> value) {
        synchronized (lock) {
            return value.get();
        }
    }

    Publication open(final StreamSpec spec) {
        final Publication publication;
        synchronized (lock) {
            for (final Publication other : publications) {
                if (other.spec().name().equals(spec.name())) {
                    throw new IllegalArgumentException("stream '" + spec.name() + "' is open already");
                }
            }
            lastHandle++;
            publication = new Publication(this, spec, lastHandle, retentionNs, retentionBytes, sealerFor(spec));
            publications.add(publication);
            publications.sort(Comparator.comparingInt(other -> other.spec().clinicalClass().value()));
        }
        wake.run();
        return publication;
    }

    private @Nullable BlockSealer sealerFor(final StreamSpec spec) {
        if (spec.keyId() != SealedBlocks.KEY_ID) {
            return null;
        }
        final EndToEnd sealing = endToEnd;
        if (sealing == null) {
            throw new IllegalArgumentException("stream '" + spec.name() + "' is encrypted, but there are no keys");
        }
        return new BlockSealer(sealing, instance, spec);
    }

    boolean isAcknowledged() {
        synchronized (lock) {
            return publications.stream().allMatch(Publication::isAcknowledged);
        }
    }

    @Override
    void onWelcome(final String participant, final long nowNs) {
        pausedUntilNs = Long.MIN_VALUE;
        final EndToEnd sealing = endToEnd;
        if (sealing != null && !sealing.participant().equals(participant)) {
            // Nobody could open it: the name is an ingredient of the key.
            publications.stream().filter(Publication::isSealed).forEach(publication -> publication.fail(
                "sealed as " + sealing.participant() + ", but the token says " + participant));
        }
    }

    @Override
    void onDisconnected() {
        publications.forEach(Publication::disconnected);
    }

    @Override
    void onError(final ErrorDecoder error, final long nowNs) {
        final int refused = error.refusedMessage();
        if (refused == OpenStreamDecoder.TEMPLATE_ID) {
            for (final Publication publication : publications) {
                if (publication.handle() == error.reference()) {
                    publication.fail(error.code() + ": " + textOf(error));
                }
            }
            return;
        }
        final Publication publication = byStreamId(error.reference());
        if (publication == null || (refused != BlockDecoder.TEMPLATE_ID && refused != GapDecoder.TEMPLATE_ID
            && refused != AlertDecoder.TEMPLATE_ID)) {
            return;
        }
        if (error.code() == ErrorCode.OUT_OF_ORDER) {
            publication.rewind(error.expected());
        } else if (error.code() == ErrorCode.LIMIT_REACHED) {
            publication.rewind(error.expected());
            pausedUntilNs = nowNs + RETRY_NS;
        } else {
            publication.fail(error.code() + ": " + textOf(error));
        }
    }

    /** Reading a text moves the decoder: the caller wants to read it again. */
    private static String textOf(final ErrorDecoder error) {
        final int limit = error.limit();
        final String text = error.text();
        error.limit(limit);
        return text;
    }

    @Override
    void onMessage(final int template, final DirectBuffer in, final int offset, final long nowNs) {
        if (template == StreamOpenedDecoder.TEMPLATE_ID) {
            final StreamOpenedDecoder opened = new StreamOpenedDecoder().wrapAndApplyHeader(in, offset, inHeader);
            for (final Publication publication : publications) {
                if (publication.handle() == opened.handle()) {
                    publication.opened(opened.streamId(), opened.nextSequence());
                }
            }
        } else if (template == AckDecoder.TEMPLATE_ID) {
            final AckDecoder ack = new AckDecoder().wrapAndApplyHeader(in, offset, inHeader);
            final Publication publication = byStreamId(ack.streamId());
            if (publication != null) {
                publication.acknowledged(ack.heldBelow(), ack.deliveredBelow());
            }
        } else if (template == CreditDecoder.TEMPLATE_ID) {
            final CreditDecoder credit = new CreditDecoder().wrapAndApplyHeader(in, offset, inHeader);
            final Publication publication = byStreamId(credit.streamId());
            if (publication != null) {
                publication.credited(credit.receivedBelow(), credit.credit(), nowNs);
            }
        } else if (template == AlertAckDecoder.TEMPLATE_ID) {
            final AlertAckDecoder ack = new AlertAckDecoder().wrapAndApplyHeader(in, offset, inHeader);
            final AlertPublisher alerts = alertsOf(ack.streamId());
            if (alerts != null) {
                alerts.acknowledged(ack.alertId(), ack.participant(), ack.state());
            }
        } else if (template == AlertEscalationDecoder.TEMPLATE_ID) {
            final AlertEscalationDecoder escalation =
                new AlertEscalationDecoder().wrapAndApplyHeader(in, offset, inHeader);
            final AlertPublisher alerts = alertsOf(escalation.streamId());
            if (alerts != null) {
                alerts.escalated(escalation.alertId(), escalation.ageMs());
            }
        }
    }

    @Override
    int nextBody(final MutableDirectBuffer out, final int offset, final long nowNs) {
        for (final Publication publication : publications) {
            if (publication.takeOpenPending()) {
                return open(publication, out, offset);
            }
        }
        for (final Publication publication : publications) {
            if (nowNs >= publication.heartbeatAtNs()) {
                return heartbeat(publication, out, offset, nowNs);
            }
        }
        if (nowNs < pausedUntilNs || !mayUseWindow(nowNs)) {
            return 0;
        }
        for (final Publication publication : publications) {
            if (publication.hasGap()) {
                return gap(publication, out, offset);
            }
            if (publication.hasBlock()) {
                final int length = publication.nextBlock(out, offset, nowNs);
                windowBlocks++;
                windowBytes += length;
                return length - VitalsReader.HEADER_LENGTH;
            }
            if (publication.takeEndPending()) {
                return state(publication, StreamStatus.ENDED, out, offset);
            }
        }
        return 0;
    }

    @Override
    long bodyDeadlineNs() {
        long earliest = pausedUntilNs == Long.MIN_VALUE ? Long.MAX_VALUE : pausedUntilNs;
        if (windowBlocks >= MAX_BLOCKS_PER_SECOND || windowBytes >= MAX_BYTES_PER_SECOND) {
            earliest = windowStartNs + SECOND_NS;
        }
        for (final Publication publication : publications) {
            earliest = Math.min(earliest, publication.heartbeatAtNs());
        }
        return earliest;
    }

    @Override
    boolean sendsClock() {
        return !publications.isEmpty();
    }

    private boolean mayUseWindow(final long nowNs) {
        pausedUntilNs = Long.MIN_VALUE;
        if (nowNs - windowStartNs >= SECOND_NS) {
            windowStartNs = nowNs;
            windowBlocks = 0;
            windowBytes = 0;
        }
        return windowBlocks < MAX_BLOCKS_PER_SECOND && windowBytes < MAX_BYTES_PER_SECOND;
    }

    private int open(final Publication publication, final MutableDirectBuffer out, final int offset) {
        final StreamSpec spec = publication.spec();
        final OpenStreamEncoder open = new OpenStreamEncoder();
        open.wrapAndApplyHeader(out, offset, header).rateNumerator(spec.rateNumerator())
            .oldestSequence(publication.oldestSequence()).nextSequence(publication.nextSequenceHere())
            .scale(spec.scale()).zeroOffset(spec.zeroOffset()).missingValue(spec.missingValue().orElse(0))
            .handle(publication.handle()).rateDenominator(spec.rateDenominator()).mdcCode(spec.mdcCode())
            .bodySite(spec.bodySite()).keyId(spec.keyId()).staleAfterMs(spec.staleAfterMs()).kind(spec.kind())
            .clinicalClass(spec.clinicalClass()).sampleFormat(spec.sampleFormat())
            .hasMissingValue(spec.missingValue().isPresent() ? YesNo.YES : YesNo.NO).ackMode(spec.ackMode());
        final OpenStreamEncoder.ChannelsEncoder channels = open.channelsCount(spec.channels().size());
        for (final StreamSpec.Channel channel : spec.channels()) {
            channels.next().mdc(channel.mdc()).label(channel.label()).unit(channel.unit());
        }
        open.name(spec.name()).label(spec.label()).device(spec.device());
        return open.encodedLength();
    }

    private int gap(final Publication publication, final MutableDirectBuffer out, final int offset) {
        final GapEncoder gap = new GapEncoder();
        gap.wrapAndApplyHeader(out, offset, header).fromSequence(publication.gapFrom())
            .toSequence(publication.oldestSequence()).fromSample(VitalsReader.NO_INDEX)
            .toSample(publication.gapToSample()).streamId(publication.streamId()).reason(GapReason.PUBLISHER_LOST);
        publication.gapTold();
        return gap.encodedLength();
    }

    /** The stream is watched, also when there is nothing to say. */
    private int heartbeat(final Publication publication, final MutableDirectBuffer out, final int offset,
        final long nowNs) {
        final AlertPublisher alerts = publication.alerts();
        if (alerts != null) {
            alerts.prune(nowNs);
        }
        publication.heartbeatSent(nowNs);
        return state(publication, StreamStatus.LIVE, out, offset);
    }

    private int state(final Publication publication, final StreamStatus status, final MutableDirectBuffer out,
        final int offset) {
        final StreamStateEncoder state = new StreamStateEncoder();
        state.wrapAndApplyHeader(out, offset, header).sinceNs(VitalsReader.NO_TIME)
            .nextSequence(publication.nextSequenceHere()).nextSample(publication.nextSampleHere())
            .streamId(publication.streamId()).status(status);
        return state.encodedLength();
    }

    private @Nullable AlertPublisher alertsOf(final long streamId) {
        final Publication publication = byStreamId(streamId);
        return publication == null ? null : publication.alerts();
    }

    private @Nullable Publication byStreamId(final long streamId) {
        for (final Publication publication : publications) {
            if (publication.streamId() == streamId) {
                return publication;
            }
        }
        return null;
    }
}
