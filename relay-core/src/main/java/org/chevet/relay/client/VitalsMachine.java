package org.chevet.relay.client;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.ClockEstimateEncoder;
import org.chevet.codec.vitals.sbe.ClockRequestEncoder;
import org.chevet.codec.vitals.sbe.ClockResponseDecoder;
import org.chevet.codec.vitals.sbe.ErrorDecoder;
import org.chevet.codec.vitals.sbe.HeartbeatEncoder;
import org.chevet.codec.vitals.sbe.HelloEncoder;
import org.chevet.codec.vitals.sbe.MessageHeaderDecoder;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.WelcomeDecoder;
import org.chevet.relay.stream.ClockFilter;

/**
 * What publishers and subscribers have in common: greeting, heartbeat, clock exchange, errors. Sans-IO; time is the
 * client's own clock in nanoseconds, which is also device time. One thread at a time.
 */
abstract class VitalsMachine {
    static final long SECOND_NS = 1_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long FAST_EXCHANGE_NS = SECOND_NS / 10;
    private static final long SLOW_EXCHANGE_NS = 10 * SECOND_NS;
    private static final int FAST_EXCHANGES = 12;

    final MessageHeaderEncoder header = new MessageHeaderEncoder();
    final MessageHeaderDecoder inHeader = new MessageHeaderDecoder();
    final VitalsEvents events;
    private final long instance;
    private final String clientName;
    private final ClockFilter clock = new ClockFilter();
    private boolean helloPending;
    private boolean welcomed;
    private boolean estimatePending;
    private int exchanges;
    private long relayEpoch;
    private long nextExchangeNs;
    private long lastReceivedNs;
    private long lastSentNs;
    private long heartbeatNs = SECOND_NS;
    private long timeoutNs = 10 * SECOND_NS;
    private int maxBlockBytes = 64 * 1024;

    VitalsMachine(final long instance, final String clientName, final VitalsEvents events) {
        this.instance = instance;
        this.clientName = clientName;
        this.events = events;
    }

    /** The transport is there: greet. */
    final void connected(final long nowNs) {
        helloPending = true;
        welcomed = false;
        lastReceivedNs = nowNs;
        lastSentNs = nowNs;
    }

    /** The transport is gone. */
    final void disconnected() {
        helloPending = false;
        welcomed = false;
        onDisconnected();
    }

    final boolean isWelcomed() {
        return welcomed;
    }

    final ClockFilter clock() {
        return clock;
    }

    final int maxBlockBytes() {
        return maxBlockBytes;
    }

    /** True when the relay has been silent so long that the connection must be given up. */
    final boolean isDead(final long nowNs) {
        return nowNs - lastReceivedNs >= timeoutNs;
    }

    /** When {@link #isDead} becomes true if nothing comes. */
    final long deadAtNs() {
        return lastReceivedNs + timeoutNs;
    }

    /** When something is due; Long.MAX_VALUE = never. Only meaningful while connected. */
    final long nextDeadlineNs() {
        if (!welcomed) {
            return lastReceivedNs + timeoutNs;
        }
        final long own = Math.min(Math.min(lastSentNs + heartbeatNs, nextExchangeNs), lastReceivedNs + timeoutNs);
        return Math.min(own, bodyDeadlineNs());
    }

    /** One message of the relay; bad ones are counted as an event and ignored. */
    final void handle(final DirectBuffer in, final int offset, final int length, final long nowNs) {
        lastReceivedNs = nowNs;
        final int template = VitalsReader.check(in, offset, length);
        if (template < 0) {
            events.onMalformed(VitalsReader.describe(template));
            return;
        }
        switch (template) {
            case WelcomeDecoder.TEMPLATE_ID -> {
                final WelcomeDecoder welcome = new WelcomeDecoder().wrapAndApplyHeader(in, offset, inHeader);
                welcomed = true;
                heartbeatNs = Math.max(1, welcome.heartbeatMs()) * NS_PER_MS;
                timeoutNs = Math.max(1, welcome.timeoutMs()) * NS_PER_MS;
                maxBlockBytes = (int) welcome.maxBlockBytes();
                exchanges = 0;
                if (welcome.relayEpoch() != relayEpoch) {
                    relayEpoch = welcome.relayEpoch();
                    clock.reset();
                }
                nextExchangeNs = nowNs;
                final String participant = welcome.participant();
                onWelcome(participant, nowNs);
                events.onConnected(participant);
            }
            case ClockResponseDecoder.TEMPLATE_ID -> {
                final ClockResponseDecoder answer = new ClockResponseDecoder().wrapAndApplyHeader(in, offset, inHeader);
                clock.add(answer.clientSendNs(), answer.relayReceiveNs(), answer.relaySendNs(), nowNs);
                estimatePending = clock.isReady();
            }
            case ErrorDecoder.TEMPLATE_ID -> {
                final ErrorDecoder error = new ErrorDecoder().wrapAndApplyHeader(in, offset, inHeader);
                onError(error, nowNs);
                events.onRefused(error.code(), error.text());
            }
            default -> onMessage(template, in, offset, nowNs);
        }
    }

    /** Writes the next message and returns its length; 0 when there is none now. */
    final int pollTransmit(final MutableDirectBuffer out, final int offset, final long nowNs) {
        final int length = next(out, offset, nowNs);
        if (length == 0) {
            return 0;
        }
        lastSentNs = nowNs;
        return VitalsReader.HEADER_LENGTH + length;
    }

    private int next(final MutableDirectBuffer out, final int offset, final long nowNs) {
        if (helloPending) {
            helloPending = false;
            final HelloEncoder hello = new HelloEncoder();
            hello.wrapAndApplyHeader(out, offset, header).instance(instance)
                .maxVersion(MessageHeaderEncoder.SCHEMA_VERSION).client(clientName);
            return hello.encodedLength();
        }
        if (!welcomed) {
            return 0;
        }
        if (nowNs >= nextExchangeNs) {
            exchanges++;
            nextExchangeNs = nowNs + (exchanges < FAST_EXCHANGES ? FAST_EXCHANGE_NS : SLOW_EXCHANGE_NS);
            final ClockRequestEncoder request = new ClockRequestEncoder();
            request.wrapAndApplyHeader(out, offset, header).clientSendNs(nowNs).exchange(exchanges);
            return request.encodedLength();
        }
        final int body = nextBody(out, offset, nowNs);
        if (body > 0) {
            return body;
        }
        if (estimatePending && sendsClock()) {
            estimatePending = false;
            final ClockEstimateEncoder estimate = new ClockEstimateEncoder();
            estimate.wrapAndApplyHeader(out, offset, header).offsetNs(clock.offsetNs(nowNs))
                .uncertaintyNs(clock.uncertaintyNs(nowNs)).samples(clock.samples());
            return estimate.encodedLength();
        }
        if (nowNs - lastSentNs >= heartbeatNs) {
            final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
            heartbeat.wrapAndApplyHeader(out, offset, header).timeNs(nowNs);
            return heartbeat.encodedLength();
        }
        return 0;
    }

    abstract void onWelcome(String participant, long nowNs);

    abstract void onDisconnected();

    abstract void onError(ErrorDecoder error, long nowNs);

    abstract void onMessage(int template, DirectBuffer in, int offset, long nowNs);

    /** Writes the next message of the role; returns the length without the header, 0 = none. */
    abstract int nextBody(MutableDirectBuffer out, int offset, long nowNs);

    abstract long bodyDeadlineNs();

    abstract boolean sendsClock();
}
