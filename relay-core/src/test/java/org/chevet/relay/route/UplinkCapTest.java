package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.Remb;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.relay.bwe.VideoProfile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What publishers are asked to send at most, read from the datagrams they get. */
class UplinkCapTest {
    private static final int VIEWER = 2;
    private static final int OTHER = 3;
    private static final NegotiatedCodec VP8_REMB =
        new NegotiatedCodec(Codec.VP8, 96, 97, 90_000, 0, "", true, true, true, true, true);
    private final Bench bench = new Bench(4096);
    private int reportsRead;

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void aVideoOfOneEncodingIsMadeToFit() {
        // 329 kbit/s of video for a viewer with 200.
        final Camera camera = camera(VP8_REMB, 1300);
        view(VIEWER);
        pictures(camera, 60);
        assertEquals(List.of(), rembs());
        bench.router.limitBandwidth(VIEWER, 200_000, bench.nowNs);
        pictures(camera, 30);
        int before = bench.sent.size();
        pictures(camera, 30);
        assertEquals(before, bench.sent.size(), "it does not fit yet");
        final List<Long> told = rembs();
        assertEquals(160_000, told.get(0), 100.0);
        // The encoder does as it is told: 570 bytes a picture are 137 kbit/s, which fits with a margin.
        camera.size(0, 500);
        pictures(camera, 180);
        before = bench.sent.size();
        pictures(camera, 30);
        assertEquals(before + 30, bench.sent.size());
        rembs();
        bench.router.limitBandwidth(VIEWER, Long.MAX_VALUE, bench.nowNs);
        pictures(camera, 300);
        assertEquals(List.of(UplinkCap.LIFTED_BPS, UplinkCap.LIFTED_BPS, UplinkCap.LIFTED_BPS),
            rembs().stream().map(rate -> (rate + 4000) / 1_000_000 * 1_000_000).toList());
    }

    @Test
    void whoeverCanTakeMoreDecides() {
        final Camera camera = camera(VP8_REMB, 1300);
        view(VIEWER);
        view(OTHER);
        bench.router.limitBandwidth(VIEWER, 200_000, bench.nowNs);
        pictures(camera, 90);
        assertEquals(List.of(), rembs());
        bench.router.limitBandwidth(OTHER, 300_000, bench.nowNs);
        pictures(camera, 30);
        assertEquals(240_000, rembs().get(0), 100.0);
        bench.router.wish(OTHER, "y", VideoWish.NOTHING, bench.nowNs);
        pictures(camera, 30);
        assertEquals(160_000, rembs().get(0), 100.0);
    }

    @Test
    void encodingsNobodyWantsAreNotPaidFor() {
        final Camera camera = camera(VP8_REMB, 100, 300, 900);
        view(VIEWER);
        pictures(camera, 60);
        assertEquals(List.of(), rembs());
        bench.router.limitBandwidth(VIEWER, 100_000, bench.nowNs);
        pictures(camera, 60);
        assertEquals(List.of(), rembs(), "a smaller encoding is there for that");
        bench.router.limitBandwidth(VIEWER, Long.MAX_VALUE, bench.nowNs);
        bench.router.wish(VIEWER, "y", new VideoWish(640, 360, 30, false, VideoProfile.BALANCED), bench.nowNs);
        pictures(camera, 90);
        final List<Long> told = rembs();
        // Three bits for each pixel of 320x180 and 640x360; repeated each second.
        assertEquals(864_000, told.get(0), 2000.0);
        assertTrue(told.size() >= 2 && told.size() <= 4, told.toString());
    }

    @Test
    void whoDidNotAgreeIsNotTold() {
        final Camera camera = camera(Bench.VP8, 1300);
        view(VIEWER);
        bench.router.limitBandwidth(VIEWER, 100_000, bench.nowNs);
        pictures(camera, 120);
        assertEquals(List.of(), rembs());
    }

    @Test
    void whoNobodyWatchesIsNotCapped() {
        final Camera camera = camera(VP8_REMB, 1300);
        pictures(camera, 60);
        view(VIEWER);
        bench.router.wish(VIEWER, "y", VideoWish.NOTHING, bench.nowNs);
        pictures(camera, 60);
        assertEquals(List.of(), rembs());
    }

    private Camera camera(final NegotiatedCodec codec, final int... bytes) {
        final Camera camera = new Camera(bench, 1, "v", "camera", codec, 10, bytes);
        bench.publisher(1, 1, camera.section);
        return camera;
    }

    private void view(final int peer) {
        bench.subscriber(peer, peer, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, 600 + peer, 700 + peer));
    }

    private void pictures(final Camera camera, final int count) {
        for (int i = 0; i < count; i++) {
            camera.picture();
            bench.advance(33_333_333);
        }
    }

    /** Rates told to the publisher since the last look. */
    private List<Long> rembs() {
        final List<Long> rates = new ArrayList<>();
        final List<Bench.Report> reports = bench.reportsTo(1);
        for (; reportsRead < reports.size(); reportsRead++) {
            final UnsafeBuffer in = new UnsafeBuffer(reports.get(reportsRead).bytes());
            final RtcpCompound compound = new RtcpCompound();
            final Remb remb = new Remb();
            assertTrue(compound.wrap(in, 0, in.capacity()));
            while (compound.next()) {
                if (remb.wrap(compound)) {
                    assertEquals(Bench.RTCP_SSRC, remb.senderSsrc());
                    assertTrue(remb.count() > 0 && remb.ssrc(0) == 10);
                    rates.add(remb.rateBps());
                }
            }
        }
        return rates;
    }
}
