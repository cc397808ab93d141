package org.chevet.relay.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.vitals.VitalsReader;
import org.chevet.codec.vitals.sbe.AckMode;
import org.chevet.codec.vitals.sbe.BlockDecoder;
import org.chevet.codec.vitals.sbe.BlockEncoder;
import org.chevet.codec.vitals.sbe.ClinicalClass;
import org.chevet.codec.vitals.sbe.HelloEncoder;
import org.chevet.codec.vitals.sbe.Kind;
import org.chevet.codec.vitals.sbe.MessageHeaderEncoder;
import org.chevet.codec.vitals.sbe.OpenStreamEncoder;
import org.chevet.codec.vitals.sbe.SampleFormat;
import org.chevet.codec.vitals.sbe.StartFrom;
import org.chevet.codec.vitals.sbe.SubscribeEncoder;
import org.chevet.codec.vitals.sbe.YesNo;
import org.chevet.relay.lane.RelayDoor.VitalsClient;
import org.chevet.relay.stats.LaneStats;
import org.chevet.relay.stats.TrafficClass;
import org.chevet.relay.vitals.VitalsHub;
import org.chevet.relay.vitals.VitalsLimits;
import org.chevet.relay.vitals.VitalsRights;
import org.junit.jupiter.api.Test;

/** A socket that catches up, or takes nothing for a while, still gets every block once and in order. */
class VitalsLinksTest {
    private static final int BLOCKS = 3000;
    private static final int PUBLISHER = 1;
    private static final int SUBSCRIBER = 2;
    private static final VitalsRights ALL =
        new VitalsRights(EnumSet.allOf(Kind.class), EnumSet.allOf(Kind.class));

    private long handOverNs = 1;
    private final List<String> rates = new ArrayList<>();
    private final List<Integer> gone = new ArrayList<>();
    private final LaneStats stats = new LaneStats();
    private final VitalsLinks links =
        new VitalsLinks(new VitalsHub(VitalsLimits.defaults(), stats, 1, 0), stats, new ForwardingTimes(stats),
            () -> handOverNs, gone::add, (participant, rateBps, nowNs) -> rates.add(participant + " " + rateBps));
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[4096]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final Socket publisher = new Socket();
    private final Socket subscriber = new Socket();

    /** Keeps the sequences of the blocks that were flushed to it. */
    private static final class Socket implements VitalsClient {
        final List<Long> sequences = new ArrayList<>();
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[128 * 1024]);
        private final List<Long> unflushed = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        String closed = "";

        @Override
        public boolean isWritable() {
            return room > 0;
        }

        @Override
        public int claim(final int maxLength) {
            assertTrue(4 + maxLength <= buffer.capacity(), "as much as is needed");
            return 4;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public void send(final int length) {
            room--;
            if (buffer.getShort(4 + 2, ByteOrder.LITTLE_ENDIAN) == BlockDecoder.TEMPLATE_ID) {
                unflushed.add(buffer.getLong(4 + VitalsReader.HEADER_LENGTH + BlockDecoder.sequenceEncodingOffset(),
                    ByteOrder.LITTLE_ENDIAN));
            }
        }

        @Override
        public void flush() {
            sequences.addAll(unflushed);
            unflushed.clear();
        }

        @Override
        public void close(final int code, final String reason) {
            assertEquals(List.of(), unflushed, "flushed before the close");
            closed = code + " " + reason;
        }
    }

    private void receive(final int from, final int encodedLength) {
        links.receive(from, message, 0, VitalsReader.HEADER_LENGTH + encodedLength, 1);
    }

    private void hello(final int from) {
        final HelloEncoder hello = new HelloEncoder();
        hello.wrapAndApplyHeader(message, 0, header).instance(from).maxVersion(0).client("test");
        receive(from, hello.encodedLength());
    }

    private void publish() {
        assertTrue(links.attach(PUBLISHER, "gateway", ALL, publisher, 1));
        hello(PUBLISHER);
        final OpenStreamEncoder open = new OpenStreamEncoder();
        open.wrapAndApplyHeader(message, 0, header).rateNumerator(1000).rateDenominator(1).oldestSequence(0)
            .nextSequence(0).scale(1).zeroOffset(0).missingValue(0).handle(1).mdcCode(0).bodySite(0).keyId(7)
            .staleAfterMs(0).kind(Kind.WAVEFORM).clinicalClass(ClinicalClass.LIVE_WAVEFORM)
            .sampleFormat(SampleFormat.OPAQUE).hasMissingValue(YesNo.NO).ackMode(AckMode.HELD)
            .channelsCount(1).next().mdc(0).label("c").unit("mV");
        open.name("stream").label("").device("test");
        receive(PUBLISHER, open.encodedLength());
        for (int i = 0; i < BLOCKS; i++) {
            block(i, 1);
        }
    }

