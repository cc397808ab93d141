package org.chevet.relay.route;

import static org.chevet.relay.route.Bench.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.ReceiverReport;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.RtcpType;
import org.chevet.codec.rtcp.SenderReport;
import org.chevet.codec.rtcp.SourceDescription;
import org.chevet.codec.rtcp.TransportFeedback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the relay tells publishers and subscribers by RTCP. */
class ReportsTest {
    private final Bench bench = new Bench(1024);
    private final RtcpCompound compound = new RtcpCompound();
    private int transport = 65_530;

    @BeforeEach
    void publishAndListen() {
        bench.publisher(1, 1, Bench.receive("a", MediaKind.AUDIO, List.of(Bench.OPUS), Bench.AUDIO_EXTENSIONS));
        bench.subscriber(2, 2, List.of(), PeerMedia.ANY, Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, 500, 0));
    }

    @AfterEach
    void noSlotIsLeaked() {
        bench.close();
    }

    @Test
    void receiverReportsTellThePublisherItsLoss() {
        for (int i = 0; i < 60; i++) {
            if (i % 5 != 4) {
                sound(i);
            }
            bench.advance(20 * MS);
        }
        final ReceiverReport report = new ReceiverReport();
        final SourceDescription description = new SourceDescription();
        final Bench.Report first = bench.reportsTo(1).stream().filter(r -> (r.bytes()[1] & 0xFF) == 201).findFirst()
            .orElseThrow();
        assertEquals(2000 * MS, first.atNs());
        final UnsafeBuffer bytes = new UnsafeBuffer(first.bytes());
        assertTrue(compound.wrap(bytes, 0, first.bytes().length) && compound.next() && report.wrap(compound));
        assertEquals(Bench.RTCP_SSRC, report.ssrc());
        assertEquals(1, report.blocks().count());
        assertEquals(77, report.blocks().ssrc(0));
        // It leaves with packet 50. 0 to 50 expected, 10 of them lost.
        assertEquals((10 << 8) / 51, report.blocks().fractionLost(0));
        assertTrue(compound.next() && description.wrap(compound) && description.next());
        assertEquals(Bench.RELAY_CNAME, bytes.getStringWithoutLengthUtf8(description.cnameOffset(),
            description.cnameLength()));
    }

    @Test
    void whatIsDueWaitsForAPacketOfThePublisherAndNotForEver() {
        sound(0);
        bench.advance(90 * MS);
        assertEquals(0, feedbacksTo(1), "nothing is due that could not wait for a packet");
        sound(1);
        assertEquals(1, feedbacksTo(1), "the packet takes the feedback along");
        sound(2);
        bench.advance(99 * MS);
        assertEquals(1, feedbacksTo(1));
        bench.advance(MS);
        assertEquals(2, feedbacksTo(1), "no packet came, so the lane was woken");
    }

    private long feedbacksTo(final int peer) {
        return bench.reportsTo(peer).stream().filter(r -> containsFeedback(r.bytes())).count();
    }

    private static boolean containsFeedback(final byte[] compound) {
        for (int at = 0; at < compound.length;) {
            if ((compound[at + 1] & 0xFF) == 205) {
                return true;
            }
            at += 4 + 4 * (((compound[at + 2] & 0xFF) << 8) | (compound[at + 3] & 0xFF));
        }
        return false;
    }

    @Test
    void transportFeedbackGoesOutEveryFiftyMillisecondsAndCoversEveryPacket() {
        final List<Integer> reported = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sound(i);
            bench.advance(20 * MS);
        }
        bench.advance(100 * MS);
        final TransportFeedback feedback = new TransportFeedback();
        int count = 0;
        for (final Bench.Report report : bench.reportsTo(1)) {
            final UnsafeBuffer bytes = new UnsafeBuffer(report.bytes());
            assertTrue(compound.wrap(bytes, 0, report.bytes().length));
            while (compound.next()) {
                if (feedback.wrap(compound)) {
                    assertEquals(count++, feedback.feedbackCount());
                    while (feedback.next()) {
                        assertTrue(feedback.isReceived());
                        reported.add(feedback.sequence());
                    }
                }
            }
        }
        assertEquals(50, reported.size());
        for (int i = 0; i < 50; i++) {
            assertEquals((65_530 + i) & 0xFFFF, reported.get(i));
        }
        assertTrue(count >= 15 && count <= 21, "feedbacks " + count);
        final int before = bench.reports.size();
        bench.advance(900 * MS);
        assertTrue(bench.reports.size() - before <= 1, "silence makes no feedback");
    }

    @Test
    void senderReportsKeepTheClockAndCarryThePublishersName() {
        sound(1);
        final int in = 960;
        final int out = bench.sent.get(0).timestamp();
        publisherReports(0xE800_0000_4000_0000L, in + 480);
        final SenderReport report = new SenderReport();
        final SourceDescription description = new SourceDescription();
        final byte[] sent = bench.reportsTo(2).get(0).bytes();
        final UnsafeBuffer bytes = new UnsafeBuffer(sent);
        assertTrue(compound.wrap(bytes, 0, sent.length) && compound.next() && report.wrap(compound));
        assertEquals(500, report.ssrc());
        assertEquals(0xE800_0000_4000_0000L, report.ntp());
        assertEquals(out + 480, report.rtpTimestamp());
        assertEquals(1, report.packetCount());
        assertEquals(3, report.octetCount());
        assertTrue(compound.next() && description.wrap(compound) && description.next());
        assertArrayEquals("cname-1".getBytes(StandardCharsets.UTF_8), java.util.Arrays.copyOfRange(sent,
            description.cnameOffset(), description.cnameOffset() + description.cnameLength()));
        publisherReports(0xE800_0000_5000_0000L, in + 960);
        assertEquals(1, bench.reportsTo(2).size(), "at most one each 100 ms");
    }

    @Test
    void aListenerThatComesLaterGetsAReportWithTheFirstPacket() {
        sound(1);
        publisherReports(0xE800_0000_4000_0000L, 960);
        bench.subscriber(3, 3, List.of(), PeerMedia.ANY, Bench.send("x", MediaKind.AUDIO, List.of(Bench.OPUS),
            Bench.AUDIO_EXTENSIONS, 900, 0));
        sound(2);
        assertEquals(1, bench.reportsTo(3).size());
        assertEquals(200, bench.reportsTo(3).get(0).bytes()[1] & 0xFF);
    }

    @Test
    void roundTripOfASubscriberComesFromItsReports() {
        sound(1);
        publisherReports(0xE800_0000_4000_0000L, 960);
        bench.advance(530 * MS);
        final var rtcp = bench.rtcpWriter();
        rtcp.receiverReport(1);
        rtcp.reportBlock(500, 25, 1, 70_000, 9, 0x0000_4000, 1 << 15);
        bench.rtcp(2, rtcp);
        final Subscription subscription = ((SubscriberSide) bench.router.side(2)).subscription(0);
        assertEquals(30 * MS, subscription.roundTrips.roundTripNs());
        assertEquals(25, subscription.fractionLost);
    }

    @Test
    void feedbackIsCompoundWhereReducedSizeWasNotAgreed() {
        final NegotiatedSection section = Bench.receive("v", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS);
        bench.publisher(8, 8, new NegotiatedSection("v", section.kind(), section.flow(), section.codecs(),
            section.extensions(), true, false, List.of(), 0, 0, "", ""));
        bench.subscriber(9, 9, List.of(), PeerMedia.ANY, Bench.send("y", MediaKind.VIDEO, List.of(Bench.VP8),
            Bench.VIDEO_EXTENSIONS, 600, 601));
        bench.packet(5, 96, 1, 1, true);
        bench.rtp(8, new byte[] {0x10, 1, 0, 0, 0});
        assertFalse(bench.reportsTo(8).isEmpty());
        bench.advance(1000 * MS);
        for (final Bench.Report report : bench.reportsTo(8)) {
            assertEquals(RtcpType.RECEIVER_REPORT, report.bytes()[1] & 0xFF);
        }
    }

    private void publisherReports(final long ntp, final int timestamp) {
        final var rtcp = bench.rtcpWriter();
        rtcp.senderReport(77, ntp, timestamp, 1, 1);
        bench.rtcp(1, rtcp);
    }

    private void sound(final int sequence) {
        bench.packet(77, 111, sequence, sequence * 960, false).extension16(3, transport++);
        bench.withText(4, "a");
        bench.rtp(1, new byte[] {1, 2, 3});
    }
}
