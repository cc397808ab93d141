package org.chevet.relay.client;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.AlertAckDecoder;
import org.chevet.codec.vitals.sbe.AlertAckEncoder;
import org.chevet.codec.vitals.sbe.AlertAckState;
import org.chevet.codec.vitals.sbe.AlertDecoder;
import org.chevet.codec.vitals.sbe.AlertEscalationDecoder;
import org.chevet.codec.vitals.sbe.AlertPhase;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.CreditEncoder;
import org.chevet.codec.vitals.sbe.ErrorDecoder;
import org.chevet.codec.vitals.sbe.GapDecoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.LastValueDecoder;
import org.chevet.codec.vitals.sbe.PublisherClockDecoder;
import org.chevet.codec.vitals.sbe.StreamAnnouncedDecoder;
import org.chevet.codec.vitals.sbe.StreamClosedDecoder;
import org.chevet.codec.vitals.sbe.StreamStateDecoder;
import org.chevet.codec.vitals.sbe.StreamStatus;
import org.chevet.codec.vitals.sbe.SubscribeEncoder;
import org.chevet.codec.vitals.sbe.SubscribedDecoder;
import org.chevet.codec.vitals.sbe.UnsubscribeEncoder;
import org.chevet.codec.vitals.sbe.YesNo;
import org.chevet.relay.client.e2ee.Opener;
import org.jspecify.annotations.Nullable;

/** The subscriber's side of the protocol: asks again from the next expected sequence whenever it must. Sans-IO. */
final class SubscriberMachine extends VitalsMachine {
    private static final int PROPOSED_CREDIT = 256;
    private static final long CREDIT_DELAY_NS = SECOND_NS / 5;
    /** Streams that are remembered so that they can be resumed. */
    private static final int MAX_STREAMS = 256;

    private final VitalsListener listener;
    private final @Nullable EndToEnd endToEnd;
    private final @Nullable Opener opener;
    private final List<SubscribedStream> streams = new ArrayList<>();

    SubscriberMachine(final long instance, final String clientName, final VitalsListener listener) {
        this(instance, clientName, listener, null);
    }

    SubscriberMachine(final long instance, final String clientName, final VitalsListener listener,
        final @Nullable EndToEnd endToEnd) {
        super(instance, clientName, listener);
        this.listener = listener;
        this.endToEnd = endToEnd;
        opener = endToEnd == null ? null : new Opener(endToEnd.keys());
    }

    @Override
    void onWelcome(final String participant, final long nowNs) {
        streams.forEach(SubscribedStream::gone);
    }

    @Override
    void onDisconnected() {
        for (final SubscribedStream stream : streams) {
            stream.gone();
            link(stream, false);
        }
    }

    /** Tells when the link to the device behind an alert stream is there or gone. */
    private void link(final SubscribedStream stream, final boolean up) {
        if (stream.spec().kind() == Kind.ALERT && stream.alertLinkChanged(up)) {
            listener.onAlertLink(stream, up);
        }
    }

    /** Raises what this endpoint says about an alert; false when it does not know it (any more). */
    boolean acknowledge(final SubscribedStream stream, final long alertId, final AlertAckState state) {
        return stream.alertAcks().raise(alertId, state);
    }

    @Override
    void onError(final ErrorDecoder error, final long nowNs) {
        // The listener hears of it as an event; a refused subscription is not asked for again by itself.
    }