    private void block(final long sequence, final long nowNs) {
        final BlockEncoder block = new BlockEncoder();
        block.wrapAndApplyHeader(message, 0, header).sequence(sequence).firstSample(sequence).deviceTimeNs(1)
            .streamId(1).sampleCount(1).flags().clear();
        block.putPayload(new byte[20], 0, 20);
        links.receive(PUBLISHER, message, 0, VitalsReader.HEADER_LENGTH + block.encodedLength(), nowNs);
    }

    private void drainAll(final long nowNs) {
        while (!links.drain(nowNs)) {
            assertTrue(subscriber.sequences.size() < 2 * BLOCKS, "it ends");
        }
    }

    private Histogram times() {
        return stats.forwardingTimes(TrafficClass.VITALS);
    }

    private void subscribe() {
        assertTrue(links.attach(SUBSCRIBER, "viewer", ALL, subscriber, 1));
        hello(SUBSCRIBER);
        final SubscribeEncoder subscribe = new SubscribeEncoder();
        subscribe.wrapAndApplyHeader(message, 0, header).value(0).streamId(1).credit(2 * BLOCKS)
            .start(StartFrom.SEQUENCE).required(YesNo.NO);
        receive(SUBSCRIBER, subscribe.encodedLength());
    }

    private void assertAllInOrder() {
        assertEquals(BLOCKS, subscriber.sequences.size());
        for (int i = 0; i < BLOCKS; i++) {
            assertEquals(i, subscriber.sequences.get(i));
        }
    }

    @Test
    void catchingUpTakesSeveralTurnsAndLeavesNothingOut() {
        publish();
        subscribe();
        assertFalse(links.drain(2), "more than a turn may send");
        assertTrue(subscriber.sequences.size() < VitalsLinks.MAX_MESSAGES_PER_TURN);
        assertFalse(links.drain(2));
        assertTrue(links.drain(2), "that was all");
        assertAllInOrder();
    }

    @Test
    void aFullSocketGoesOnWhereItStopped() {
        publish();
        subscribe();
        subscriber.room = 10;
        assertTrue(links.drain(2), "nothing more to do until the socket says so");
        final int before = subscriber.sequences.size();
        assertTrue(before < 10, "welcome and announcement go first");
        assertTrue(links.drain(2));
        assertEquals(before, subscriber.sequences.size());
        subscriber.room = Integer.MAX_VALUE;
        links.writable(SUBSCRIBER);
        while (!links.drain(2)) {
            assertTrue(subscriber.sequences.size() > before);
        }
        assertAllInOrder();
    }

    @Test
    void aLiveBlockIsTimedFromItsReadToItsHandOver() {
        publish();
        subscribe();
        drainAll(2);
        assertAllInOrder();
        assertEquals(0, times().getTotalCount(), "what was in the ring before is not timed");

        block(BLOCKS, 1_000);
        block(BLOCKS + 1, 1_000);
        block(BLOCKS + 2, 1_500);
        handOverNs = 2_000;
        drainAll(1_600);
        final Histogram times = times();
        assertEquals(3, times.getTotalCount());
        assertEquals(2, times.getCountAtValue(1_000));
        assertEquals(1, times.getCountAtValue(500));
        handOverNs = 9_000;
        drainAll(8_000);
        assertEquals(3, times().getTotalCount(), "each once");
    }

    @Test
    void whatWaitsForAFullSocketIsNotTimed() {
        publish();
        subscribe();
        drainAll(2);
        subscriber.room = 1;
        block(BLOCKS, 1_000);
        block(BLOCKS + 1, 1_000);
        handOverNs = 1_100;
        drainAll(1_000);
        assertEquals(1, times().getTotalCount(), "one went at once");
        subscriber.room = Integer.MAX_VALUE;
        links.writable(SUBSCRIBER);
        block(BLOCKS + 2, 50_000);
        handOverNs = 50_100;
        drainAll(50_000);
        assertEquals(BLOCKS + 3, subscriber.sequences.size());
        assertEquals(2, times().getTotalCount(), "the one that waited for its reader is left out");
        assertEquals(100, times().getMaxValue());
    }

    @Test
    void whoBreaksTheRulesIsToldAndClosed() {
        subscribe();
        hello(SUBSCRIBER);
        links.drain(2);
        assertTrue(subscriber.closed.startsWith("4405 "), subscriber.closed);
        assertEquals(List.of(SUBSCRIBER), gone);
        hello(SUBSCRIBER);
        links.writable(SUBSCRIBER);
        assertTrue(links.drain(2), "it is not there any more");
        links.detach(SUBSCRIBER, 3);
        assertEquals(List.of(SUBSCRIBER), gone, "once");
    }
}
