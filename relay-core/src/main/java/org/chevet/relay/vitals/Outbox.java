package org.chevet.relay.vitals;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckEncoder;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.ClockResponseEncoder;
import org.chevet.codec.vitals.sbe.CloseReason;
import org.chevet.codec.vitals.sbe.ErrorEncoder;
import org.chevet.codec.vitals.sbe.GapEncoder;
import org.chevet.codec.vitals.sbe.GapReason;
import org.chevet.codec.vitals.sbe.HeartbeatEncoder;
import org.chevet.codec.vitals.sbe.LastValueEncoder;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.PublisherClockEncoder;
import org.chevet.codec.vitals.sbe.StreamAnnouncedEncoder;
import org.chevet.codec.vitals.sbe.StreamClosedEncoder;
import org.chevet.codec.vitals.sbe.StreamOpenedEncoder;
import org.chevet.codec.vitals.sbe.StreamStateEncoder;
import org.chevet.codec.vitals.sbe.SubscribedEncoder;
import org.chevet.codec.vitals.sbe.WelcomeEncoder;
import org.chevet.codec.vitals.sbe.YesNo;

/** Writes the relay's messages into the caller's buffer; every method returns the length. One thread. */
final class Outbox {
    private static final int TEMPLATE_OFFSET = MessageHeaderEncoder.templateIdEncodingOffset();
    private static final long NS_PER_MS = 1_000_000L;

    private final long relayEpoch;
    private final long utcOffsetNs;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final WelcomeEncoder welcome = new WelcomeEncoder();
    private final StreamOpenedEncoder opened = new StreamOpenedEncoder();
    private final StreamAnnouncedEncoder announced = new StreamAnnouncedEncoder();
    private final StreamStateEncoder state = new StreamStateEncoder();
    private final StreamClosedEncoder closed = new StreamClosedEncoder();
    private final AckEncoder ack = new AckEncoder();
    private final SubscribedEncoder subscribed = new SubscribedEncoder();
    private final GapEncoder gap = new GapEncoder();
    private final ClockResponseEncoder clockResponse = new ClockResponseEncoder();
    private final PublisherClockEncoder publisherClock = new PublisherClockEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final ErrorEncoder error = new ErrorEncoder();

    Outbox(final long relayEpoch, final long utcOffsetNs) {
        this.relayEpoch = relayEpoch;
        this.utcOffsetNs = utcOffsetNs;
    }

    long relayTimeNs(final long nowNs) {
        return nowNs + utcOffsetNs;
    }

    int welcome(final MutableDirectBuffer out, final int offset, final Connection to, final VitalsLimits limits,
        final long nowNs) {
        welcome.wrapAndApplyHeader(out, offset, header).relayTimeNs(relayTimeNs(nowNs)).relayEpoch(relayEpoch)
            .heartbeatMs(limits.heartbeatNs() / NS_PER_MS).timeoutMs(limits.timeoutNs() / NS_PER_MS)
            .maxBlockBytes(limits.maxBlockBytes()).defaultCredit(limits.defaultCredit()).version(to.version)
            .participant(to.participant);
        return length(welcome.encodedLength());
    }

    int opened(final MutableDirectBuffer out, final int offset, final View view) {
        final VitalsStream stream = view.stream;
        opened.wrapAndApplyHeader(out, offset, header).nextSequence(stream.nextSequence)
            .nextSample(stream.nextSample).handle(view.handle).streamId(stream.id);
        return length(opened.encodedLength());
    }

    int announced(final MutableDirectBuffer out, final int offset, final VitalsStream stream) {
        announced.wrapAndApplyHeader(out, offset, header).oldestSequence(stream.oldestSequence())
            .nextSequence(stream.nextSequence).instance(stream.instance).streamId(stream.id).status(stream.status);
        stream.definition.write(announced, stream.participant);
        return length(announced.encodedLength());
    }

