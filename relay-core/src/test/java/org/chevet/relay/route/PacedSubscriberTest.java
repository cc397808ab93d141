package org.chevet.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.chevet.codec.rtcp.RtcpWriter;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.chevet.relay.bwe.BweConfig;
import org.chevet.relay.stats.Counter;
import org.chevet.relay.stats.DropReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A receiver that gives feedback gets video at the pace of its link, and speech at once. */
class PacedSubscriberTest {
    private static final long MS = Bench.MS;
    private static final int VIDEO_IN = 77;
    private static final int VIDEO = 600;
    private static final int REPAIRS = 601;
    private static final int SPEECH_IN = 78;
    private static final int SPEECH = 602;
    private static final int PAYLOAD = 1100;
    private static final int TRANSPORT_ID = 3;
    private static final long WAY_NS = 20 * MS;

    private final Bench bench = new Bench(4096);
    private int videoSequence = 65_500;
    private int speechSequence;
    private int answered;
    private int feedbacks;
    private long linkBps = 20_000_000;
    private long linkFreeNs;
    private long nextArrivalNs = -1;

    @BeforeEach
    void joinBoth() {
        bench.publisher(1, 1,
            Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS),
            Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY,
            Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8_WITH_FEEDBACK), Bench.VIDEO_EXTENSIONS, VIDEO, REPAIRS),
            Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS_WITH_FEEDBACK), Bench.AUDIO_EXTENSIONS, SPEECH, 0));
    }

    @AfterEach
    void nothingIsHeldInTheEnd() {
        bench.close();
    }

    private void video(final int packets, final boolean key) {
        for (int i = 0; i < packets; i++) {
            final byte[] payload = new byte[PAYLOAD];
            payload[0] = (byte) (i == 0 ? 0x10 : 0);
            payload[1] = (byte) (key && i == 0 ? 0 : 1);
            bench.packet(VIDEO_IN, 96, videoSequence++ & 0xFFFF, (int) (bench.nowNs / MS * 90), i == packets - 1);
            bench.withText(4, "v");
            bench.rtp(1, payload);
        }
    }

    private void speech() {
        bench.packet(SPEECH_IN, 111, speechSequence++ & 0xFFFF, speechSequence * 960, false);
        bench.withText(4, "a");
        bench.rtp(1, new byte[80]);
    }

    private static int number(final Bench.Sent packet) {
        final byte[] value = packet.extensions().get(TRANSPORT_ID);
        return ((value[0] & 0xFF) << 8) | (value[1] & 0xFF);
    }

    /** Feedback about all that has arrived over a link of this rate and an endless queue. */
    private void answer() {
        final TransportFeedbackWriter writer = new TransportFeedbackWriter();
        boolean begun = false;
        for (; answered < bench.sent.size(); answered++) {
            final Bench.Sent packet = bench.sent.get(answered);
            if (nextArrivalNs < 0) {
                final long bits = (packet.payload().length + 70L) * Byte.SIZE;
                linkFreeNs = Math.max(linkFreeNs, packet.atNs()) + bits * 1000 * MS / linkBps;
                nextArrivalNs = linkFreeNs + WAY_NS;
            }
            if (nextArrivalNs > bench.nowNs) {
                break;
            }
            if (!begun) {
                writer.begin(number(packet), nextArrivalNs);
                begun = true;
            }
            if (!writer.add(number(packet), nextArrivalNs)) {
                break;
            }
            nextArrivalNs = -1;
        }
        if (begun) {
            final RtcpWriter rtcp = bench.rtcpWriter();
            assertTrue(rtcp.transportFeedback(writer, 1, VIDEO, feedbacks++));
            bench.rtcp(2, rtcp);
        }
    }

    /** A second of video and speech, answered every 50 ms. */
    private void talk(final int framePackets) {
        for (int t = 0; t < 1000; t += 10) {
            if (t % 40 == 0) {
                video(framePackets, false);
            }
            if (t % 20 == 0) {
                speech();
            }
            bench.advance(10 * MS);
            if (t % 50 == 0) {
                answer();
            }
        }
    }

    @Test
    @Tag("REQ-O17")
    void aKeyFrameLeavesAtThePaceAndSpeechPassesIt() {
        video(20, true);
        final int atOnce = bench.sentTo(2, VIDEO).size();
        assertTrue(atOnce >= 1 && atOnce <= 3, "at once " + atOnce);
        speech();
        assertEquals(1, bench.sentTo(2, SPEECH).size(), "speech does not wait");
        bench.advance(60 * MS);
        final int after = bench.sentTo(2, VIDEO).size();
        assertTrue(after > atOnce && after < 10, "after 60 ms " + after);
        bench.advance(450 * MS);
        assertEquals(20, bench.sentTo(2, VIDEO).size(), bench.drops().toString());
        for (int i = 0; i < bench.sent.size(); i++) {
            assertEquals(i, number(bench.sent.get(i)), "numbers are given in the order of sending");
        }
    }

    @Test
    void moreThanTheLinkTakesWaitsAndIsDroppedInTheEnd() {
        for (int t = 0; t < 1500; t += 10) {
            if (t % 100 == 0) {
                video(20, t == 0);
            }
            bench.advance(10 * MS);
        }
        assertTrue(bench.dropped(DropReason.QUEUE_TO_KEY_FRAME) > 0, bench.drops().toString());
        long lastNs = 0;
        for (final Bench.Sent packet : bench.sentTo(2, VIDEO)) {
            assertTrue(packet.atNs() >= lastNs);
            lastNs = packet.atNs();
        }
        final long bits = bench.sentTo(2, VIDEO).size() * (PAYLOAD + 70L) * Byte.SIZE;
        assertTrue(bits < 1.35 * 1.5 * BweConfig.defaults().startBps(), "bits in 1.5 s " + bits);
    }

    @Test
    void feedbackFromAWideLinkRaisesTheRateAndProbesArePadding() {
        video(2, true);
        for (int i = 0; i < 3; i++) {
            talk(1);
        }
        final List<Bench.Sent> probes = bench.sentTo(2, REPAIRS);
        assertFalse(probes.isEmpty());
        for (final Bench.Sent probe : probes) {
            assertTrue(probe.padded());
            assertEquals(97, probe.payloadType());
            assertEquals(SubscriberSide.PADDING_LENGTH, probe.payload().length);
            assertEquals((byte) SubscriberSide.PADDING_LENGTH, probe.payload()[SubscriberSide.PADDING_LENGTH - 1]);
        }
        assertEquals(probes.size(), bench.stats.counted(Counter.PADDING_SENT));
        assertEquals(0, bench.stats.counted(Counter.RETRANSMISSIONS_SENT), "a probe is no repair");
        assertTrue(probes.size() < 400, "probes in three seconds " + probes.size());
        final List<Integer> numbers = new ArrayList<>();
        bench.sent.forEach(packet -> numbers.add(number(packet)));
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(i, numbers.get(i));
        }
        final SubscriberSide side = (SubscriberSide) bench.router.side(2);
        assertTrue(side.budgetBps() > 2_000_000, "budget " + side.budgetBps());
        // Now a picture of 20 packets leaves in the turn in which it came.
        final int before = bench.sentTo(2, VIDEO).size();
        video(20, false);
        assertTrue(bench.sentTo(2, VIDEO).size() - before >= 3, "sent " + (bench.sentTo(2, VIDEO).size() - before));
    }

    @Test
    void videoThatWasPausedForLackOfRoomReturnsThoughNothingElseIsSent() {
        look(4000);
        final int before = bench.sentTo(2, VIDEO).size();
        assertTrue(before > 300, "over a wide link " + before);
        linkBps = 200_000;
        look(15_000);
        final SubscriberSide side = (SubscriberSide) bench.router.side(2);
        assertTrue(side.budgetBps() < 400_000, "budget " + side.budgetBps());
        assertTrue(bench.dropped(DropReason.VIDEO_PAUSED) > 0, bench.drops().toString());
        linkBps = 20_000_000;
        look(20_000);
        final int later = bench.sentTo(2, VIDEO).size();
        look(1000);
        assertTrue(bench.sentTo(2, VIDEO).size() - later > 90, "in a second " + (bench.sentTo(2, VIDEO).size() - later)
            + " budget " + side.budgetBps());
    }

    /** Video of 0.9 Mbit/s alone, each picture a key frame. */
    private void look(final int forMs) {
        for (int t = 0; t < forMs; t += 10) {
            if (t % 40 == 0) {
                video(4, true);
            }
            bench.advance(10 * MS);
            if (t % 50 == 0) {
                answer();
            }
        }
    }

    @Test
    void whoGivesNoFeedbackIsNotHeldBackForLong() {
        video(2, true);
        for (int i = 0; i < 25; i++) {
            bench.advance(100 * MS);
            video(1, false);
        }
        final int before = bench.sentTo(2, VIDEO).size();
        video(60, true);
        assertEquals(60, bench.sentTo(2, VIDEO).size() - before);
        assertEquals(0, bench.sentTo(2, REPAIRS).size(), "nobody answers, so nothing is probed");
    }

    @Test
    void aReceiverThatAgreedToNoFeedbackGetsAllAtOnce() {
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY,
            Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8), Bench.VIDEO_EXTENSIONS, 700, 701));
        video(60, true);
        assertEquals(60, bench.sentTo(3, 700).size());
    }
}
