package org.chevet.codec.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Extended reports come back as they were written, and broken ones are read within their bounds. */
class ExtendedReportTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
    private final RtcpCompound compound = new RtcpCompound();
    private final ExtendedReport report = new ExtendedReport();

    @Test
    void referenceTimeAndDelayComeBack() {
        final RtcpWriter writer = new RtcpWriter().begin(buffer, 0, 256);
        assertTrue(writer.referenceTime(7, 0xE800_0000_4000_0001L));
        assertTrue(writer.delaySinceReference(8, 7, 0x1234_5678, 65_536));
        assertEquals(20 + 24, writer.length());
        assertTrue(compound.wrap(buffer, 0, writer.length()));
        assertTrue(compound.next() && report.wrap(compound));
        assertEquals(7, report.ssrc());
        assertFalse(report.findDelay(7));
        assertTrue(report.findReferenceTime());
        assertEquals(0xE800_0000_4000_0001L, report.ntp());
        assertTrue(compound.next() && report.wrap(compound));
        assertEquals(8, report.ssrc());
        assertFalse(report.findReferenceTime());
        assertFalse(report.findDelay(6), "an answer to somebody else");
        assertTrue(report.findDelay(7));
        assertEquals(0x1234_5678, report.lastReference());
        assertEquals(65_536, report.delay());
        assertFalse(compound.next());
    }

    @Test
    void whatDoesNotFitLeavesNoTrace() {
        final RtcpWriter writer = new RtcpWriter().begin(buffer, 0, 30);
        assertTrue(writer.referenceTime(7, 1));
        assertFalse(writer.delaySinceReference(8, 7, 1, 1));
        assertEquals(20, writer.length());
    }

    @Test
    void brokenBlocksAreReadWithinTheirBounds() {
        final Random random = new Random(3);
        for (int i = 0; i < 200_000; i++) {
            final int words = random.nextInt(12);
            // Just as long as the packet says: a read beyond it throws.
            final byte[] bytes = new byte[4 + 4 * words];
            random.nextBytes(bytes);
            bytes[0] = (byte) 0x80;
            bytes[1] = (byte) 207;
            bytes[2] = 0;
            bytes[3] = (byte) words;
            if (words > 1) {
                bytes[8] = (byte) (4 + random.nextInt(2));
                bytes[10] = 0;
                bytes[11] = (byte) random.nextInt(12);
            }
            assertTrue(compound.wrap(new UnsafeBuffer(bytes), 0, bytes.length) && compound.next());
            if (report.wrap(compound)) {
                if (report.findReferenceTime()) {
                    report.ntp();
                }
                if (report.findDelay(random.nextInt())) {
                    report.delay();
                    report.lastReference();
                }
            }
        }
    }
}
