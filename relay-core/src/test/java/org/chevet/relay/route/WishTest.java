package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.relay.bwe.VideoProfile;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What subscribers want of a video, and what its publisher hears of it. */
class WishTest {
    private static final int VIEWER = 2;
    private static final int OTHER = 3;
    private final Bench bench = new Bench(4096);
    private final Camera camera = new Camera(bench, 1, "v", "camera", 10, 100, 300, 900);

    @BeforeEach
    void publishAndView() {
        bench.publisher(1, 1, camera.section);
        view(VIEWER);
        pictures(60);
        assertEquals(2, layerSent(VIEWER), "without a wish the best");
        assertTrue(bench.demands.isEmpty(), "all was wanted from the start: " + bench.demands);
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void aSmallPictureGetsASmallLayerAndItsPublisherHearsOfIt() {
        assertTrue(bench.router.wish(VIEWER, "y", size(640, 360), bench.nowNs));
        pictures(30);
        assertEquals(1, layerSent(VIEWER));
        assertTrue(bench.demands.isEmpty(), "too early: " + bench.demands);
        pictures(90);
        assertEquals(List.of(new LayerDemand(0, 1, "v", List.of("0", "1"), 640, 360, VideoWish.NO_LIMIT)),
            bench.demands);
        // The publisher stops the layer nobody wants: what is left keeps its place.
        camera.size(2, 0);
        pictures(120);
        assertEquals(1, layerSent(VIEWER));
        assertEquals(1, bench.demands.size());
        bench.router.wish(VIEWER, "y", VideoWish.ANY, bench.nowNs);
        assertEquals(List.of("0", "1", "2"), bench.demands.get(1).rids(), "more is told at once");
        camera.size(2, 900);
        pictures(60);
        assertEquals(2, layerSent(VIEWER));
    }

    @Test
    void lessThanThereIsGetsTheSmallest() {
        bench.router.wish(VIEWER, "y", size(64, 64), bench.nowNs);
        pictures(150);
        assertEquals(0, layerSent(VIEWER));
        assertEquals(List.of("0"), bench.demands.get(0).rids());
    }

    @Test
    void theLargestWishOfAllCounts() {
        view(OTHER);
        bench.router.wish(VIEWER, "y", size(320, 180), bench.nowNs);
        bench.router.wish(OTHER, 0, size(640, 720), bench.nowNs);
        pictures(150);
        assertEquals(0, layerSent(VIEWER));
        assertEquals(1, layerSent(OTHER));
        final LayerDemand demand = bench.demands.get(bench.demands.size() - 1);
        assertEquals(List.of("0", "1"), demand.rids());
        assertEquals(640, demand.maxWidth());
        assertEquals(720, demand.maxHeight());
        bench.router.removePeer(OTHER, bench.nowNs);
        pictures(150);
        assertEquals(List.of("0"), bench.demands.get(bench.demands.size() - 1).rids());
        view(OTHER);
        assertEquals(List.of("0", "1", "2"), bench.demands.get(bench.demands.size() - 1).rids(),
            "who joins is told of at once");
    }

    @Test
    void aPausedVideoSendsNothingAndReturnsWithAKeyFrame() {
        final int before = bench.sent.size();
        assertTrue(bench.router.wish(VIEWER, 0, VideoWish.NOTHING, bench.nowNs));
        pictures(150);
        assertEquals(before, bench.sent.size());
        assertEquals(450, bench.dropped(DropReason.VIDEO_PAUSED));
        assertEquals(List.of(new LayerDemand(0, 1, "v", List.of(), 0, 0, 0)), bench.demands);
        bench.router.wish(VIEWER, 0, VideoWish.ANY, bench.nowNs);
        bench.advance(10 * MS);
        pictures(20);
        final Bench.Sent first = bench.sent.get(before);
        assertEquals(0, first.payload()[1], "a key frame");
        assertEquals(2, first.payload()[2]);
        assertEquals((bench.sent.get(before - 1).sequence() + 1) & 0xFFFF, first.sequence());
        assertTrue(bench.sent.size() > before + 10);
        assertEquals(2, bench.demands.size());
    }

    @Test
    void whoIsNotThereCannotWish() {
        assertFalse(bench.router.wish(VIEWER, "z", VideoWish.ANY, bench.nowNs));
        assertFalse(bench.router.wish(1, "v", VideoWish.ANY, bench.nowNs));
        assertFalse(bench.router.wish(VIEWER, 7, VideoWish.ANY, bench.nowNs));
        assertFalse(bench.router.wish(VIEWER, PeerMedia.ANY, VideoWish.ANY, bench.nowNs));
        assertFalse(bench.router.profile(7, VideoProfile.DETAIL, bench.nowNs));
        assertFalse(bench.router.onVitalsRate(1, 1000, bench.nowNs));
        assertThrows(IllegalArgumentException.class, () -> size(0, 5));
    }

    private static VideoWish size(final int width, final int height) {
        return new VideoWish(width, height, VideoWish.NO_LIMIT, false, VideoProfile.BALANCED);
    }

    private void view(final int peer) {
        bench.subscriber(peer, peer, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, 600 + peer, 700 + peer));
    }

    private void pictures(final int count) {
        for (int i = 0; i < count; i++) {
            camera.picture();
            bench.advance(33_333_333);
        }
    }

    private int layerSent(final int peer) {
        final List<Bench.Sent> sent = bench.sentTo(peer, 600 + peer);
        return sent.get(sent.size() - 1).payload()[2];
    }
}
