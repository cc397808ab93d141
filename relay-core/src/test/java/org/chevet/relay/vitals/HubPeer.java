package org.chevet.relay.vitals;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.*;

/** A client of a hub under test: sends messages, writes down what comes back as short lines. */
final class HubPeer {
    static final VitalsRights ALL = new VitalsRights(EnumSet.range(Kind.WAVEFORM, Kind.OBJECT),
        EnumSet.range(Kind.WAVEFORM, Kind.OBJECT));
    static final VitalsRights RECEIVE = new VitalsRights(EnumSet.noneOf(Kind.class),
        EnumSet.range(Kind.WAVEFORM, Kind.OBJECT));

    private final VitalsHub hub;
    private final MutableDirectBuffer buffer = new UnsafeBuffer(new byte[1 << 21]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder inHeader = new MessageHeaderDecoder();
    final int connection;
    long streamId;
    long nextSequence;

    HubPeer(final VitalsHub hub, final int connection) {
        this.hub = hub;
        this.connection = connection;
    }

    static HubPeer connected(final VitalsHub hub, final int connection, final String participant,
        final VitalsRights rights, final long instance, final long nowNs) {
        final HubPeer peer = new HubPeer(hub, connection);
        hub.open(connection, participant, rights, nowNs);
        peer.hello(instance, nowNs);
        return peer;
    }

    int send(final int bodyLength, final long nowNs) {
        return hub.handleMessage(connection, buffer, 0, VitalsReader.HEADER_LENGTH + bodyLength, nowNs);
    }

    int raw(final byte[] bytes, final long nowNs) {
        return hub.handleMessage(connection, new UnsafeBuffer(bytes), 0, bytes.length, nowNs);
    }

    int hello(final long instance, final long nowNs) {
        final HelloEncoder out = new HelloEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).instance(instance).maxVersion(0).client("test 1");
        return send(out.encodedLength(), nowNs);
    }

    int openStream(final String name, final long oldest, final long next, final long nowNs) {
        return openStream(name, Kind.WAVEFORM, 500, oldest, next, nowNs);
    }

    int openStream(final String name, final Kind kind, final long rateHz, final long oldest, final long next,
        final long nowNs) {
        final OpenStreamEncoder out = encodeOpen(buffer, name, kind, rateHz, oldest, next);
        return send(out.encodedLength(), nowNs);
    }

    OpenStreamEncoder encodeOpen(final MutableDirectBuffer into, final String name, final Kind kind,
        final long rateHz, final long oldest, final long next) {
        final OpenStreamEncoder out = new OpenStreamEncoder();
        out.wrapAndApplyHeader(into, 0, header).rateNumerator(rateHz).rateDenominator(1).oldestSequence(oldest)
            .nextSequence(next).scale(0.001).zeroOffset(0).missingValue(-32768).handle(7)
            .mdcCode(131330).bodySite(0).keyId(0).staleAfterMs(0).kind(kind)
            .clinicalClass(kind == Kind.NUMERIC ? ClinicalClass.NUMERICS : ClinicalClass.LIVE_WAVEFORM)
            .sampleFormat(SampleFormat.I16LE).hasMissingValue(YesNo.YES).ackMode(AckMode.HELD)
            .channelsCount(1).next().mdc(131330).label("II").unit("mV");
        out.name(name).label("ECG").device("bench");
        return out;
    }

