package org.chevet.codec.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Examples made by hand from the diagram of RFC 8888 section 3.1. */
class CongestionFeedbackTest {
    private static final long SEED = 0x8888;
    /** Stream 0x11: three reports from 0xFFFE, padded; stream 0x22: none; stream 0x33: two reports from 7. */
    private static final String EXAMPLE = "8bcd000b" + "00000001"
        + "00000011" + "fffe0003" + "8400" + "0000" + "e001" + "0000"
        + "00000022" + "00050000"
        + "00000033" + "00070002" + "9ffe" + "9fff"
        + "00028000";

    private final RtcpCompound compound = new RtcpCompound();
    private final CongestionFeedback feedback = new CongestionFeedback();

    private boolean wrap(final String hex) {
        final byte[] bytes = HexFormat.of().parseHex(hex);
        return compound.wrap(new UnsafeBuffer(bytes), 0, bytes.length) && compound.next() && feedback.wrap(compound);
    }

    private void assertReport(final int ssrc, final int sequence, final boolean isReceived) {
        assertTrue(feedback.next());
        assertEquals(ssrc, feedback.ssrc());
        assertEquals(sequence, feedback.sequence());
        assertEquals(isReceived, feedback.isReceived());
    }

    @Test
    void streamsAndReportsComeInOrder() {
        assertTrue(wrap(EXAMPLE));
        assertEquals(1, feedback.senderSsrc());
        assertEquals(2_500_000_000L, feedback.timestampNs());
        for (int walk = 0; walk < 2; walk++) {
            assertReport(0x11, 0xFFFE, true);
            assertTrue(feedback.hasArrivalTime());
            assertEquals(1_000_000_000L, feedback.ageNs());
            assertEquals(0, feedback.ecn());
            assertReport(0x11, 0xFFFF, false);
            assertFalse(feedback.hasArrivalTime());
            assertReport(0x11, 0, true);
            assertEquals(CongestionFeedback.ECN_CE, feedback.ecn());
            assertEquals(976_562, feedback.ageNs());
            assertReport(0x33, 7, true);
            assertFalse(feedback.hasArrivalTime(), "further back than can be said");
            assertReport(0x33, 8, true);
            assertFalse(feedback.hasArrivalTime(), "not known");
            assertFalse(feedback.next());
            assertFalse(feedback.next());
            feedback.rewind();
        }
    }

    @Test
    void feedbackWithoutStreamsHasNoReports() {
        assertTrue(wrap("8bcd0002" + "00000001" + "00028000"));
        assertFalse(feedback.next());
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        assertFalse(wrap("8bcd0001" + "00000001"), "no timestamp");
        assertFalse(wrap("8bcd0003" + "00000001" + "00000011" + "00028000"), "half a stream");
        assertFalse(wrap("8bcd0004" + "00000001" + "00000011" + "00010001" + "00028000"), "report missing");
        assertFalse(wrap("8bcd0004" + "00000001" + "00000011" + "00014001" + "00028000"), "too many reports");
        assertFalse(wrap(EXAMPLE.replaceFirst("8b", "8f")), "another format");
        assertFalse(feedback.next());
    }

    @Test
    void noBytesBreakTheWalk() {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 20_000; round++) {
            final byte[] bytes = HexFormat.of().parseHex(EXAMPLE);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(8, bytes.length)] = (byte) random.nextInt();
            }
            assertTrue(compound.wrap(new UnsafeBuffer(bytes), 0, bytes.length) && compound.next());
            int reports = 0;
            if (feedback.wrap(compound)) {
                while (feedback.next()) {
                    feedback.sequence();
                    feedback.ageNs();
                    reports++;
                }
            }
            assertTrue(reports <= bytes.length / Short.BYTES, "round " + round + " seed " + SEED);
        }
    }
}
