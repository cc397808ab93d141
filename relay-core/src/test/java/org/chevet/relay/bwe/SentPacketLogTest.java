package org.chevet.relay.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SentPacketLogTest {
    private static final long MS = 1_000_000;

    private final SentPacketLog log = new SentPacketLog();

    @Test
    void whatWasSentIsFoundAcrossTheWrap() {
        for (int i = 0; i < 70_000; i++) {
            final int sequence = log.add(100 + i % 1000, ClinicalClass.FACE_VIDEO, i % 7, i * 1000L);
            assertEquals(i & 0xFFFF, sequence);
            final int old = log.find(sequence - Math.min(i, SentPacketLog.CAPACITY - 1), i * 1000L);
            assertNotEquals(SentPacketLog.NOT_FOUND, old);
            final int index = log.find(sequence, i * 1000L);
            assertEquals(i * 1000L, log.sentNs(index));
            assertEquals(100 + i % 1000, log.sizeBytes(index));
            assertEquals(i % 7, log.cluster(index));
            assertEquals(ClinicalClass.FACE_VIDEO, log.clinicalClass(index));
        }
        assertEquals(SentPacketLog.CAPACITY, log.size());
    }

    @Test
    void forgottenAndFutureNumbersAreNotFound() {
        assertEquals(SentPacketLog.NOT_FOUND, log.find(0, 0));
        for (int i = 0; i <= SentPacketLog.CAPACITY; i++) {
            log.add(100, ClinicalClass.SPEECH, SentPacketLog.NO_CLUSTER, 0);
        }
        assertEquals(SentPacketLog.NOT_FOUND, log.find(0, 0));
        assertNotEquals(SentPacketLog.NOT_FOUND, log.find(1, 0));
        assertEquals(SentPacketLog.NOT_FOUND, log.find(SentPacketLog.CAPACITY + 1, 0));
        assertEquals(100L * SentPacketLog.CAPACITY, log.outstandingBytes());
        assertEquals(SentPacketLog.NOT_FOUND, log.find(1, SentPacketLog.MAX_AGE_NS + 1));
        assertEquals(0, log.size());
        assertEquals(0, log.outstandingBytes());
    }

    @Test
    void repeatedFeedbackCountsOnceAndALateArrivalRevokesALoss() {
        log.add(100, ClinicalClass.SPEECH, SentPacketLog.NO_CLUSTER, 0);
        log.add(200, ClinicalClass.SPEECH, SentPacketLog.NO_CLUSTER, MS);
        assertTrue(log.onReceived(0));
        assertFalse(log.onReceived(0));
        assertFalse(log.onLost(0));
        assertEquals(200, log.outstandingBytes());
        assertTrue(log.onLost(1));
        assertFalse(log.onLost(1));
        assertTrue(log.onReceived(1));
        assertEquals(0, log.outstandingBytes());
    }
}