    int block(final long stream, final long sequence, final long firstSample, final int samples, final int flags,
        final int payload, final long nowNs) {
        final BlockEncoder out = new BlockEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).sequence(sequence).firstSample(firstSample).deviceTimeNs(nowNs)
            .streamId(stream).sampleCount(samples).flags().clear();
        buffer.putInt(VitalsReader.HEADER_LENGTH + BlockEncoder.flagsEncodingOffset(), flags,
            java.nio.ByteOrder.LITTLE_ENDIAN);
        final byte[] bytes = new byte[payload];
        for (int i = 0; i < payload; i++) {
            bytes[i] = (byte) (sequence * 31 + i);
        }
        out.putPayload(bytes, 0, payload);
        return send(out.encodedLength(), nowNs);
    }

    /** Ten samples a block, 20 bytes. */
    int block(final long stream, final long sequence, final long nowNs) {
        return block(stream, sequence, sequence * 10, 10, 0, 20, nowNs);
    }

    int gap(final long stream, final long from, final long to, final long toSample, final long nowNs) {
        final GapEncoder out = new GapEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).fromSequence(from).toSequence(to)
            .fromSample(VitalsReader.NO_INDEX).toSample(toSample).streamId(stream).reason(GapReason.PUBLISHER_LOST);
        return send(out.encodedLength(), nowNs);
    }

    int end(final long stream, final long next, final long nowNs) {
        final StreamStateEncoder out = new StreamStateEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).sinceNs(VitalsReader.NO_TIME).nextSequence(next)
            .nextSample(VitalsReader.NO_INDEX).streamId(stream).status(StreamStatus.ENDED);
        return send(out.encodedLength(), nowNs);
    }

    int subscribe(final long stream, final StartFrom start, final long value, final long credit,
        final boolean required, final long nowNs) {
        final SubscribeEncoder out = new SubscribeEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).value(value).streamId(stream).credit(credit).start(start)
            .required(required ? YesNo.YES : YesNo.NO);
        return send(out.encodedLength(), nowNs);
    }

    int unsubscribe(final long stream, final long nowNs) {
        final UnsubscribeEncoder out = new UnsubscribeEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).streamId(stream);
        return send(out.encodedLength(), nowNs);
    }

    int credit(final long stream, final long receivedBelow, final long credit, final long nowNs) {
        final CreditEncoder out = new CreditEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).receivedBelow(receivedBelow).streamId(stream).credit(credit);
        return send(out.encodedLength(), nowNs);
    }

    int clockRequest(final long clientNs, final int exchange, final long nowNs) {
        final ClockRequestEncoder out = new ClockRequestEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).clientSendNs(clientNs).exchange(exchange);
        return send(out.encodedLength(), nowNs);
    }

    int clockEstimate(final long offsetNs, final long uncertaintyNs, final int samples, final long nowNs) {
        final ClockEstimateEncoder out = new ClockEstimateEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).offsetNs(offsetNs).uncertaintyNs(uncertaintyNs).samples(samples);
        return send(out.encodedLength(), nowNs);
    }

    int heartbeat(final long nowNs) {
        final HeartbeatEncoder out = new HeartbeatEncoder();
        out.wrapAndApplyHeader(buffer, 0, header).timeNs(nowNs);
        return send(out.encodedLength(), nowNs);
    }

    /** Everything the hub has for this connection now. */
    List<String> drain(final long nowNs) {
        final List<String> lines = new ArrayList<>();
        String line = poll(nowNs);
        while (line != null) {
            lines.add(line);
            line = poll(nowNs);
        }
        return lines;
    }

    /** The next message as a line, or null; every message the hub writes must pass the reader. */
    String poll(final long nowNs) {
        final int length = hub.pollTransmit(connection, buffer, 0, nowNs);
        if (length == 0) {
            return null;
        }
        final int template = VitalsReader.check(buffer, 0, length);
        if (template < 0) {
            throw new AssertionError("the hub wrote a bad message: " + VitalsReader.describe(template));
        }
        return line(template);
    }

    private String line(final int template) {
        return switch (template) {
            case WelcomeDecoder.TEMPLATE_ID -> {
                final WelcomeDecoder welcome = new WelcomeDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "welcome " + welcome.relayTimeNs() + " " + welcome.relayEpoch() + " " + welcome.participant();
            }
            case StreamOpenedDecoder.TEMPLATE_ID -> {
                final StreamOpenedDecoder opened = new StreamOpenedDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                streamId = opened.streamId();
                nextSequence = opened.nextSequence();
                yield "opened " + opened.handle() + " as " + opened.streamId() + " next " + opened.nextSequence();
            }
            case StreamAnnouncedDecoder.TEMPLATE_ID -> {
                final StreamAnnouncedDecoder in = new StreamAnnouncedDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                final String head = "announced " + in.streamId() + " " + in.kind() + " " + in.status() + " "
                    + in.oldestSequence() + ".." + in.nextSequence() + " " + in.rateNumerator() + "/"
                    + in.rateDenominator();
                final StringBuilder text = new StringBuilder(head);
                for (final StreamAnnouncedDecoder.ChannelsDecoder channel : in.channels()) {
                    text.append(' ').append(channel.label()).append(' ').append(channel.unit());
                }
                streamId = in.streamId();
                yield text.append(' ').append(in.participant()).append('/').append(in.name()).toString();
            }
            case StreamStateDecoder.TEMPLATE_ID -> {
                final StreamStateDecoder state = new StreamStateDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "state " + state.streamId() + " " + state.status() + " next " + state.nextSequence();
            }
            case StreamClosedDecoder.TEMPLATE_ID -> {
                final StreamClosedDecoder closed = new StreamClosedDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "closed " + closed.streamId() + " " + closed.reason();
            }
            case BlockDecoder.TEMPLATE_ID -> {
                final BlockDecoder block = new BlockDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                checkPayload(block.sequence(), block.payloadLength());
                yield "block " + block.streamId() + " " + block.sequence() + " @" + block.firstSample() + "+"
                    + block.sampleCount();
            }
            case LastValueDecoder.TEMPLATE_ID -> {
                final LastValueDecoder last = new LastValueDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "last " + last.streamId() + " " + last.sequence();
            }
            case AckDecoder.TEMPLATE_ID -> {
                final AckDecoder ack = new AckDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "ack " + ack.streamId() + " held " + ack.heldBelow() + " delivered " + ack.deliveredBelow();
            }
            case SubscribedDecoder.TEMPLATE_ID -> {
                final SubscribedDecoder sub = new SubscribedDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "subscribed " + sub.streamId() + " from " + sub.firstSequence();
            }
            case GapDecoder.TEMPLATE_ID -> {
                final GapDecoder gap = new GapDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "gap " + gap.streamId() + " " + gap.fromSequence() + ".." + gap.toSequence() + " samples "
                    + gap.fromSample() + ".." + gap.toSample() + " " + gap.reason();
            }
            case ClockResponseDecoder.TEMPLATE_ID -> {
                final ClockResponseDecoder clock = new ClockResponseDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "clock " + clock.exchange() + " " + clock.clientSendNs() + " " + clock.relayReceiveNs() + " "
                    + clock.relaySendNs();
            }
            case PublisherClockDecoder.TEMPLATE_ID -> {
                final PublisherClockDecoder pub = new PublisherClockDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "publisher clock " + pub.participant() + " " + pub.offsetNs() + " +-" + pub.uncertaintyNs();
            }
            case HeartbeatDecoder.TEMPLATE_ID -> {
                yield "heartbeat";
            }
            case ErrorDecoder.TEMPLATE_ID -> {
                final ErrorDecoder error = new ErrorDecoder().wrapAndApplyHeader(buffer, 0, inHeader);
                yield "error " + error.code() + (error.fatal() == YesNo.YES ? " fatal" : "") + " message "
                    + error.refusedMessage() + " about " + error.reference() + " expected " + error.expected() + ": "
                    + error.text();
            }
            default -> "template " + template;
        };
    }

    /** Payloads are a function of the sequence: a block that was cut, mixed or shifted shows. */
    private void checkPayload(final long sequence, final int length) {
        for (int i = 0; i < length; i++) {
            final byte found = buffer.getByte(VitalsReader.BLOCK_OVERHEAD + i);
            if (found != (byte) (sequence * 31 + i)) {
                throw new AssertionError("payload byte " + i + " of block " + sequence + " is not what was sent");
            }
        }
    }
}
