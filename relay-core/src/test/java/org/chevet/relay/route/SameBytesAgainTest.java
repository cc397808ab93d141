package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Speech that a listener missed is sent again though no retransmission stream was agreed: byte by byte the same. */
class SameBytesAgainTest {
    private static final int SSRC = 500;
    private static final NegotiatedCodec OPUS =
        new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "", true, false, false, true, false);
    private final Bench bench = new Bench(1024);

    @BeforeEach
    void publishAndListen() {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(OPUS), Bench.AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY,
            Bench.send("x", MediaKind.AUDIO, List.of(OPUS), Bench.AUDIO_EXTENSIONS, SSRC, 0));
        for (int i = 0; i < 50; i++) {
            sound(i);
            bench.advance(20 * Bench.MS);
        }
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void whatWasMissedIsSentAgainAsItLeft() {
        ask(40, 45);
        assertEquals(2, bench.again.size());
        assertArrayEquals(bench.sealed.get(40), bench.again.get(0));
        assertArrayEquals(bench.sealed.get(45), bench.again.get(1));
        assertEquals(2, bench.stats.counted(Counter.RETRANSMISSIONS_SENT));
        assertEquals(50, bench.sentTo(2, SSRC).size(), "nothing is sealed a second time");
    }

    @Test
    void itIsSentOncePerRoundTrip() {
        ask(40);
        ask(40);
        assertEquals(1, bench.again.size());
        assertEquals(1, bench.dropped(DropReason.RETRANSMISSION_THROTTLED));
        bench.advance(60 * Bench.MS);
        ask(40);
        assertEquals(2, bench.again.size());
    }

    @Test
    void whatIsTooOldIsNot() {
        for (int i = 50; i < 130; i++) {
            sound(i);
        }
        ask(40);
        assertEquals(0, bench.again.size());
        assertEquals(1, bench.dropped(DropReason.HISTORY_MISS));
    }

    @Test
    void whatIsNotHeldAsItLeftIsNotSealedASecondTime() {
        for (int i = 50; i < 80; i++) {
            bench.packet(77, 111, i, i * 960, false).extension16(3, i);
            bench.rtp(1, new byte[1000]);
        }
        final int left = bench.sentTo(2, SSRC).size();
        ask(50, 79);
        assertEquals(1, bench.again.size(), "16 KiB of sealed packets hold the newer one only");
        assertEquals(1, bench.dropped(DropReason.SEALED_MISS));
        assertEquals(left, bench.sentTo(2, SSRC).size());
        assertEquals(1, bench.stats.counted(Counter.RETRANSMISSIONS_SENT));
    }

    @Test
    void nothingOfAPublisherWhoIsGoneIsSentAgain() {
        bench.router.removePeer(1, bench.nowNs);
        ask(40);
        assertEquals(0, bench.again.size());
        assertEquals(1, bench.dropped(DropReason.HISTORY_MISS));
    }

    @Test
    void thePublisherIsAskedForSpeechToo() {
        sound(52);
        bench.advance(50 * Bench.MS);
        assertEquals(2, bench.stats.counted(Counter.NACKS_SENT));
        sound(50);
        sound(51);
        assertEquals(53, bench.sentTo(2, SSRC).size());
    }

    private void sound(final int sequence) {
        bench.packet(77, 111, sequence, sequence * 960, false).extension16(3, sequence);
        bench.rtp(1, new byte[] {(byte) sequence, 2, 3});
    }

    private void ask(final int... positions) {
        final RtcpWriter rtcp = bench.rtcpWriter();
        final int first = bench.sentTo(2, SSRC).get(0).sequence();
        for (final int position : positions) {
            rtcp.nack(1, SSRC, (first + position) & 0xFFFF);
        }
        assertTrue(bench.rtcp(2, rtcp) > 0);
    }
}
