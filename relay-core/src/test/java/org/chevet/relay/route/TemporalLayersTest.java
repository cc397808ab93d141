package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** VP8 with three temporal layers and no dependency descriptor: some are left out, and nobody can tell. */
class TemporalLayersTest {
    private static final int[] TEMPORAL = {0, 2, 1, 2};
    /** Layer sync: the frame refers to the base layer alone. */
    private static final boolean[] SYNC = {false, true, true, false};
    private final Bench bench = new Bench(1024);
    private int frame;
    private int sequence = 65_500;
    private int tl0 = 250;

    @BeforeEach
    void publishAndView() {
        bench.publishAndViewVp8();
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void onlyWantedLayersAreSentAndNumbersCloseUp() {
        pictures(40);
        assertEquals(80, bench.sent.size(), "two packets a picture");
        assertTrue(bench.router.limitLayers(2, "y", 127, 0));
        pictures(40);
        assertEquals(80 + 20, bench.sent.size());
        assertTrue(bench.router.limitLayers(2, "y", 127, 1));
        pictures(40);
        assertEquals(80 + 20 + 40, bench.sent.size());
        assertTrue(bench.router.limitLayers(2, "y", 127, 127));
        pictures(40);
        assertEquals(80 + 20 + 40 + 80, bench.sent.size());
        assertEquals(100, bench.dropped(DropReason.LAYER_NOT_SELECTED));
        checkSeamless();
    }

    @Test
    void whatIsLostInBetweenStaysVisible() {
        pictures(8);
        bench.router.limitLayers(2, "y", 127, 0);
        pictures(4);
        // Four pictures of two packets, one of them of the base layer.
        sequence += 8;
        frame += 4;
        tl0++;
        pictures(4);
        final List<Bench.Sent> sent = bench.sentTo(2, 600);
        final Bench.Sent before = sent.get(sent.size() - 3);
        final Bench.Sent after = sent.get(sent.size() - 2);
        assertEquals(9, (after.sequence() - before.sequence()) & 0xFFFF, "what was lost might have been wanted");
        assertEquals(5, (pictureId(after.payload()) - pictureId(before.payload())) & 0x7FFF);
    }

    @Test
    void aNarrowLinkLosesPicturesAndNotTheVideo() {
        // Two packets of 9 bytes a picture: 38 kbit/s on the way, a half and a quarter of it below.
        pictures(80);
        assertEquals(160, bench.sent.size());
        bench.router.limitBandwidth(2, 25_000, bench.nowNs);
        pictures(40);
        assertEquals(160 + 40, bench.sent.size());
        bench.router.limitBandwidth(2, 12_000, bench.nowNs);
        pictures(40);
        assertEquals(200 + 20, bench.sent.size());
        bench.router.limitBandwidth(2, 5_000, bench.nowNs);
        pictures(40);
        assertEquals(220, bench.sent.size(), "not even that fits: paused");
    }

    @Test
    void aWishBoundsTheFrameRate() {
        pictures(80);
        bench.router.wish(2, "y", new VideoWish(VideoWish.NO_LIMIT, VideoWish.NO_LIMIT, 15, false,
            VideoProfile.MOTION), bench.nowNs);
        pictures(40);
        assertEquals(160 + 40, bench.sent.size());
        bench.router.wish(2, "y", new VideoWish(VideoWish.NO_LIMIT, VideoWish.NO_LIMIT, 1, false,
            VideoProfile.MOTION), bench.nowNs);
        pictures(40);
        assertEquals(200 + 20, bench.sent.size(), "the least there is");
        checkSeamless();
    }

    @Test
    void aSectionThatIsNotThereCannotBeLimited() {
        assertFalse(bench.router.limitLayers(2, "z", 0, 0));
        assertFalse(bench.router.limitLayers(1, "v", 0, 0));
    }

    /** Pictures of two packets each, the first of all a key frame. */
    private void pictures(final int count) {
        for (int i = 0; i < count; i++, frame++) {
            final int temporal = TEMPORAL[frame % 4];
            tl0 += temporal == 0 ? 1 : 0;
            for (int part = 0; part < 2; part++) {
                final int id = (32_700 + frame) & 0x7FFF;
                final byte[] payload = {(byte) (0x80 | (part == 0 ? 0x10 : 0)), (byte) 0xE0, (byte) (0x80 | (id >> 8)),
                    (byte) id, (byte) tl0, (byte) ((temporal << 6) | (SYNC[frame % 4] ? 0x20 : 0)),
                    (byte) (frame == 0 ? 0 : 1), (byte) frame, (byte) part};
                bench.packet(7, 96, sequence++ & 0xFFFF, frame * 3000, part == 1);
                bench.withText(4, "v");
                bench.rtp(1, payload);
            }
            bench.advance(33_333_333);
        }
    }

    private static int pictureId(final byte[] payload) {
        return ((payload[2] & 0x7F) << 8) | (payload[3] & 0xFF);
    }

    private void checkSeamless() {
        for (int i = 1; i < bench.sent.size(); i++) {
            final Bench.Sent before = bench.sent.get(i - 1);
            final Bench.Sent now = bench.sent.get(i);
            assertEquals((before.sequence() + 1) & 0xFFFF, now.sequence(), "at " + i);
            final int step = i % 2 == 0 ? 1 : 0;
            assertEquals((pictureId(before.payload()) + step) & 0x7FFF, pictureId(now.payload()), "picture at " + i);
            final int base = (now.payload()[4] - before.payload()[4]) & 0xFF;
            assertTrue(base <= 1, "TL0PICIDX at " + i);
        }
    }
}
