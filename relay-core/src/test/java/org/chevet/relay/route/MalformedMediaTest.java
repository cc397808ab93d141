package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.relay.memory.PacketSlab;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad bytes of an authenticated peer: each a counted drop, none an exception, none anybody else's trouble. */
class MalformedMediaTest {
    private final Bench bench = new Bench(256);

    @BeforeEach
    void publishAndView() {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS),
            Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, 500, 0), Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
                Bench.VIDEO_EXTENSIONS, 600, 601));
    }

    @AfterEach
    void othersGoOnAndNoSlotIsLeaked() {
        bench.packet(77, 111, 9, 0, true);
        final int before = bench.sent.size();
        bench.rtp(1, new byte[] {1});
        assertEquals(before + 1, bench.sent.size());
        bench.close();
    }

    @ParameterizedTest
    @CsvSource({
        "empty,                         '',                                         RTP_MALFORMED",
        "eleven bytes,                  806f000100000000000000,                     RTP_MALFORMED",
        "version 1,                     406f0001000000000000004dff,                 RTP_MALFORMED",
        "CSRCs beyond the end,          8f6f0001000000000000004dff,                 RTP_MALFORMED",
        "extension beyond the end,      906f0001000000000000004dbede0009ff,         RTP_MALFORMED",
        "padding count 0,               a06f0001000000000000004d000000,             RTP_MALFORMED",
        "padding longer than packet,    a06f0001000000000000004d0000ff,             RTP_MALFORMED",
        "no payload,                    806f0001000000000000004d,                   RTP_PADDING_ONLY",
        "nothing but padding,           a06f0001000000000000004d000003,             RTP_PADDING_ONLY",
        "nobody's payload type,         80050001000000000000004dff,                 RTP_UNKNOWN_STREAM",
        "repair before media,           80610001000000000000004e000110aabb,         RTP_PADDING_ONLY",
        "repair of half a number,       80610001000000000000004e00,                 RTP_PADDING_ONLY",
        "delta before key frame,        80600001000000000000004f1001000000,         AWAITING_KEY_FRAME"})
    void rtpIsDroppedWithItsReason(final String what, final String hex, final DropReason reason) {
        final byte[] bytes = HexFormat.of().parseHex(hex);
        bench.datagram(1, new UnsafeBuffer(bytes), 0, bytes.length);
        assertEquals(1, bench.dropped(reason), what + " " + bench.drops());
        assertEquals(0, bench.sent.size(), what);
    }

    @ParameterizedTest
    @CsvSource({
        "empty,              ''",
        "three bytes,        80c900",
        "version 0,          00c9000100000001",
        "longer than it is,  80c9000200000001",
        "bad padding,        a0c9000100000000"})
    void rtcpIsDroppedWithItsReason(final String what, final String hex) {
        final byte[] bytes = HexFormat.of().parseHex(hex);
        for (final int peer : new int[] {1, 2}) {
            assertEquals(MediaRouter.DROPPED,
                bench.router.onRtcp(peer, new UnsafeBuffer(bytes), 0, bytes.length, bench.nowNs), what);
        }
        assertEquals(2, bench.dropped(DropReason.RTCP_MALFORMED), what);
    }

    @Test
    void packetsOfStrangersAndSubscribersAreRefused() {
        bench.packet(77, 111, 1, 0, true);
        assertEquals(MediaRouter.DROPPED, bench.rtp(99, new byte[] {1}));
        bench.packet(77, 111, 1, 0, true);
        assertEquals(MediaRouter.DROPPED, bench.rtp(2, new byte[] {1}));
        assertEquals(2, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
        assertEquals(MediaRouter.DROPPED, bench.router.onRtcp(99, bench.buffer, 0, 8, 0));
        assertEquals(1, bench.dropped(DropReason.NOT_ADMITTED));
    }

    @Test
    void packetsLargerThanASlotAreRefused() {
        final int slot = bench.slab.acquire();
        assertEquals(MediaRouter.DROPPED, bench.router.onRtp(1, slot, bench.slab.offset(slot),
            PacketSlab.MAX_PACKET_LENGTH + 1, 0, 0));
        assertEquals(1, bench.dropped(DropReason.PACKET_TOO_LARGE));
    }

    @Test
    void feedbackAboutOthersStreamsChangesNothing() {
        final var rtcp = bench.rtcpWriter();
        rtcp.receiverReport(1);
        rtcp.reportBlock(12_345, 1, 1, 1, 1, 1, 1);
        rtcp.nack(1, 12_345, 7);
        rtcp.pictureLoss(1, 12_345);
        rtcp.fullIntraRequest(1, 12_345, 1);
        rtcp.bye(77);
        assertTrue(bench.rtcp(2, rtcp) > 0);
        assertTrue(bench.reports.isEmpty());
    }

    @Test
    void seededNoiseIsSurvived() {
        final long seed = 4242;
        final Random random = new Random(seed);
        final UnsafeBuffer noise = new UnsafeBuffer(new byte[1500]);
        for (int i = 0; i < 30_000; i++) {
            random.nextBytes(noise.byteArray());
            final int length = random.nextInt(100);
            if (random.nextBoolean()) {
                // Close to valid: right version, a known payload type, few SSRCs.
                noise.putByte(0, (byte) (0x80 | (noise.getByte(0) & 0x3F)));
                noise.putByte(1, new byte[] {111, 96, 97, (byte) 205, (byte) 206, (byte) 201}[random.nextInt(6)]);
                noise.putInt(8, random.nextInt(4));
            }
            if (random.nextInt(3) == 0) {
                bench.router.onRtcp(1 + random.nextInt(2), noise, 0, length, bench.nowNs);
            } else {
                bench.datagram(1, noise, 0, length);
            }
            if (i % 100 == 0) {
                bench.advance(50 * Bench.MS);
            }
        }
        assertTrue(bench.dropped(DropReason.RTP_MALFORMED) > 0, "seed " + seed);
        bench.advance(1500 * Bench.MS);
    }
}
