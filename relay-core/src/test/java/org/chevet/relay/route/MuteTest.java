package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.chevet.relay.stream.AudioLevel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publications that are muted by their publisher. */
class MuteTest {
    private static final byte[] KEY = {0x10, 0, 1, 2, 3};
    private static final byte[] DELTA = {0x10, 1, 1, 2, 3};
    private final Bench bench = new Bench(256);

    @AfterEach
    void allSlotsAreGivenBack() {
        bench.close();
    }

    @Test
    void nothingOfAMutedPublicationIsForwardedAndItReturnsAtAKeyFrame() {
        start();
        picture(1, KEY);
        sound(1);
        assertEquals(2, bench.sent.size());
        final int video = id(MediaKind.VIDEO);
        assertTrue(bench.router.mute(video, true, bench.nowNs));
        assertTrue(bench.router.isMuted(video));
        bench.advance(1_000 * Bench.MS);
        final long asked = bench.stats.counted(Counter.KEY_FRAME_REQUESTS_SENT);
        for (int i = 2; i < 20; i++) {
            picture(i == 10 ? 30 : i, i % 5 == 0 ? KEY : DELTA);
            bench.advance(100 * Bench.MS);
        }
        sound(2);
        assertEquals(3, bench.sent.size(), "sound goes on");
        assertEquals(asked, bench.stats.counted(Counter.KEY_FRAME_REQUESTS_SENT), "nothing is asked for");
        assertEquals(18, bench.dropped(DropReason.PUBLICATION_MUTED));
        assertTrue(bench.router.mute(video, false, bench.nowNs));
        bench.egress.flush(bench, bench.nowNs);
        assertEquals(asked + 1, bench.stats.counted(Counter.KEY_FRAME_REQUESTS_SENT));
        picture(31, DELTA);
        assertEquals(3, bench.sent.size());
        picture(32, KEY);
        picture(33, DELTA);
        final List<Bench.Sent> pictures = bench.sentTo(2, 600);
        assertEquals(3, pictures.size());
        assertEquals(pictures.get(0).sequence() + 1, pictures.get(1).sequence(), "the pause leaves no hole");
        assertEquals(pictures.get(1).sequence() + 1, pictures.get(2).sequence());
        assertFalse(bench.router.mute(99, true, bench.nowNs));
    }

    @Test
    void whoComesWhileAPublicationIsMutedGetsNothingOfIt() {
        start();
        bench.router.mute(id(MediaKind.VIDEO), true, bench.nowNs);
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY,
            Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, 700, 701));
        bench.router.setConnected(3, false, bench.nowNs);
        bench.router.setConnected(3, true, bench.nowNs);
        picture(1, KEY);
        assertEquals(0, bench.sent.size());
        bench.router.mute(id(MediaKind.VIDEO), false, bench.nowNs);
        picture(2, KEY);
        assertEquals(1, bench.sentTo(3, 700).size());
        assertEquals(1, bench.sentTo(2, 600).size());
    }

    @Test
    void levelsOfSoundAreReadBesideItAndAMutedTrackIsSilent() {
        start();
        final int id = id(MediaKind.AUDIO);
        assertEquals(AudioLevel.SILENT, bench.router.audioLevelDbov(id, bench.nowNs));
        for (int i = 1; i < 100; i++) {
            bench.packet(77, 111, i, 960 * i, false);
            bench.packetExtension(1, new byte[] {(byte) (0x80 | 25)});
            bench.rtp(1, new byte[] {1, 2});
            bench.advance(20 * Bench.MS);
        }
        assertEquals(-25, bench.router.audioLevelDbov(id, bench.nowNs));
        assertEquals(AudioLevel.SILENT, bench.router.audioLevelDbov(id(MediaKind.VIDEO), bench.nowNs));
        bench.router.mute(id, true, bench.nowNs);
        assertEquals(AudioLevel.SILENT, bench.router.audioLevelDbov(id, bench.nowNs));
        bench.router.mute(id, false, bench.nowNs);
        bench.advance(1000 * Bench.MS);
        assertEquals(AudioLevel.SILENT, bench.router.audioLevelDbov(id, bench.nowNs));
    }

    private void start() {
        bench.publisher(1, 1,
            Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS,
                new OfferedSource("", 88, 0)),
            Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS,
                new OfferedSource("", 77, 0)));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY,
            Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, 600, 601),
            Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS, 500, 0));
    }

    private int id(final MediaKind kind) {
        return bench.router.publications().stream().filter(one -> one.kind() == kind).findFirst().orElseThrow().id();
    }

    private void picture(final int sequence, final byte[] payload) {
        bench.packet(88, 96, sequence, 3000 * sequence, true);
        bench.rtp(1, payload);
    }

    private void sound(final int sequence) {
        bench.packet(77, 111, sequence, 960 * sequence, false);
        bench.rtp(1, new byte[] {1, 2});
    }
}