    int state(final MutableDirectBuffer out, final int offset, final VitalsStream stream) {
        state.wrapAndApplyHeader(out, offset, header).sinceNs(relayTimeNs(stream.statusSinceNs))
            .nextSequence(stream.nextSequence).nextSample(stream.nextSample).streamId(stream.id)
            .status(stream.status);
        return length(state.encodedLength());
    }

    int closed(final MutableDirectBuffer out, final int offset, final VitalsStream stream, final CloseReason reason) {
        closed.wrapAndApplyHeader(out, offset, header).streamId(stream.id).reason(reason);
        return length(closed.encodedLength());
    }

    int ack(final MutableDirectBuffer out, final int offset, final VitalsStream stream) {
        final long delivered = Objects.isObject(stream) ? stream.deliveredBelow
            : Math.min(stream.deliveredBelow, stream.nextSequence);
        ack.wrapAndApplyHeader(out, offset, header).heldBelow(stream.nextSequence).deliveredBelow(delivered)
            .streamId(stream.id);
        return length(ack.encodedLength());
    }

    int subscribed(final MutableDirectBuffer out, final int offset, final View view) {
        subscribed.wrapAndApplyHeader(out, offset, header).firstSequence(view.cursor).streamId(view.stream.id);
        return length(subscribed.encodedLength());
    }

    int gap(final MutableDirectBuffer out, final int offset, final View view, final long toSequence,
        final long toSample, final GapReason reason) {
        gap.wrapAndApplyHeader(out, offset, header).fromSequence(view.cursor).toSequence(toSequence)
            .fromSample(view.nextSample).toSample(toSample).streamId(view.stream.id).reason(reason);
        return length(gap.encodedLength());
    }

    /** The block as it came in, but for the template id. */
    int lastValue(final MutableDirectBuffer out, final int offset, final VitalsStream stream) {
        final int length = stream.copyLastValue(out, offset);
        out.putShort(offset + TEMPLATE_OFFSET, (short) LastValueEncoder.TEMPLATE_ID, LITTLE_ENDIAN);
        return length;
    }

    /** The block as it came in: the stream id is the same for everyone. */
    int block(final MutableDirectBuffer out, final int offset, final View view, final int index) {
        final BlockRing ring = view.stream.ring;
        final int length = ring.copy(index, out, offset);
        final int block = offset + VitalsReader.HEADER_LENGTH;
        view.nextSample = ring.firstSample(index)
            + out.getInt(block + BlockDecoder.sampleCountEncodingOffset(), LITTLE_ENDIAN);
        return length;
    }

    int clockResponse(final MutableDirectBuffer out, final int offset, final Connection.ClockExchange exchange,
        final long nowNs) {
        clockResponse.wrapAndApplyHeader(out, offset, header).clientSendNs(exchange.clientSendNs())
            .relayReceiveNs(exchange.relayReceiveNs()).relaySendNs(relayTimeNs(nowNs)).exchange(exchange.exchange());
        return length(clockResponse.encodedLength());
    }

    int publisherClock(final MutableDirectBuffer out, final int offset, final String participant,
        final ClockOfPublisher clock) {
        publisherClock.wrapAndApplyHeader(out, offset, header).offsetNs(clock.offsetNs())
            .uncertaintyNs(clock.uncertaintyNs()).relayTimeNs(clock.relayTimeNs()).samples(clock.samples())
            .participant(participant);
        return length(publisherClock.encodedLength());
    }

    int heartbeat(final MutableDirectBuffer out, final int offset, final long nowNs) {
        heartbeat.wrapAndApplyHeader(out, offset, header).timeNs(relayTimeNs(nowNs));
        return length(heartbeat.encodedLength());
    }

    int error(final MutableDirectBuffer out, final int offset, final Connection.Refused refused) {
        error.wrapAndApplyHeader(out, offset, header).expected(refused.expected()).reference(refused.reference())
            .refusedMessage(refused.template()).code(refused.code()).fatal(refused.fatal() ? YesNo.YES : YesNo.NO)
            .text(refused.text());
        return length(error.encodedLength());
    }

    private static int length(final int body) {
        return VitalsReader.HEADER_LENGTH + body;
    }
}
