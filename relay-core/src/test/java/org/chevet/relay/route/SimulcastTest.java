package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three layers of one camera: learning by rid, choice by rate, switch at a key frame. */
class SimulcastTest {
    private static final int[] SSRC = {10, 20, 30};
    private static final String[] RID = {"q", "h", "f"};
    private static final int[] BYTES = {100, 300, 900};
    private final Bench bench = new Bench(4096);
    private final int[] sequence = {100, 20_000, 65_530};
    private final int[] timestamp = {5, 1_000_000, -77};
    private int frame;

    @BeforeEach
    void publishAndView() {
        bench.publishAndViewVp8(new OfferedSource("q", 0, 0), new OfferedSource("h", 0, 0),
            new OfferedSource("f", 0, 0));
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void startsOnTheFirstKeyFrameAndClimbsToTheBestLayer() {
        frames(1, 0b001, 0b001);
        assertEquals(1, bench.sent.size());
        for (int i = 0; i < 40; i++) {
            frames(1, 0b111, 0);
        }
        assertTrue(bench.dropped(DropReason.LAYER_NOT_SELECTED) > 0);
        assertEquals(41, bench.sent.size());
        final List<Bench.Report> asked = bench.reportsTo(1).stream()
            .filter(report -> (report.bytes()[1] & 0xFF) == 206 && report.bytes()[11] == 30).toList();
        assertTrue(!asked.isEmpty() && asked.size() <= 4, "asked " + asked.size());
        frames(1, 0b111, 0b100);
        assertEquals(BYTES[2], bench.sent.get(bench.sent.size() - 1).payload().length);
        for (int i = 0; i < 40; i++) {
            frames(1, 0b111, 0b011);
        }
        assertEquals(BYTES[2], bench.sent.get(bench.sent.size() - 1).payload().length);
        checkSeamless();
    }

    @Test
    void fallsBackWhenTheLayerStops() {
        frames(1, 0b111, 0b111);
        for (int i = 0; i < 30; i++) {
            frames(1, 0b111, 0);
        }
        frames(1, 0b111, 0b111);
        assertEquals(BYTES[2], bench.sent.get(bench.sent.size() - 1).payload().length);
        for (int i = 0; i < 50; i++) {
            frames(1, 0b011, 0);
        }
        final int before = bench.sent.size();
        frames(1, 0b011, 0b011);
        assertEquals(before + 1, bench.sent.size());
        assertEquals(BYTES[1], bench.sent.get(before).payload().length);
        checkSeamless();
    }

    @Test
    void senderReportsLineUpTheLayers() {
        frames(1, 0b111, 0b001);
        report(0);
        report(2);
        for (int i = 0; i < 30; i++) {
            frames(1, 0b111, 0);
        }
        // Ten milliseconds of network delay: by arrival the step would be 3900.
        bench.advance(10 * MS);
        frames(1, 0b100, 0b100);
        final int size = bench.sent.size();
        assertEquals(BYTES[2], bench.sent.get(size - 1).payload().length);
        final int step = bench.sent.get(size - 1).timestamp() - bench.sent.get(size - 2).timestamp();
        assertTrue(Math.abs(step - 3000) <= 2, "step " + step);
        checkSeamless();
    }

    @Test
    void repairedRidNamesTheLayer() {
        frames(1, 0b001, 0b001);
        bench.packet(11, 97, 1, 0, false);
        bench.withText(4, "v");
        bench.withText(11, "q");
        sequence[0]++;
        bench.rtp(1, new byte[] {(byte) ((sequence[0] - 1) >> 8), (byte) (sequence[0] - 1), 0x10, 1, 0, 0, 1});
        assertEquals(2, bench.sent.size());
        bench.packet(12, 97, 1, 0, false);
        bench.withText(4, "v");
        bench.rtp(1, new byte[] {0, 0, 0x10, 1, 0, 0, 1});
        assertEquals(1, bench.dropped(DropReason.RTP_UNKNOWN_STREAM));
    }

    @Test
    void frameNumbersOfDescriptorsGoOnAcrossTheSwitch() {
        frames(1, 0b001, 0b001);
        for (int i = 0; i < 30; i++) {
            frames(1, 0b111, 0);
        }
        frames(2, 0b111, 0b100);
        int last = -1;
        for (final Bench.Sent packet : bench.sent) {
            final byte[] descriptor = packet.extensions().get(12);
            final int number = (descriptor[1] & 0xFF) << 8 | (descriptor[2] & 0xFF);
            assertTrue(last < 0 || number == ((last + 1) & 0xFFFF), last + " then " + number);
            last = number;
        }
    }

    /** Sends frames of one packet on the layers of {@code active}, key frames on those of {@code keys}. */
    private void frames(final int count, final int active, final int keys) {
        for (int n = 0; n < count; n++) {
            frame++;
            for (int layer = 0; layer < 3; layer++) {
                timestamp[layer] += 3000;
                if ((active >> layer & 1) != 0) {
                    final byte[] payload = new byte[BYTES[layer]];
                    // VP8: X and S; I and L; PictureID of 15 bits; TL0PICIDX; the P bit of the frame.
                    payload[0] = (byte) 0x90;
                    payload[1] = (byte) 0xC0;
                    putPictures(payload, 32_760 + 700 * layer + frame, 250 + 90 * layer + frame);
                    payload[5] = (byte) ((keys >> layer & 1) != 0 ? 0 : 1);
                    bench.packet(SSRC[layer], 96, sequence[layer]++ & 0xFFFF, timestamp[layer], true);
                    bench.withText(4, "v");
                    bench.withText(10, RID[layer]);
                    final int number = 40_000 + 10_000 * layer + frame;
                    final byte[] descriptor = {(byte) 0xC0, (byte) (number >> 8), (byte) number};
                    bench.packetExtension(12, descriptor);
                    bench.rtp(1, payload);
                }
            }
            bench.advance(33_333_333);
        }
    }

    private static void putPictures(final byte[] payload, final int pictureId, final int tl0) {
        payload[2] = (byte) (0x80 | (pictureId >> 8 & 0x7F));
        payload[3] = (byte) pictureId;
        payload[4] = (byte) tl0;
    }

    private static int pictureId(final byte[] payload) {
        return (payload[2] & 0x7F) << 8 | (payload[3] & 0xFF);
    }

    @Test
    void picturesGoOnAcrossTheSwitchAndAreRepeatedAsTheyWere() {
        frames(1, 0b001, 0b001);
        for (int i = 0; i < 30; i++) {
            frames(1, 0b111, 0);
        }
        frames(5, 0b111, 0b100);
        checkSeamless();
        final int size = bench.sent.size();
        for (int i = size - 8; i < size; i++) {
            final var rtcp = bench.rtcpWriter();
            rtcp.nack(1, 600, bench.sent.get(i).sequence());
            bench.rtcp(2, rtcp);
            final byte[] again = bench.sent.get(bench.sent.size() - 1).payload();
            assertArrayEquals(bench.sent.get(i).payload(), Arrays.copyOfRange(again, 2, again.length), "packet " + i);
        }
        assertEquals(size + 8, bench.sent.size());
    }

    private void report(final int layer) {
        final long ntp = (100L << 32) + (bench.nowNs - 33_333_333) * 4295 / 1000;
        final var rtcp = bench.rtcpWriter();
        rtcp.senderReport(SSRC[layer], ntp, timestamp[layer], 1, 1);
        bench.rtcp(1, rtcp);
    }

    private void checkSeamless() {
        for (int i = 1; i < bench.sent.size(); i++) {
            assertEquals((bench.sent.get(i - 1).sequence() + 1) & 0xFFFF, bench.sent.get(i).sequence(), "at " + i);
            final int step = bench.sent.get(i).timestamp() - bench.sent.get(i - 1).timestamp();
            assertTrue(step > 0 && step < 600_000, "step " + step + " at " + i);
            final byte[] before = bench.sent.get(i - 1).payload();
            final byte[] now = bench.sent.get(i).payload();
            assertEquals((pictureId(before) + 1) & 0x7FFF, pictureId(now), "picture at " + i);
            assertEquals((before[4] + 1) & 0xFF, now[4] & 0xFF, "TL0PICIDX at " + i);
        }
    }
}
