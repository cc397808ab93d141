package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A header says the same whether it was written in whole words or element by element (ids above 14). */
class HeaderPlanTest {
    private static final int SSRC = 600;

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "0, 1", "1, 2", "14, 13", "0, 14", "15, 3", "3, 200"})
    void everyCombinationOfExtensionsReadsBack(final int sendTimeId, final int transportId) {
        final Map<HeaderExtension, Integer> extensions = new EnumMap<>(HeaderExtension.class);
        if (sendTimeId > 0) {
            extensions.put(HeaderExtension.ABS_SEND_TIME, sendTimeId);
        }
        if (transportId > 0) {
            extensions.put(HeaderExtension.TRANSPORT_CC, transportId);
        }
        final Bench bench = new Bench(64);
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Map.of()));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY,
            Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8), extensions, SSRC, SSRC + 1));
        final byte[] payload = {0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        bench.packet(77, 96, 65_535, 9000, true);
        bench.rtp(1, payload);
        bench.packet(77, 96, 0, 12_000, false);
        payload[1] = 1;
        bench.rtp(1, payload);
        final List<Bench.Sent> sent = bench.sentTo(2, SSRC);
        assertEquals(2, sent.size(), bench.drops().toString());
        for (final Bench.Sent packet : sent) {
            assertEquals(96, packet.payloadType());
            assertEquals(extensions.size(), packet.extensions().size());
            assertEquals(sendTimeId > 0 ? 3 : 0, lengthOf(packet, sendTimeId));
            assertEquals(transportId > 0 ? 2 : 0, lengthOf(packet, transportId));
        }
        assertEquals(true, sent.get(0).marker());
        assertEquals(false, sent.get(1).marker());
        assertEquals((sent.get(0).sequence() + 1) & 0xFFFF, sent.get(1).sequence());
        assertEquals(3000, sent.get(1).timestamp() - sent.get(0).timestamp());
        assertArrayEquals(payload, sent.get(1).payload());
        if (transportId > 0) {
            assertEquals(0, sent.get(0).extensions().get(transportId)[1]);
            assertEquals(1, sent.get(1).extensions().get(transportId)[1]);
        }
        bench.close();
    }

    private static int lengthOf(final Bench.Sent packet, final int id) {
        final byte[] value = packet.extensions().get(id);
        return value == null ? 0 : value.length;
    }

    @Test
    @Tag("REQ-A3")
    void theTimeOfCaptureIsPassedOnUnderTheSubscribersId() {
        final Bench bench = new Bench(64);
        bench.publisher(1, 1, Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8),
            Map.of(HeaderExtension.ABS_CAPTURE_TIME, 9)));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Map.of(HeaderExtension.ABS_CAPTURE_TIME, 4), SSRC, SSRC + 1));
        final byte[] captured = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 9};
        bench.packet(77, 96, 7, 9000, true);
        bench.packetExtension(9, captured);
        bench.rtp(1, new byte[] {0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        final Bench.Sent sent = bench.sentTo(2, SSRC).get(0);
        assertArrayEquals(captured, sent.extensions().get(4));
        bench.close();
    }
}
