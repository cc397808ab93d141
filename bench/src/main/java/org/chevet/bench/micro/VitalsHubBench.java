package org.chevet.bench.micro;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.CreditEncoder;
import org.chevet.codec.vitals.sbe.HelloEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.OpenStreamEncoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.codec.vitals.sbe.SubscribeEncoder;
import org.chevet.codec.vitals.sbe.YesNo;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsLimits;
import org.chevet.relay.vitals.VitalsRights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A block of 200 opaque bytes into the hub and out of it to every subscriber, with their credit; no sockets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VitalsHubBench {
    private static final int PUBLISHER = 0;
    private static final int PAYLOAD = 200;
    private static final int SAMPLES = 100;
    private static final int CREDIT = 256;
    private static final int CREDIT_EVERY = 64;
    /** A block's distance from the next, slow enough for the bounds on a connection's rate. */
    private static final long SPACING_NS = 1_000_000L;
    private static final int RING_BYTES = 2 << 20;

    /** Who subscribed. */
    @Param({"1", "8"})
    int subscribers;

    private final LaneStats stats = new LaneStats();
    private final VitalsHub hub = new VitalsHub(
        VitalsLimits.defaults().withRing(1000 * SPACING_NS, RING_BYTES), stats, 1, 0);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final BlockEncoder block = new BlockEncoder();
    private final CreditEncoder credit = new CreditEncoder();
    private final UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(PAYLOAD));
    private final UnsafeBuffer in = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(128 * 1024));
    private long sequence;
    private long nowNs = 1000 * SPACING_NS;

    /** Connects everyone; fails when a block does not reach each subscriber. */
    @Setup
    public void connect() {
        final VitalsRights rights = new VitalsRights(EnumSet.allOf(Kind.class), EnumSet.allOf(Kind.class));
        for (int i = PUBLISHER; i <= subscribers; i++) {
            hub.open(i, "participant-" + i, rights, nowNs);
            final HelloEncoder hello = new HelloEncoder();
            hello.wrapAndApplyHeader(in, 0, header).instance(i).maxVersion(0).client("bench");
            handle(i, hello.encodedLength());
            if (i == PUBLISHER) {
                publish();
            } else {
                subscribe(i);
            }
            drain();
        }
        final long before = stats.counted(Counter.VITALS_BLOCKS_FORWARDED);
        forward();
        if (stats.counted(Counter.VITALS_BLOCKS_FORWARDED) - before != subscribers) {
            throw new IllegalStateException("a block did not reach every subscriber");
        }
    }

    /** One block and its copies. */
    @Benchmark
    public long forward() {
        nowNs += SPACING_NS;
        block.wrapAndApplyHeader(in, 0, header).sequence(sequence).firstSample(sequence * SAMPLES)
            .deviceTimeNs(nowNs).streamId(1).sampleCount(SAMPLES).flags().clear();
        block.putPayload(payload, 0, PAYLOAD);
        handle(PUBLISHER, block.encodedLength());
        sequence++;
        if (sequence % CREDIT_EVERY == 0) {
            giveCredit();
        }
        hub.handleTimeout(nowNs);
        return drain();
    }

    private void giveCredit() {
        for (int i = PUBLISHER + 1; i <= subscribers; i++) {
            credit.wrapAndApplyHeader(in, 0, header).receivedBelow(sequence - 1).streamId(1).credit(CREDIT);
            handle(i, credit.encodedLength());
        }
    }

    private long drain() {
        long bytes = 0;
        for (int connection; (connection = hub.pollDirty()) >= 0;) {
            for (int length; (length = hub.pollTransmit(connection, out, 0, nowNs)) > 0;) {
                bytes += length;
            }
        }
        return bytes;
    }

    private void handle(final int from, final int encodedLength) {
        final int answer = hub.handleMessage(from, in, 0, VitalsReader.HEADER_LENGTH + encodedLength, nowNs);
        if (answer != VitalsHub.ACCEPTED) {
            throw new IllegalStateException("refused " + answer + ": " + hub.closeReason(from));
        }
    }

    private void publish() {
        final OpenStreamEncoder open = new OpenStreamEncoder();
        open.wrapAndApplyHeader(in, 0, header).rateNumerator(1000).rateDenominator(1).oldestSequence(0)
            .nextSequence(0).scale(1).zeroOffset(0).missingValue(0).handle(1).mdcCode(0).bodySite(0).keyId(7)
            .staleAfterMs(0).kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM)
            .sampleFormat(SampleFormat.OPAQUE).hasMissingValue(YesNo.NO).ackMode(AckMode.DELIVERED)
            .channelsCount(1).next().mdc(0).label("c").unit("mV");
        open.name("stream").label("").device("bench");
        handle(PUBLISHER, open.encodedLength());
    }

    private void subscribe(final int connection) {
        final SubscribeEncoder subscribe = new SubscribeEncoder();
        subscribe.wrapAndApplyHeader(in, 0, header).value(0).streamId(1).credit(CREDIT).start(StartFrom.SEQUENCE)
            .required(YesNo.YES);
        handle(connection, subscribe.encodedLength());
    }
}
