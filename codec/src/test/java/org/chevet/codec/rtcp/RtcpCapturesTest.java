package org.chevet.codec.rtcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.Fixtures;
import org.junit.jupiter.api.Test;

/** Every RTCP datagram that the browsers sent. The totals come from a second reader, written in another language. */
class RtcpCapturesTest {
    private final RtcpCompound compound = new RtcpCompound();
    private final SenderReport senderReport = new SenderReport();
    private final ReceiverReport receiverReport = new ReceiverReport();
    private final SourceDescription description = new SourceDescription();
    private final Nack nack = new Nack();
    private final PictureLoss pictureLoss = new PictureLoss();
    private final Remb remb = new Remb();
    private final TransportFeedback feedback = new TransportFeedback();
    private final RtcpWriter writer = new RtcpWriter();
    private final TransportFeedbackWriter feedbackWriter = new TransportFeedbackWriter();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);

    @Test
    void everyPacketIsReadAndWrittenAgain() {
        final Map<String, Integer> kinds = new TreeMap<>();
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtcp()) {
                assertTrue(compound.wrap(packet.plain(), 0, packet.plain().capacity()), capture.file());
                while (compound.next()) {
                    final String kind = rewrite();
                    kinds.merge(kind, 1, Integer::sum);
                    if (writer.length() > 0) {
                        assertEquals(hex(compound.buffer(), compound.packetOffset(), compound.packetLength()),
                            hex(out, 0, writer.length()), capture.file() + " " + kind);
                    }
                }
            }
        }
        assertEquals(Map.of("SR", 15, "RR", 59, "SDES", 15, "NACK", 34, "TWCC", 75, "CCFB", 38, "PLI", 8, "REMB", 19,
            "XR", 20), kinds);
    }

    /** Writes the packet the walker stands on anew, except where the sender had a choice. */
    private String rewrite() {
        writer.begin(out, 0, out.capacity());
        if (senderReport.wrap(compound)) {
            assertTrue(writer.senderReport(senderReport.ssrc(), senderReport.ntp(), senderReport.rtpTimestamp(),
                senderReport.packetCount(), senderReport.octetCount()));
            blocks(senderReport.blocks());
            return "SR";
        }
        if (receiverReport.wrap(compound)) {
            assertTrue(writer.receiverReport(receiverReport.ssrc()));
            blocks(receiverReport.blocks());
            return "RR";
        }
        if (description.wrap(compound)) {
            assertTrue(description.next());
            final byte[] cname = new byte[description.cnameLength()];
            compound.buffer().getBytes(description.cnameOffset(), cname);
            assertTrue(cname.length == 0 || cname.length >= 16, new String(cname, UTF_8));
            assertTrue(writer.cname(description.ssrc(), cname));
            return "SDES";
        }
        if (nack.wrap(compound)) {
            for (int sequence = nack.next(); sequence >= 0; sequence = nack.next()) {
                assertTrue(writer.nack(nack.senderSsrc(), nack.mediaSsrc(), sequence));
            }
            return "NACK";
        }
        if (pictureLoss.wrap(compound)) {
            assertTrue(writer.pictureLoss(pictureLoss.senderSsrc(), pictureLoss.mediaSsrc()));
            return "PLI";
        }
        if (remb.wrap(compound)) {
            final int[] ssrcs = new int[remb.count()];
            for (int i = 0; i < ssrcs.length; i++) {
                ssrcs[i] = remb.ssrc(i);
            }
            assertTrue(writer.remb(remb.senderSsrc(), remb.rateBps(), ssrcs, ssrcs.length));
            return "REMB";
        }
        if (feedback.wrap(compound)) {
            return "TWCC";
        }
        if (compound.packetType() == RtcpType.EXTENDED_REPORT) {
            return "XR";
        }
        return compound.packetType() == RtcpType.TRANSPORT_FEEDBACK
            && compound.format() == RtcpType.FORMAT_CCFB ? "CCFB" : "unknown " + compound.packetType();
    }

    private void blocks(final ReportBlocks blocks) {
        for (int i = 0; i < blocks.count(); i++) {
            assertTrue(writer.reportBlock(blocks.ssrc(i), blocks.fractionLost(i), blocks.cumulativeLost(i),
                blocks.extendedHighestSequence(i), blocks.jitter(i), blocks.lastSr(i), blocks.delaySinceLastSr(i)));
        }
    }

    @Test
    void transportFeedbackSumsUpAsASecondReaderFound() {
        long statuses = 0;
        long received = 0;
        long lastTicks = 0;
        long bases = 0;
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtcp()) {
                assertTrue(compound.wrap(packet.plain(), 0, packet.plain().capacity()));
                while (compound.next()) {
                    if (!feedback.wrap(compound)) {
                        continue;
                    }
                    statuses += feedback.statusCount();
                    bases += feedback.baseSequence();
                    while (feedback.next()) {
                        received += feedback.isReceived() ? 1 : 0;
                    }
                    lastTicks += feedback.arrivalTicks();
                }
            }
        }
        assertEquals(463, statuses);
        assertEquals(463, received);
        assertEquals(855_902_501, lastTicks);
        assertEquals(7863, bases);
    }

    @Test
    void capturedTransportFeedbackBuiltAnewSaysTheSame() {
        final RtcpCompound again = new RtcpCompound();
        final TransportFeedback built = new TransportFeedback();
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtcp()) {
                assertTrue(compound.wrap(packet.plain(), 0, packet.plain().capacity()));
                while (compound.next()) {
                    if (!feedback.wrap(compound)) {
                        continue;
                    }
                    feedbackWriter.begin(feedback.baseSequence(), feedback.referenceTime() * 64_000_000L);
                    while (feedback.next()) {
                        assertTrue(feedbackWriter.add(feedback.sequence(), feedback.arrivalNs()));
                    }
                    assertTrue(writer.begin(out, 0, 2048).transportFeedback(feedbackWriter, feedback.senderSsrc(),
                        feedback.mediaSsrc(), feedback.feedbackCount()));
                    assertTrue(again.wrap(out, 0, writer.length()) && again.next() && built.wrap(again));
                    assertEquals(feedback.feedbackCount(), built.feedbackCount());
                    assertEquals(feedback.statusCount(), built.statusCount());
                    assertEquals(compound.packetLength(), again.packetLength(), "as compact as the browser's");
                    feedback.rewind();
                    while (feedback.next()) {
                        assertTrue(built.next());
                        assertEquals(feedback.sequence(), built.sequence());
                        assertEquals(feedback.arrivalTicks(), built.arrivalTicks());
                    }
                }
            }
        }
    }

    @Test
    void numbersAreThoseASecondReaderFound() {
        int nacked = 0;
        long rates = 0;
        final TreeSet<Integer> askedSsrcs = new TreeSet<>();
        for (final Fixtures.Capture capture : Fixtures.captures()) {
            for (final Fixtures.Packet packet : capture.rtcp()) {
                assertTrue(compound.wrap(packet.plain(), 0, packet.plain().capacity()));
                while (compound.next()) {
                    if (nack.wrap(compound)) {
                        while (nack.next() >= 0) {
                            nacked++;
                        }
                    }
                    rates += remb.wrap(compound) ? remb.rateBps() : 0;
                    if (pictureLoss.wrap(compound)) {
                        askedSsrcs.add(pictureLoss.mediaSsrc());
                    }
                }
            }
        }
        assertEquals(36, nacked);
        assertEquals(6_700_894, rates);
        assertTrue(askedSsrcs.contains(0x2222_2222), askedSsrcs.toString());
    }

    private static String hex(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
