package org.chevet.relay.route;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.CongestionFeedback;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.relay.stats.Counter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Feedback that names packets by stream (RFC 8888) reaches the estimate, though no packet has a number of its own. */
class StreamFeedbackTest {
    private static final int SSRC = 500;
    private static final NegotiatedCodec OPUS =
        new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "", false, false, false, false, false);
    private final Bench bench = new Bench(1024);

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    private void talk(final boolean agreed) {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(OPUS), Bench.AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, new NegotiatedSection("x", MediaKind.AUDIO, Flow.SEND,
            List.of(OPUS), Map.of(), true, true, List.of(), SSRC, 0, "", "", agreed));
        for (int i = 0; i < 10; i++) {
            bench.packet(77, 111, i, i * 960, false).extension16(3, i);
            bench.rtp(1, new byte[80]);
            bench.advance(20 * Bench.MS);
        }
    }

    /** All packets arrived but the last but one. */
    private void answer(final int ssrc) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[40]);
        bytes.putInt(0, 0x8BCD_0009, BIG_ENDIAN);
        bytes.putInt(8, ssrc, BIG_ENDIAN);
        bytes.putShort(12, (short) bench.sentTo(2, SSRC).getFirst().sequence(), BIG_ENDIAN);
        bytes.putShort(14, (short) 10, BIG_ENDIAN);
        for (int i = 0; i < 10; i++) {
            bytes.putShort(16 + 2 * i, (short) (i == 8 ? 0 : 0x8000 | (200 - 20 * i)), BIG_ENDIAN);
        }
        bytes.putInt(36, 65_536, BIG_ENDIAN);
        final RtcpCompound compound = new RtcpCompound();
        assertTrue(compound.wrap(bytes, 0, 40) && compound.next() && new CongestionFeedback().wrap(compound));
        bench.router.onRtcp(2, bytes, 0, 40, bench.nowNs);
    }

    @Test
    void itTellsOfEveryPacketOfTheStream() {
        talk(true);
        final SubscriberSide side = bench.router.subscriber(2);
        assertTrue(side.control.isLimited());
        assertTrue(side.control.outstandingBytes() > 1000);
        answer(SSRC + 1);
        assertTrue(side.control.outstandingBytes() > 1000, "another stream's packets");
        answer(SSRC);
        assertEquals(0, side.control.outstandingBytes());
        assertEquals(2, bench.stats.counted(Counter.CONGESTION_FEEDBACKS_RECEIVED));
        assertEquals(2, bench.stats.targets().getTotalCount());
    }

    @Test
    void whoDidNotAgreeToItIsNotLimited() {
        talk(false);
        assertFalse(bench.router.subscriber(2).control.isLimited());
    }
}
