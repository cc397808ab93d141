package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.relay.bwe.ExamMode;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A whole router in a consultation, a face, a scope, speech and a stethoscope, towards one viewer whose budget shrinks
 * and grows: video steps down and waits, sound goes on; exam modes swap who gets the bandwidth.
 */
@Tag("REQ-O15")
class ClinicalOrderTest {
    private static final int VIEWER = 9;
    private static final int FACE = 100;
    private static final int SCOPE = 101;
    private static final int SPEECH = 102;
    private static final int SOUND = 103;
    /** IP, UDP, RTP with extensions and the tag of SRTP, in bytes. */
    private static final int OVERHEAD = 70;
    private static final int PICTURES = 30;
    private static final long VITALS_BPS = 40_000;
    private final Bench bench = new Bench(8192);
    // Steps of 65, 137 and 329 kbit/s, and of 77, 173 and 377; sound of 36 and 65 kbit/s.
    private final Camera face = new Camera(bench, 1, "v", "camera", 10, 200, 500, 1300);
    private final Camera scope = new Camera(bench, 2, "v", "Otoscope", 20, 250, 650, 1400 + 100);
    private int audio;

    @BeforeEach
    void consultation() {
        bench.publisher(1, 1, face.section, sound("a", "", 0));
        bench.publisher(2, 1, scope.section, sound("a", "stethoscope", 0));
        bench.subscriber(VIEWER, 2, List.of(0, 2, 1, 3), PeerMedia.ANY, video("f", FACE), video("s", SCOPE),
            sound("x", "", SPEECH), sound("h", "", SOUND));
        assertEquals(2, bench.router.bound(VIEWER, "s"));
        assertEquals(3, bench.router.bound(VIEWER, "h"));
        assertTrue(bench.router.onVitalsRate(VIEWER, VITALS_BPS, bench.nowNs));
        run(5);
        expect(2, 2);
    }

    @AfterEach
    void soundNeverStoppedAndNoSlotIsLeaked() {
        assertEquals(audio, bench.sentTo(VIEWER, SPEECH).size());
        assertEquals(audio, bench.sentTo(VIEWER, SOUND).size());
        bench.close();
    }

    @Test
    void videoStepsDownAndWaitsWhileSoundGoesOn() {
        // Behind 141 kbit/s of sound and waveforms: who has what step, -1 is paused.
        budget(900_000, 2, 2);
        budget(700_000, 1, 2);
        budget(620_000, 0, 2);
        budget(400_000, 0, 1);
        budget(330_000, 0, 0);
        budget(250_000, -1, 0);
        budget(215_000, -1, -1);
        budget(150_000, -1, -1);
        assertTrue(bench.dropped(DropReason.VIDEO_PAUSED) > 0);
        // Less than sound and waveforms need: they go on all the same.
        budget(50_000, -1, -1);
    }

    @Test
    void wayBackTakesRoomAndTime() {
        budget(150_000, -1, -1);
        bench.router.limitBandwidth(VIEWER, 330_000, bench.nowNs);
        run(1);
        expect(-1, -1);
        run(3);
        expect(0, 0);
        // 173 + 65 + 141 kbit/s fit into 390, but not with 15 % to spare.
        bench.router.limitBandwidth(VIEWER, 390_000, bench.nowNs);
        run(20);
        expect(0, 0);
        bench.router.limitBandwidth(VIEWER, 1_100_000, bench.nowNs);
        run(5);
        expect(2, 2);
    }

    @Test
    void examModesSwapWhoGetsTheBandwidth() {
        budget(560_000, 1, 1);
        mode(ExamMode.SCOPE, -1, 2);
        mode(ExamMode.NORMAL, 1, 1);
        mode(ExamMode.GESTURE, -1, 2);
        mode(ExamMode.AUSCULTATION, 0, 1);
        bench.router.limitBandwidth(VIEWER, Long.MAX_VALUE, bench.nowNs);
        run(4);
        expect(0, 2);
        mode(ExamMode.NORMAL, 2, 2);
    }

    @Test
    void vitalsComeFirst() {
        budget(700_000, 1, 2);
        bench.router.onVitalsRate(VIEWER, 400_000, bench.nowNs);
        run(2);
        expect(0, 0);
    }

    private void budget(final long budgetBps, final int faceLayer, final int scopeLayer) {
        assertTrue(bench.router.limitBandwidth(VIEWER, budgetBps, bench.nowNs));
        settle(faceLayer, scopeLayer);
        final int before = bench.sent.size();
        run(2);
        long bits = 2 * VITALS_BPS;
        long video = 0;
        for (final Bench.Sent packet : bench.sent.subList(before, bench.sent.size())) {
            final long size = (packet.payload().length + OVERHEAD) * 8L;
            bits += size;
            video += packet.ssrc() == FACE || packet.ssrc() == SCOPE ? size : 0;
        }
        assertTrue(video == 0 || bits <= 2 * budgetBps * 102 / 100, bits / 2 + " bit/s of " + budgetBps);
    }

    private void mode(final ExamMode mode, final int faceLayer, final int scopeLayer) {
        bench.router.examMode(mode, bench.nowNs);
        settle(faceLayer, scopeLayer);
    }

    /** Down is at once, up and down alike take a key frame: half a second is enough for both. */
    private void settle(final int faceLayer, final int scopeLayer) {
        pictures(PICTURES / 2);
        expect(faceLayer, scopeLayer);
    }

    private void expect(final int faceLayer, final int scopeLayer) {
        final int before = bench.sent.size();
        pictures(10);
        assertEquals(faceLayer + " " + scopeLayer, layer(before, FACE) + " " + layer(before, SCOPE));
    }

    /** The layer of a section's packets since, -1 for none; all of one. */
    private int layer(final int since, final int ssrc) {
        final List<Integer> layers = bench.sent.subList(since, bench.sent.size()).stream()
            .filter(packet -> packet.ssrc() == ssrc).map(packet -> (int) packet.payload()[2]).distinct().toList();
        assertTrue(layers.size() <= 1, layers + " of " + ssrc);
        return layers.isEmpty() ? -1 : layers.get(0);
    }

    private void run(final int seconds) {
        pictures(seconds * PICTURES);
    }

    private void pictures(final int count) {
        for (int i = 0; i < count; i++) {
            face.picture();
            scope.picture();
            sound(1, 80);
            sound(2, 200);
            audio++;
            bench.advance(1_000_000_000L / PICTURES);
        }
    }

    private void sound(final int peer, final int size) {
        bench.packet(50 + peer, 111, audio & 0xFFFF, audio * 1600, false);
        bench.withText(4, "a");
        bench.rtp(peer, new byte[size]);
    }

    private static NegotiatedSection sound(final String mid, final String label, final int ssrc) {
        return new NegotiatedSection(mid, MediaKind.AUDIO, ssrc == 0 ? Flow.RECEIVE : Flow.SEND, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, true, true, List.of(), ssrc, 0, "", label);
    }

    private static NegotiatedSection video(final String mid, final int ssrc) {
        return Bench.send(mid, MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, ssrc, ssrc + 100);
    }
}
