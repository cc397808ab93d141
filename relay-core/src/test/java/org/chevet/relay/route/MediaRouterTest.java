package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.AUDIO_EXTENSIONS;
import static org.chevet.relay.route.Bench.MS;
import static org.chevet.relay.route.Bench.OPUS;
import static org.chevet.relay.route.Bench.VIDEO_EXTENSIONS;
import static org.chevet.relay.route.Bench.VP8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.Nack;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Routing, binding, learning and rewriting, packet by packet. */
class MediaRouterTest {
    private static final byte[] KEY = {0x10, 0x00, 0x00, 0x00, 1, 2, 3};
    private static final byte[] DELTA = {0x10, 0x01, 0x00, 0x00, 4, 5, 6};
    private static final byte[] SOUND = {9, 9, 9};
    private final Bench bench = new Bench(256);

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    @Tag("REQ-A1")
    void audioIsForwardedAtOnceUnderTheSubscribersNumbers() {
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        bench.packet(77, 111, 9, 1000, true).extension8(1, 0x85);
        bench.withText(4, "a");
        assertEquals(1, bench.rtp(1, SOUND));
        final Bench.Sent out = bench.sent.get(0);
        assertEquals(2, out.peer());
        assertEquals(500, out.ssrc());
        assertEquals(109, out.payloadType());
        assertEquals(1000, out.timestamp());
        assertTrue(out.marker());
        assertArrayEquals(SOUND, out.payload());
        assertArrayEquals(new byte[] {(byte) 0x85}, out.extensions().get(6));
        assertArrayEquals(new byte[] {'x'}, out.extensions().get(7));
        assertEquals(3, out.extensions().get(8).length);
        assertArrayEquals(new byte[] {0, 0}, out.extensions().get(9));
        assertFalse(out.twoByte());
    }

    @Test
    void midStopsWithTheFirstReceiverReport() {
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        sound(77, 1);
        assertTrue(bench.sent.get(0).extensions().containsKey(7));
        final var rtcp = bench.rtcpWriter();
        rtcp.receiverReport(1);
        rtcp.reportBlock(500, 0, 0, 0, 0, 0, 0);
        bench.rtcp(2, rtcp);
        sound(77, 2);
        assertFalse(bench.sent.get(1).extensions().containsKey(7));
    }

