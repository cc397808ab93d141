package org.chevet.relay.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.List;
import org.agrona.DirectBuffer;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A vitals block makes no garbage from the bytes of its frame to the bytes of each subscriber's frame: reading frames,
 * the hub with its ring, acknowledgements, credit and timers, writing frames. Without sockets.
 */
class VitalsAllocationTest implements FrameReader.Sink {
    private static final long MS = 1_000_000L;
    private static final int PAYLOAD = 200;
    private static final int BLOCKS_PER_TURN = 4;
    private static final int TURNS = 5_000;
    private static final int PUBLISHER = 0;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final LaneStats stats = new LaneStats();
    private final VitalsHub hub =
        new VitalsHub(VitalsLimits.defaults().withRing(1000 * MS, 2 << 20), stats, 1, 0);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[8192]);
    private final UnsafeBuffer wire = new UnsafeBuffer(new byte[16_384]);
    private final FrameReader reader = new FrameReader(128 * 1024, this);
    private final FrameBatch batch = new FrameBatch();
    private final BlockEncoder block = new BlockEncoder();
    private final CreditEncoder credit = new CreditEncoder();
    private final byte[] payload = new byte[PAYLOAD];
    private int from = PUBLISHER;
    private int wireBytes;
    private long sequence;
    private long nowNs = 1000 * MS;
    private long bytesOut;

    /** A socket that takes everything. */
    private final class Kernel extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(final ChannelHandlerContext ctx, final Object written, final ChannelPromise promise) {
            bytesOut += ((ByteBuf) written).readableBytes();
            ((ByteBuf) written).release();
        }
    }

    private final EmbeddedChannel channel = new EmbeddedChannel(new Kernel());

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void aBlockAllocatesNothing(final int subscribers) {
        batch.retain();
        connect(subscribers);
        long best = Long.MAX_VALUE;
        // The first rounds warm up and fill the ring; a later one must be free of garbage.
        for (int round = 0; round < 8; round++) {
            final long forwarded = stats.counted(Counter.VITALS_BLOCKS_FORWARDED);
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < TURNS; i++) {
                turn(subscribers);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
            assertEquals((long) TURNS * BLOCKS_PER_TURN * subscribers,
                stats.counted(Counter.VITALS_BLOCKS_FORWARDED) - forwarded);
        }
        final long blocks = (long) TURNS * BLOCKS_PER_TURN;
        // The measuring call itself allocates a little now and then.
        assertTrue(best < 1000, best + " bytes for " + blocks + " blocks");
        assertTrue(bytesOut > 8 * blocks * subscribers * PAYLOAD, "all of it left");
        assertEquals(0, stats.counted(Counter.VITALS_GAPS_REPORTED));
        batch.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void aFaultyConnectionLeavesNothingForTheNext() {
        batch.retain();
        final EmbeddedChannel other = new EmbeddedChannel();
        batch.claim(other, 100);
        batch.send(100);
        batch.claim(channel, 100);
        batch.send(10);
        batch.flush(other);
        batch.flush(channel);
        assertEquals(12, bytesOut, "only its own frame");
        assertEquals(List.of(), List.copyOf(other.outboundMessages()));
        batch.release();
        channel.finishAndReleaseAll();
        other.finishAndReleaseAll();
    }

    /** Four blocks in one read, copies out to all, now and then credit and the timers. */
    private void turn(final int subscribers) {
        nowNs += MS;
        from = PUBLISHER;
        wireBytes = 0;
        for (int i = 0; i < BLOCKS_PER_TURN; i++) {
            block.wrapAndApplyHeader(message, 0, header).sequence(sequence).firstSample(sequence * 100)
                .deviceTimeNs(nowNs).streamId(1).sampleCount(100).flags().clear();
            block.putPayload(payload, 0, PAYLOAD);
            sequence++;
            frame(VitalsReader.HEADER_LENGTH + block.encodedLength());
        }
        assertEquals(wireBytes, reader.read(wire, 0, wireBytes));
        if (sequence % 64 == 0) {
            for (int i = 1; i <= subscribers; i++) {
                from = i;
                wireBytes = 0;
                credit.wrapAndApplyHeader(message, 0, header).receivedBelow(sequence - BLOCKS_PER_TURN).streamId(1)
                    .credit(256);
                frame(VitalsReader.HEADER_LENGTH + credit.encodedLength());
                reader.read(wire, 0, wireBytes);
            }
        }
        if (hub.nextDeadlineNs() <= nowNs) {
            for (int i = 1; i <= subscribers; i++) {
                hub.markDirty(i);
            }
            hub.handleTimeout(nowNs);
        }
        drain();
    }

    private void drain() {
        for (int connection; (connection = hub.pollDirty()) >= 0;) {
            while (true) {
                final int at = batch.claim(channel, hub.maxMessageBytes());
                final int length = hub.pollTransmit(connection, batch.buffer(), at, nowNs);
                if (length == 0) {
                    break;
                }
                batch.send(length);
            }
            batch.flush(channel);
            assertEquals(0, hub.closeCode(connection), hub.closeReason(connection));
        }
    }

    private void connect(final int subscribers) {
        final VitalsRights rights = new VitalsRights(EnumSet.allOf(Kind.class), EnumSet.allOf(Kind.class));
        for (int i = 0; i <= subscribers; i++) {
            hub.open(i, "participant-" + i, rights, nowNs);
            from = i;
            final HelloEncoder hello = new HelloEncoder();
            hello.wrapAndApplyHeader(message, 0, header).instance(i).maxVersion(0).client("test");
            send(hello.encodedLength());
            if (i == PUBLISHER) {
                final OpenStreamEncoder open = new OpenStreamEncoder();
                open.wrapAndApplyHeader(message, 0, header).rateNumerator(1000).rateDenominator(1).oldestSequence(0)
                    .nextSequence(0).scale(1).zeroOffset(0).missingValue(0).handle(1).mdcCode(0).bodySite(0).keyId(7)
                    .staleAfterMs(0).kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM)
                    .sampleFormat(SampleFormat.OPAQUE).hasMissingValue(YesNo.NO).ackMode(AckMode.DELIVERED)
                    .channelsCount(1).next().mdc(0).label("c").unit("mV");
                open.name("stream").label("").device("bench");
                send(open.encodedLength());
            } else {
                final SubscribeEncoder subscribe = new SubscribeEncoder();
                subscribe.wrapAndApplyHeader(message, 0, header).value(0).streamId(1).credit(256)
                    .start(StartFrom.SEQUENCE).required(YesNo.YES);
                send(subscribe.encodedLength());
            }
            drain();
        }
    }

    private void send(final int encodedLength) {
        wireBytes = 0;
        frame(VitalsReader.HEADER_LENGTH + encodedLength);
        reader.read(wire, 0, wireBytes);
    }

    /** Puts the message on the wire as a masked frame. */
    private void frame(final int length) {
        int at = wireBytes;
        wire.putByte(at++, (byte) 0x82);
        if (length > 125) {
            wire.putByte(at++, (byte) (0x80 | 126));
            wire.putShort(at, (short) length, java.nio.ByteOrder.BIG_ENDIAN);
            at += 2;
        } else {
            wire.putByte(at++, (byte) (0x80 | length));
        }
        wire.putInt(at, 0x5A5A5A5A);
        at += 4;
        for (int i = 0; i < length; i++) {
            wire.putByte(at + i, (byte) (message.getByte(i) ^ 0x5A));
        }
        wireBytes = at + length;
    }

    @Override
    public boolean takesMessages() {
        return true;
    }

    @Override
    public void onMessage(final DirectBuffer in, final int offset, final int length) {
        assertEquals(VitalsHub.ACCEPTED, hub.handleMessage(from, in, offset, length, nowNs));
    }

    @Override
    public void onText() {
        throw new AssertionError("text");
    }

    @Override
    public void onPing(final DirectBuffer in, final int offset, final int length) {
        throw new AssertionError("ping");
    }

    @Override
    public void onClose(final int code) {
        throw new AssertionError("close " + code);
    }

    @Override
    public void onTooLarge() {
        throw new AssertionError("too large");
    }

    @Override
    public void onBroken() {
        throw new AssertionError("broken");
    }
}
