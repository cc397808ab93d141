package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.relay.bwe.ExamMode;
import org.chevet.relay.bwe.VideoProfile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a video gives up first: two encodings of three temporal layers each, which cost 257, 128 and 64 kbit/s and 89,
 * 44 and 22 kbit/s.
 */
@Tag("REQ-A5")
class ProfileTest {
    private static final int VIEWER = 2;
    private static final int[] BYTES = {300, 1000};
    private static final int[] TEMPORAL = {0, 2, 1, 2};
    private final Bench bench = new Bench(4096);
    private int frame;
    private int requestsSeen;

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    /** The budget in kbit/s, then which encoding is sent and how many of 40 pictures. */
    @ParameterizedTest
    @CsvSource({
        "BALANCED, 300, 1, 40", "BALANCED, 150, 1, 20", "BALANCED, 110, 0, 40", "BALANCED, 60, 0, 20",
        "BALANCED, 30, 0, 10", "DETAIL, 300, 1, 40", "DETAIL, 150, 1, 20", "DETAIL, 110, 1, 10", "DETAIL, 60, 0, 20",
        "DETAIL, 30, 0, 10", "MOTION, 300, 1, 40", "MOTION, 150, 0, 40", "MOTION, 110, 0, 40", "MOTION, 60, 0, 20",
        "MOTION, 30, 0, 10",
    })
    void theWishedProfileDecides(final VideoProfile profile, final long budget, final int layer, final int pictures) {
        begin("camera");
        assertTrue(bench.router.wish(VIEWER, "y", new VideoWish(VideoWish.NO_LIMIT, VideoWish.NO_LIMIT,
            VideoWish.NO_LIMIT, false, profile), bench.nowNs));
        expect(budget, layer, pictures);
    }

    @Test
    void thePublishersProfileCountsWhenTheViewerHasNone() {
        begin("camera");
        assertTrue(bench.router.profile(0, VideoProfile.DETAIL, bench.nowNs));
        expect(110, 1, 10);
        assertTrue(bench.router.profile(0, VideoProfile.MOTION, bench.nowNs));
        expect(110, 0, 40);
    }

    @Test
    void theExamModeGivesAScopeItsProfile() {
        begin("otoscope");
        bench.router.examMode(ExamMode.SCOPE, bench.nowNs);
        expect(110, 1, 10);
        bench.router.examMode(ExamMode.GESTURE, bench.nowNs);
        expect(110, 0, 40);
        bench.router.examMode(ExamMode.NORMAL, bench.nowNs);
        expect(150, 1, 20);
    }

    private void expect(final long budget, final int layer, final int pictures) {
        bench.router.limitBandwidth(VIEWER, budget * 1000, bench.nowNs);
        pictures(40);
        final int before = bench.sent.size();
        pictures(40);
        final List<Bench.Sent> sent = bench.sent.subList(before, bench.sent.size());
        assertEquals(pictures, sent.size());
        assertTrue(sent.stream().allMatch(packet -> packet.payload().length == BYTES[layer]));
    }

    private void begin(final String label) {
        bench.publisher(1, 1, new NegotiatedSection("v", MediaKind.VIDEO, Flow.RECEIVE, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, true, true, List.of(new OfferedSource("l", 0, 0), new OfferedSource("h", 0, 0)), 0,
            0, "", label));
        bench.subscriber(VIEWER, 2, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, 600, 601));
        pictures(120);
    }

    /** One packet a picture and encoding; a base layer picture is a key frame when one was asked for since the last. */
    private void pictures(final int count) {
        for (int i = 0; i < count; i++, frame++) {
            final int temporal = TEMPORAL[frame % 4];
            final boolean key = temporal == 0 && (frame == 0 || asked());
            for (int layer = 0; layer < BYTES.length; layer++) {
                final byte[] payload = new byte[BYTES[layer]];
                // VP8: X and S; T; temporal id with layer sync on the first of each; the P bit of the frame.
                payload[0] = (byte) 0x90;
                payload[1] = 0x20;
                payload[2] = (byte) (temporal << 6 | (frame % 4 == 3 ? 0 : 0x20));
                payload[3] = (byte) (key ? 0 : 1);
                bench.packet(10 + layer, 96, frame & 0xFFFF, frame * 3000, true);
                bench.withText(4, "v");
                bench.withText(10, layer == 0 ? "l" : "h");
                bench.rtp(1, payload);
            }
            bench.advance(33_333_333);
        }
    }

    private boolean asked() {
        final List<Bench.Report> reports = bench.reportsTo(1);
        final boolean any = reports.subList(requestsSeen, reports.size()).stream()
            .anyMatch(report -> (report.bytes()[1] & 0xFF) == 206);
        requestsSeen = reports.size();
        return any;
    }
}