    @Test
    void videoStartsAtAKeyFrameWhichIsAskedFor() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 1, 3000, DELTA);
        assertEquals(0, bench.sent.size());
        assertEquals(1, bench.dropped(DropReason.AWAITING_KEY_FRAME));
        assertEquals(1, pictureLossesTo(1));
        picture(88, 2, 3000, DELTA);
        assertEquals(1, pictureLossesTo(1));
        bench.advance(500 * MS);
        assertEquals(2, pictureLossesTo(1));
        picture(88, 3, 6000, KEY);
        picture(88, 4, 6000, DELTA);
        assertEquals(2, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
        bench.advance(3000 * MS);
        assertEquals(2, pictureLossesTo(1));
    }

    @Test
    void whatOvertookTheFirstPacketOfTheKeyFrameIsSentAfterIt() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 1, 3000, DELTA);
        picture(88, 3, 6000, DELTA);
        picture(88, 2, 6000, KEY);
        assertEquals(2, bench.sent.size());
        assertArrayEquals(KEY, bench.sent.get(0).payload());
        assertArrayEquals(DELTA, bench.sent.get(1).payload());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
    }

    @Test
    @Tag("REQ-A10")
    void nothingIsSpentOnAPeerWithoutKeysAndAPauseLeavesNoHole() {
        bench.publisher(1, 1, camera("v"), mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601), ear("x", 500));
        bench.router.setConnected(2, false, bench.nowNs);
        picture(88, 1, 3000, KEY);
        picture(88, 2, 6000, DELTA);
        sound(77, 1);
        assertEquals(0, bench.sent.size());
        assertEquals(0, pictureLossesTo(1));
        assertEquals(3, bench.dropped(DropReason.NOT_CONNECTED));
        bench.router.setConnected(2, true, bench.nowNs);
        bench.egress.flush(bench, bench.nowNs);
        assertEquals(1, pictureLossesTo(1));
        picture(88, 3, 9000, KEY);
        sound(77, 2);
        assertEquals(2, bench.sent.size());
        bench.router.setConnected(2, false, bench.nowNs);
        picture(88, 4, 12_000, KEY);
        sound(77, 3);
        bench.router.setConnected(2, true, bench.nowNs);
        picture(88, 5, 15_000, DELTA);
        picture(88, 6, 18_000, KEY);
        sound(77, 4);
        assertEquals(4, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(2).sequence());
        assertEquals(bench.sent.get(1).sequence() + 1, bench.sent.get(3).sequence());
        assertEquals(9000, bench.sent.get(2).timestamp() - bench.sent.get(0).timestamp());
    }

    @Test
    void paddingIsNeverForwardedAndLeavesNoHole() {
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        sound(77, 1);
        bench.packet(77, 111, 2, 0, false).padding(true);
        bench.rtp(1, new byte[] {0, 0, 0, 4});
        bench.packet(77, 111, 3, 0, false).padding(true);
        bench.rtp(1, new byte[] {1, 2, 0, 0, 3});
        assertEquals(2, bench.sent.size());
        assertArrayEquals(new byte[] {1, 2}, bench.sent.get(1).payload());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
        assertEquals(1, bench.dropped(DropReason.RTP_PADDING_ONLY));
    }

    @Test
    void repairIsUnwrappedOnceAndProbesAreNot() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        repair(89, 1, 3000, 5, DELTA);
        assertEquals(1, bench.dropped(DropReason.RTP_PADDING_ONLY));
        picture(88, 10, 3000, KEY);
        picture(88, 12, 3000, DELTA);
        repair(89, 2, 3000, 11, DELTA);
        assertEquals(3, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(2).sequence());
        assertArrayEquals(DELTA, bench.sent.get(2).payload());
        assertEquals(96 + 4, bench.sent.get(2).payloadType());
        repair(89, 3, 3000, 11, DELTA);
        repair(89, 4, 3000, 10, KEY);
        picture(88, 11, 3000, DELTA);
        assertEquals(3, bench.sent.size());
        assertEquals(3, bench.dropped(DropReason.RTP_DUPLICATE));
        bench.packet(89, 97, 5, 3000, false).padding(true);
        bench.withText(4, "v");
        bench.rtp(1, new byte[] {0, 0, 3});
        assertEquals(2, bench.dropped(DropReason.RTP_PADDING_ONLY));
    }

    @Test
    void lossIsAskedForUpstreamAndStaysAHoleDownstream() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 65_534, 3000, KEY);
        picture(88, 1, 3000, DELTA);
        assertEquals(3, (bench.sent.get(1).sequence() - bench.sent.get(0).sequence()) & 0xFFFF);
        bench.advance(10 * MS);
        assertEquals(2, bench.stats.counted(Counter.NACKS_SENT));
        picture(88, 65_535, 3000, DELTA);
        picture(88, 0, 3000, DELTA);
        assertEquals(4, bench.sent.size());
        bench.advance(400 * MS);
        assertEquals(2, bench.stats.counted(Counter.NACKS_SENT));
    }

    @Test
    void nackIsAnsweredAsRtxOncePerRoundTrip() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 10, 3000, KEY);
        picture(88, 11, 6000, DELTA);
        final int lost = bench.sent.get(1).sequence();
        nack(2, 600, lost);
        nack(2, 600, lost);
        final List<Bench.Sent> repairs = bench.sentTo(2, 601);
        assertEquals(1, repairs.size());
        assertEquals(101, repairs.get(0).payloadType());
        assertEquals(6000, repairs.get(0).timestamp());
        assertEquals(lost, (repairs.get(0).payload()[0] & 0xFF) << 8 | (repairs.get(0).payload()[1] & 0xFF));
        assertEquals(DELTA.length + 2, repairs.get(0).payload().length);
        assertEquals(1, bench.dropped(DropReason.RETRANSMISSION_THROTTLED));
        bench.advance(60 * MS);
        nack(2, 600, lost);
        assertEquals(2, bench.sentTo(2, 601).size());
        assertEquals(repairs.get(0).sequence() + 1, bench.sentTo(2, 601).get(1).sequence());
        nack(2, 600, lost + 5);
        assertEquals(1, bench.dropped(DropReason.HISTORY_MISS));
        bench.advance(2000 * MS);
        nack(2, 600, lost);
        assertEquals(2, bench.dropped(DropReason.HISTORY_MISS));
    }

    @Test
    void nackWithoutRtxRepeatsThePacketItselfWhereItWasAgreed() {
        final NegotiatedCodec agreed =
            new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "", true, false, false, false, false);
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY,
            Bench.send("x", MediaKind.AUDIO, List.of(agreed), Bench.AUDIO_EXTENSIONS, 500, 0));
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY, ear("x", 501));
        sound(77, 1);
        nack(2, 500, bench.sentTo(2, 500).get(0).sequence());
        assertEquals(1, bench.again.size());
        assertArrayEquals(bench.sealed.get(0), bench.again.get(0));
        nack(3, 501, bench.sentTo(3, 501).get(0).sequence());
        assertEquals(1, bench.again.size(), "nobody kept it as it left");
        assertEquals(1, bench.dropped(DropReason.SEALED_MISS));
        assertEquals(2, bench.sent.size(), "nothing is sealed a second time");
    }

    @Test
    void aRepairThatComesTooLateToForwardCanStillBeAskedFor() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 10, 3000, KEY);
        picture(88, 12, 3000, DELTA);
        final int hole = bench.sent.get(0).sequence() + 1;
        nack(2, 600, hole);
        assertEquals(1, bench.dropped(DropReason.HISTORY_MISS));
        picture(88, 11, 3000, DELTA);
        nack(2, 600, hole);
        assertEquals(1, bench.sentTo(2, 601).size());
    }

    @Test
    void pictureLossAndFullIntraRequestReachThePublisherOnce() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY, screen("y", 700, 701));
        picture(88, 10, 3000, KEY);
        for (int i = 0; i < 5; i++) {
            final var pli = bench.rtcpWriter();
            pli.pictureLoss(1, 600);
            bench.rtcp(2, pli);
            final var fir = bench.rtcpWriter();
            fir.fullIntraRequest(1, 700, i);
            bench.rtcp(3, fir);
        }
        assertEquals(1, pictureLossesTo(1));
        assertEquals(10, bench.stats.counted(Counter.KEY_FRAME_REQUESTS_RECEIVED));
        bench.advance(300 * MS);
        picture(88, 11, 6000, KEY);
        bench.advance(2000 * MS);
        assertEquals(1, pictureLossesTo(1));
    }

    @Test
    void lostSoundIsAskedForWhenItsPublisherAgreedAndForwardedInItsPlace() {
        final NegotiatedCodec opus =
            new NegotiatedCodec(Codec.OPUS, 111, -1, 48_000, 2, "minptime=10", true, false, false, true, false);
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(opus), AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        sound(77, 1);
        sound(77, 2);
        sound(77, 4);
        bench.advance(100 * MS);
        assertTrue(bench.stats.counted(Counter.NACKS_SENT) >= 1);
        assertTrue(bench.reportsTo(1).stream().anyMatch(report -> {
            final RtcpCompound compound = new RtcpCompound();
            final Nack nack = new Nack();
            boolean asked = false;
            compound.wrap(new UnsafeBuffer(report.bytes()), 0, report.bytes().length);
            while (compound.next()) {
                asked |= nack.wrap(compound) && nack.mediaSsrc() == 77 && nack.next() == 3 && nack.next() < 0;
            }
            return asked;
        }));
        final long asked = bench.stats.counted(Counter.NACKS_SENT);
        sound(77, 3);
        final List<Bench.Sent> sent = bench.sentTo(2, 500);
        assertEquals(4, sent.size());
        assertEquals(sent.get(2).sequence() - 1, sent.get(3).sequence(), "the late one has its own number");
        bench.advance(2000 * MS);
        assertEquals(asked, bench.stats.counted(Counter.NACKS_SENT), "it has come: no more is asked");
    }

    @Test
    void sourcesAreLearnedWithoutMidFromTheOffer() {
        bench.publisher(1, 1, Bench.receive("v1", MediaKind.VIDEO, List.of(VP8), VIDEO_EXTENSIONS,
            new OfferedSource("", 11, 12)), Bench.receive("v2", MediaKind.VIDEO, List.of(VP8), VIDEO_EXTENSIONS,
                new OfferedSource("", 21, 22)));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y1", 600, 601), screen("y2", 700, 701));
        plain(21, 96, 1, KEY);
        plain(11, 96, 1, KEY);
        plain(31, 96, 1, KEY);
        assertEquals(1, bench.sentTo(2, 700).size());
        assertEquals(1, bench.sentTo(2, 600).size());
        assertEquals(1, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
    }

    @Test
    void aPayloadTypeOfOneSectionOnlyIsEnough() {
        bench.publisher(1, 1, mic("a"), camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500), screen("y", 600, 601));
        plain(41, 111, 1, SOUND);
        plain(42, 96, 1, KEY);
        assertEquals(1, bench.sentTo(2, 500).size());
        assertEquals(1, bench.sentTo(2, 600).size());
    }

    @Test
    void aFloodOfUnknownSourcesCostsNothing() {
        bench.publisher(1, 1, mic("a"), camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500), screen("y", 600, 601));
        sound(77, 1);
        for (int i = 0; i < 10_000; i++) {
            plain(1000 + i, 111, i, SOUND);
            bench.packet(100_000 + i, 50, 1, 0, false);
            bench.withText(4, "nobody");
            bench.rtp(1, SOUND);
        }
        assertEquals(20_000, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
        assertEquals(1, bench.sent.size());
        sound(77, 2);
        assertEquals(2, bench.sent.size());
    }

    @Test
    void aNewSourceInTheSameSectionTakesOverWithoutASeam() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 500, 3000, KEY);
        picture(88, 501, 6000, DELTA);
        bench.advance(100 * MS);
        picture(99, 9, 77, DELTA);
        picture(88, 502, 9000, DELTA);
        picture(99, 10, 3077, KEY);
        assertEquals(3, bench.sent.size());
        assertEquals(bench.sent.get(1).sequence() + 1, bench.sent.get(2).sequence());
        assertEquals(6000 + 9000, bench.sent.get(2).timestamp());
        assertEquals(1, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
    }

    @Test
    void aRestartUnderTheSameSourceWaitsForAKeyFrame() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 500, 3000, KEY);
        picture(88, 30_000, 9, DELTA);
        picture(88, 30_001, 9, DELTA);
        assertEquals(1, bench.dropped(DropReason.AWAITING_KEY_FRAME));
        picture(88, 30_002, 3009, KEY);
        assertEquals(2, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
        assertTrue(bench.sent.get(1).timestamp() > 3000);
    }

    @Test
    void goodbyeFreesTheSourceForTheNextOne() {
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        plain(41, 111, 1, SOUND);
        final var bye = bench.rtcpWriter();
        bye.bye(41);
        assertEquals(1, bench.rtcp(1, bye));
        plain(43, 111, 800, SOUND);
        assertEquals(2, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
    }

    @Test
    void sectionsAreBoundByIdParkedAndReboundInOrder() {
        bench.publisher(1, 1, mic("a"), camera("v"));
        bench.subscriber(2, 2, List.of(1, PeerMedia.ANY, PeerMedia.ANY), PeerMedia.ANY, screen("y1", 600, 601),
            screen("y2", 700, 701), ear("x", 500));
        assertEquals(List.of("2 y1 1", "2 x 0"), bench.bindings);
        bench.publisher(3, 3, camera("w"));
        assertEquals("2 y2 2", bench.bindings.get(2));
        bench.publisher(4, 4, camera("w"));
        assertEquals(3, bench.bindings.size());
        bench.router.removePeer(1, bench.nowNs);
        assertEquals(List.of("2 x -1", "2 y1 -1", "2 y1 3"), bench.bindings.subList(3, 6));
        bench.router.removePeer(3, bench.nowNs);
        bench.publisher(5, 1, camera("v"));
        bench.publisher(6, 3, camera("w"));
        assertEquals(3, bench.router.bound(2, "y1"));
        assertEquals(4, bench.router.bound(2, "y2"));
        assertEquals(PeerMedia.ANY, bench.router.bound(2, "x"));
    }

    @Test
    void aReturningParticipantGetsTheSectionItHad() {
        bench.publisher(1, 1, camera("v"));
        bench.publisher(3, 3, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y1", 600, 601), screen("y2", 700, 701));
        bench.router.removePeer(1, bench.nowNs);
        bench.router.removePeer(3, bench.nowNs);
        bench.publisher(4, 3, camera("v"));
        assertEquals(2, bench.router.bound(2, "y2"));
    }

    @Test
    void nobodyReceivesOwnTracksNorThoseOfAnotherThanAskedFor() {
        bench.subscriber(2, 1, List.of(0, 0), PeerMedia.ANY, ear("x", 500), ear("x2", 501));
        bench.subscriber(3, 3, List.of(), 9, ear("x", 502));
        bench.publisher(1, 1, mic("a"));
        assertEquals(List.of(), bench.bindings);
        bench.publisher(9, 9, mic("a"));
        assertEquals(List.of("2 x 1", "3 x 1"), bench.bindings);
    }

    @Test
    @Tag("REQ-A9")
    void whoAsksForTheirOwnByNameSeesWhatTheOthersSee() {
        bench.subscriber(2, 1, List.of(), 1, screen("y", 600, 601));
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY, screen("y", 700, 701));
        bench.publisher(9, 9, camera("v"));
        assertEquals(List.of("3 y 0"), bench.bindings);
        bench.publisher(1, 1, camera("v"));
        assertEquals(List.of("3 y 0", "2 y 1"), bench.bindings);
        picture(88, 500, 3000, KEY);
        assertEquals(List.of(2), bench.sent.stream().map(Bench.Sent::peer).toList());
    }

    @Test
    void aPublisherThatIsReplacedGoesOnInTheSameStream() {
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 500, 3000, KEY);
        bench.router.removePeer(1, bench.nowNs);
        assertEquals(0, bench.slab.inUse());
        bench.advance(1000 * MS);
        bench.publisher(7, 1, camera("v"));
        bench.packet(5, 96, 1, 42, true);
        bench.withText(4, "v");
        bench.rtp(7, KEY);
        assertEquals(2, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
        assertEquals(3000 + 90_000, bench.sent.get(1).timestamp());
    }

    @Test
    @Tag("REQ-P1")
    void nothingLeavesForAPeerThatIsRemoved() {
        bench.publisher(1, 1, mic("a"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, ear("x", 500));
        sound(77, 1);
        final int slot = bench.slab.acquire();
        final int length = bench.packet(77, 111, 2, 0, false).write(bench.slab.buffer(), bench.slab.offset(slot), 99);
        bench.slab.buffer().putByte(bench.slab.offset(slot) + length, (byte) 1);
        assertEquals(1, bench.router.onRtp(1, slot, bench.slab.offset(slot), length + 1, 0, bench.nowNs));
        bench.router.removePeer(2, bench.nowNs);
        bench.egress.flush(bench, bench.nowNs);
        assertEquals(1, bench.sent.size());
        assertEquals(1, bench.dropped(DropReason.NOT_ADMITTED));
    }

    @Test
    void codecsThatTheSubscriberLacksAreDroppedWithoutAHole() {
        final NegotiatedCodec vp9 =
            new NegotiatedCodec(Codec.VP9, 98, 99, 90_000, 0, "profile-id=0", true, true, false, true, false);
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(VP8, vp9), VIDEO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        picture(88, 1, 3000, KEY);
        bench.packet(88, 98, 2, 3000, false);
        bench.rtp(1, DELTA);
        bench.packet(88, 50, 3, 3000, false);
        bench.rtp(1, DELTA);
        picture(88, 4, 6000, DELTA);
        assertEquals(2, bench.sent.size());
        assertEquals(bench.sent.get(0).sequence() + 1, bench.sent.get(1).sequence());
        assertEquals(1, bench.dropped(DropReason.CODEC_NOT_NEGOTIATED));
        assertEquals(1, bench.dropped(DropReason.RTP_UNKNOWN_PAYLOAD_TYPE));
    }

    @Test
    void twoByteHeadersOnlyWhereAgreed() {
        final byte[] descriptor = new byte[23];
        descriptor[1] = 5;
        final NegotiatedSection plain = new NegotiatedSection("y", MediaKind.VIDEO, Flow.SEND, List.of(VP8),
            VIDEO_EXTENSIONS, false, true, List.of(), 700, 701, "", "");
        bench.publisher(1, 1, camera("v"));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, screen("y", 600, 601));
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY, plain);
        bench.packet(88, 96, 1, 0, true).extension(12, new org.agrona.concurrent.UnsafeBuffer(descriptor), 0, 23);
        bench.rtp(1, KEY);
        assertTrue(bench.sentTo(2, 600).get(0).twoByte());
        assertEquals(23, bench.sentTo(2, 600).get(0).extensions().get(15).length);
        assertFalse(bench.sentTo(3, 700).get(0).twoByte());
        assertFalse(bench.sentTo(3, 700).get(0).extensions().containsKey(12));
    }

    @Test
    void boundsOfPeersAndSectionsAreRefused() {
        bench.publisher(1, 1, mic("a"));
        assertEquals(MediaRouter.PEER_EXISTS, bench.router.addPeer(1, media(1), 0));
        assertEquals(MediaRouter.TOO_MANY, bench.router.addPeer(2, media(MediaRouter.MAX_SECTIONS + 1), 0));
        for (int peer = 2; peer <= MediaRouter.MAX_PEERS; peer++) {
            assertEquals(MediaRouter.ADDED, bench.router.addPeer(peer, media(1), 0));
        }
        assertEquals(MediaRouter.TOO_MANY, bench.router.addPeer(999, media(1), 0));
        bench.router.removePeer(12_345, 0);
        assertEquals(MediaRouter.MAX_PEERS, bench.router.publications().size());
        assertNotEquals(bench.router.publications().get(0).id(), bench.router.publications().get(1).id());
    }

    private static PeerMedia media(final int sections) {
        return new PeerMedia(5, "five", true, java.util.Collections.nCopies(sections, mic("a")), List.of(),
            PeerMedia.ANY, "c");
    }

    private static NegotiatedSection mic(final String mid) {
        return Bench.receive(mid, MediaKind.AUDIO, List.of(OPUS), AUDIO_EXTENSIONS);
    }

    private static NegotiatedSection camera(final String mid) {
        return Bench.receive(mid, MediaKind.VIDEO, List.of(VP8), VIDEO_EXTENSIONS);
    }

    private static NegotiatedSection ear(final String mid, final int ssrc) {
        final NegotiatedCodec opus =
            new NegotiatedCodec(Codec.OPUS, 109, -1, 48_000, 2, "", false, false, false, true, false);
        return Bench.send(mid, MediaKind.AUDIO, List.of(opus), Map.of(HeaderExtension.AUDIO_LEVEL, 6,
            HeaderExtension.MID, 7, HeaderExtension.ABS_SEND_TIME, 8, HeaderExtension.TRANSPORT_CC, 9), ssrc, 0);
    }

    private static NegotiatedSection screen(final String mid, final int ssrc, final int rtxSsrc) {
        final NegotiatedCodec vp8 =
            new NegotiatedCodec(Codec.VP8, 100, 101, 90_000, 0, "", true, true, true, true, false);
        return Bench.send(mid, MediaKind.VIDEO, List.of(vp8),
            Map.of(HeaderExtension.MID, 7, HeaderExtension.DEPENDENCY_DESCRIPTOR, 15), ssrc, rtxSsrc);
    }

    private void sound(final int ssrc, final int sequence) {
        bench.packet(ssrc, 111, sequence, sequence * 960, false);
        bench.withText(4, "a");
        bench.rtp(1, SOUND);
    }

    private void picture(final int ssrc, final int sequence, final int timestamp, final byte[] payload) {
        bench.packet(ssrc, 96, sequence, timestamp, true);
        bench.withText(4, "v");
        bench.rtp(1, payload);
    }

    private void repair(final int ssrc, final int sequence, final int timestamp, final int original,
        final byte[] payload) {
        final byte[] wrapped = new byte[payload.length + 2];
        wrapped[0] = (byte) (original >> 8);
        wrapped[1] = (byte) original;
        System.arraycopy(payload, 0, wrapped, 2, payload.length);
        bench.packet(ssrc, 97, sequence, timestamp, true);
        bench.withText(4, "v");
        bench.rtp(1, wrapped);
    }

    private void plain(final int ssrc, final int payloadType, final int sequence, final byte[] payload) {
        bench.packet(ssrc, payloadType, sequence, 0, true);
        bench.rtp(1, payload);
    }

    private void nack(final int peer, final int ssrc, final int sequence) {
        final var rtcp = bench.rtcpWriter();
        rtcp.nack(1, ssrc, sequence & 0xFFFF);
        bench.rtcp(peer, rtcp);
    }

    private long pictureLossesTo(final int peer) {
        return bench.reportsTo(peer).stream()
            .filter(report -> (report.bytes()[0] & 0x1F) == 1 && (report.bytes()[1] & 0xFF) == 206).count();
    }
}