    @Override
    void onMessage(final int template, final DirectBuffer in, final int offset, final long nowNs) {
        switch (template) {
            case StreamAnnouncedDecoder.TEMPLATE_ID ->
                onAnnounced(new StreamAnnouncedDecoder().wrapAndApplyHeader(in, offset, inHeader));
            case SubscribedDecoder.TEMPLATE_ID -> {
                final SubscribedDecoder message = new SubscribedDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final SubscribedStream stream = byId(message.streamId());
                if (stream != null) {
                    stream.subscribed(message.firstSequence());
                }
            }
            case BlockDecoder.TEMPLATE_ID ->
                onBlock(new BlockDecoder().wrapAndApplyHeader(in, offset, inHeader), nowNs);
            case AlertDecoder.TEMPLATE_ID ->
                onAlert(new AlertDecoder().wrapAndApplyHeader(in, offset, inHeader), nowNs);
            case AlertAckDecoder.TEMPLATE_ID -> {
                final AlertAckDecoder ack = new AlertAckDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final SubscribedStream stream = byId(ack.streamId());
                if (stream != null) {
                    listener.onAlertAck(stream, ack.alertId(), ack.participant(), ack.state());
                }
            }
            case AlertEscalationDecoder.TEMPLATE_ID -> {
                final AlertEscalationDecoder escalation =
                    new AlertEscalationDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final SubscribedStream stream = byId(escalation.streamId());
                if (stream != null) {
                    listener.onAlertEscalated(stream, escalation.alertId(), escalation.priority(), escalation.ageMs());
                }
            }
            case LastValueDecoder.TEMPLATE_ID ->
                onLastValue(new LastValueDecoder().wrapAndApplyHeader(in, offset, inHeader), nowNs);
            case GapDecoder.TEMPLATE_ID -> onGap(new GapDecoder().wrapAndApplyHeader(in, offset, inHeader), nowNs);
            case StreamStateDecoder.TEMPLATE_ID -> {
                final StreamStateDecoder message = new StreamStateDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final SubscribedStream stream = byId(message.streamId());
                if (stream != null) {
                    link(stream, message.status() == StreamStatus.LIVE);
                    listener.onState(stream, message.status(), message.nextSequence());
                }
            }
            case StreamClosedDecoder.TEMPLATE_ID -> {
                final StreamClosedDecoder message = new StreamClosedDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final SubscribedStream stream = byId(message.streamId());
                if (stream != null) {
                    stream.gone();
                    link(stream, false);
                    listener.onClosed(stream, message.reason());
                }
            }
            case PublisherClockDecoder.TEMPLATE_ID -> {
                final PublisherClockDecoder message =
                    new PublisherClockDecoder().wrapAndApplyHeader(in, offset, inHeader);
                final long offsetNs = message.offsetNs();
                final long uncertaintyNs = message.uncertaintyNs();
                listener.onPublisherClock(message.participant(), offsetNs, uncertaintyNs);
            }
            default -> {
                // Heartbeats and what later versions add.
            }
        }
    }

    private void onAnnounced(final StreamAnnouncedDecoder in) {
        final List<StreamSpec.Channel> channels = new ArrayList<>();
        for (final StreamAnnouncedDecoder.ChannelsDecoder channel : in.channels()) {
            channels.add(new StreamSpec.Channel((int) channel.mdc(), channel.label(), channel.unit()));
        }
        final String participant = in.participant();
        final String name = in.name();
        for (final SubscribedStream known : streams) {
            if (known.isSame(participant, in.instance(), name)) {
                known.announced(in.streamId());
                link(known, in.status() == StreamStatus.LIVE);
                return;
            }
        }
        final OptionalLong missing =
            in.hasMissingValue() == YesNo.YES ? OptionalLong.of(in.missingValue()) : OptionalLong.empty();
        final StreamSpec spec = new StreamSpec(name, in.kind(), in.clinicalClass(), in.sampleFormat(),
            in.rateNumerator(), in.rateDenominator(), in.scale(), in.zeroOffset(), missing, (int) in.mdcCode(),
            (int) in.bodySite(), (int) in.keyId(), (int) in.staleAfterMs(), AckMode.HELD, channels, in.label(),
            in.device());
        final boolean sealed = spec.keyId() == SealedBlocks.KEY_ID;
        final boolean refused = sealed ? opener == null : endToEnd != null && !endToEnd.clearAllowed();
        final BlockOpener opening = sealed && opener != null
            ? new BlockOpener(opener, participant, in.instance(), spec) : null;
        final SubscribedStream stream =
            new SubscribedStream(participant, in.instance(), spec, opening, refused);
        if (streams.size() >= MAX_STREAMS) {
            streams.removeIf(old -> !old.isAnnounced());
        }
        streams.add(stream);
        stream.announced(in.streamId());
        stream.begin(listener.onStream(stream));
        link(stream, in.status() == StreamStatus.LIVE);
    }

    private void onBlock(final BlockDecoder in, final long nowNs) {
        final SubscribedStream stream = byId(in.streamId());
        final long sequence = in.sequence();
        if (stream == null || !stream.isNext(sequence)) {
            return;
        }
        stream.received(sequence + 1, nowNs + CREDIT_DELAY_NS, nowNs);
        final byte[] payload = new byte[in.payloadLength()];
        final VitalsBlock block = new VitalsBlock(sequence, in.firstSample(), (int) in.sampleCount(),
            in.deviceTimeNs(), (int) in.flags().getRaw(), ByteBuffer.wrap(payload));
        in.getPayload(payload, 0, payload.length);
        final VitalsBlock opened = stream.open(block, payload, nowNs);
        if (opened == null) {
            listener.onUndecryptable(stream, block.sequence(), block.firstSample(), block.sampleCount());
        } else {
            listener.onBlock(stream, opened);
        }
    }

