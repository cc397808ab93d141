package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Packets of one batch leave receiver by receiver, and in clinical order for each. */
class EgressOrderTest {
    private final Bench bench = new Bench(64);
    private int number;

    @Test
    @Tag("REQ-O15")
    void speechLeavesBeforePicturesAndReceiversAreNotMixed() {
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS),
            Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS));
        for (final int peer : new int[] {2, 3}) {
            bench.subscriber(peer, peer, List.of(), PeerMedia.ANY,
                Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, 10 * peer, 10 * peer + 1),
                Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS, 10 * peer + 2, 0));
        }
        queue(96, new byte[] {0x10, 0, 0, 0, 0});
        queue(111, new byte[] {1});
        queue(96, new byte[] {0x10, 1, 0, 0, 0});
        queue(111, new byte[] {2});
        bench.egress.flush(bench, bench.nowNs);
        assertEquals(List.of(22, 22, 20, 20, 32, 32, 30, 30), bench.sent.stream().map(Bench.Sent::ssrc).toList());
        bench.close();
    }

    private void queue(final int payloadType, final byte[] payload) {
        final int slot = bench.slab.acquire();
        final int at = bench.slab.offset(slot);
        final int length = bench.packet(payloadType, payloadType, number++ / 2, 0, true)
            .write(bench.slab.buffer(), at, 100);
        bench.slab.buffer().putBytes(at + length, payload);
        assertEquals(2, bench.router.onRtp(1, slot, at, length + payload.length, 0, bench.nowNs));
    }
}