    private void onAlert(final AlertDecoder in, final long nowNs) {
        final SubscribedStream stream = byId(in.streamId());
        final long sequence = in.sequence();
        if (stream == null || !stream.isNext(sequence)) {
            return;
        }
        stream.received(sequence + 1, nowNs, nowNs);
        final VitalsAlert.Terms terms = new VitalsAlert.Terms(in.priority(), in.phase(), (int) in.ttlMs(),
            (int) in.escalateAfterMs());
        final byte[] payload = new byte[in.payloadLength()];
        final VitalsBlock block = new VitalsBlock(sequence, in.firstSample(), (int) in.sampleCount(),
            in.deviceTimeNs(), (int) in.flags().getRaw(), ByteBuffer.wrap(payload));
        in.getPayload(payload, 0, payload.length);
        final VitalsBlock opened = stream.openAlert(block, in.alertId(), terms, payload, nowNs);
        if (opened == null) {
            listener.onUndecryptable(stream, sequence, block.firstSample(), block.sampleCount());
            return;
        }
        final VitalsAlert alert = new VitalsAlert(in.alertId(), terms, in.ageMs(), opened);
        if (alert.isExpired()) {
            listener.onExpiredAlert(stream, alert);
        } else {
            stream.alertAcks().delivered(alert, terms.phase() == AlertPhase.START, nowNs);
            listener.onAlert(stream, alert);
        }
    }

    private void onLastValue(final LastValueDecoder in, final long nowNs) {
        final SubscribedStream stream = byId(in.streamId());
        if (stream != null) {
            final byte[] payload = new byte[in.payloadLength()];
            final VitalsBlock block = new VitalsBlock(in.sequence(), in.firstSample(), (int) in.sampleCount(),
                in.deviceTimeNs(), (int) in.flags().getRaw(), ByteBuffer.wrap(payload));
            in.getPayload(payload, 0, payload.length);
            final VitalsBlock opened = stream.open(block, payload, nowNs);
            if (opened != null) {
                listener.onLastValue(stream, opened);
            }
        }
    }

    private void onGap(final GapDecoder in, final long nowNs) {
        final SubscribedStream stream = byId(in.streamId());
        if (stream != null && stream.isNext(in.fromSequence())) {
            stream.received(in.toSequence(), nowNs, nowNs);
            listener.onGap(stream, in.fromSequence(), in.toSequence(), in.fromSample(), in.toSample(), in.reason());
        }
    }

    @Override
    int nextBody(final MutableDirectBuffer out, final int offset, final long nowNs) {
        for (final SubscribedStream stream : streams) {
            if (stream.takeUnsubscribePending()) {
                final UnsubscribeEncoder unsubscribe = new UnsubscribeEncoder();
                unsubscribe.wrapAndApplyHeader(out, offset, header).streamId(stream.streamId());
                return unsubscribe.encodedLength();
            }
            final AlertAcks.Entry ack = stream.isAnnounced() ? stream.alertAcks().take() : null;
            if (ack != null) {
                final AlertAckEncoder message = new AlertAckEncoder();
                message.wrapAndApplyHeader(out, offset, header).alertId(ack.alertId).sequence(ack.sequence)
                    .streamId(stream.streamId()).state(ack.state).participant("");
                return message.encodedLength();
            }
            final VitalsListener.Start start = stream.takeSubscribe();
            if (start != null) {
                final SubscribeEncoder subscribe = new SubscribeEncoder();
                subscribe.wrapAndApplyHeader(out, offset, header).value(start.value()).streamId(stream.streamId())
                    .credit(stream.credit(PROPOSED_CREDIT)).start(start.from())
                    .required(start.required() ? YesNo.YES : YesNo.NO);
                return subscribe.encodedLength();
            }
            final int credit = stream.credit(PROPOSED_CREDIT);
            if (stream.takeCredit(Math.max(1, credit / 4), nowNs)) {
                final CreditEncoder message = new CreditEncoder();
                message.wrapAndApplyHeader(out, offset, header).receivedBelow(stream.nextSequence())
                    .streamId(stream.streamId()).credit(credit);
                stream.credited(credit, nowNs);
                return message.encodedLength();
            }
        }
        return 0;
    }

    @Override
    long bodyDeadlineNs() {
        long earliest = Long.MAX_VALUE;
        for (final SubscribedStream stream : streams) {
            earliest = Math.min(earliest, stream.creditDueNs());
        }
        return earliest;
    }

    @Override
    boolean sendsClock() {
        return false;
    }

    private @Nullable SubscribedStream byId(final long streamId) {
        for (final SubscribedStream stream : streams) {
            if (stream.isAnnounced() && stream.streamId() == streamId) {
                return stream;
            }
        }
        return null;
    }
}
