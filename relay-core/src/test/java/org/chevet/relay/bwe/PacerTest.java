package org.chevet.relay.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long MS = 1_000_000;
    private static final long START = 77 * MS;
    private static final int SIZE = 1250;

    private final Pacer pacer = new Pacer();

    @Test
    void withoutATargetNothingWaits() {
        assertFalse(pacer.isLimited());
        for (int i = 0; i < 10_000; i++) {
            pacer.onSent(SIZE, START);
            assertEquals(Pacer.NOW, pacer.readyNs(ClinicalClass.BACKFILL, START));
        }
        pacer.setRateBps(1_000_000, START);
        assertEquals(Pacer.NOW, pacer.readyNs(ClinicalClass.FACE_VIDEO, START));
        assertTrue(pacer.isLimited());
    }

    @Test
    void videoLeavesAtTheMultipleOfTheTarget() {
        pacer.setRateBps(1_000_000, START);
        long now = START;
        int sent = 0;
        while (now < START + 250 * MS) {
            final long ready = pacer.readyNs(ClinicalClass.FACE_VIDEO, now);
            assertTrue(ready == Pacer.NOW || ready > now);
            if (ready == Pacer.NOW) {
                pacer.onSent(SIZE, now);
                sent++;
            } else {
                now = ready;
            }
        }
        // 2 Mbit/s are 50 packets of 10 kbit in 250 ms; one more is the burst of 5 ms.
        assertEquals(51, sent, 1);
    }

    @Test
    void speechNeverWaitsAndVideoYieldsToItForABoundedTime() {
        pacer.setRateBps(128_000, START);
        for (int i = 0; i < 1000; i++) {
            pacer.onSent(SIZE, START);
        }
        for (final ClinicalClass each : ClinicalClass.values()) {
            final long ready = pacer.readyNs(each, START);
            if (each.compareTo(ClinicalClass.GUIDED_VIDEO) < 0) {
                assertEquals(Pacer.NOW, ready, each.name());
            } else {
                assertEquals(START + Pacer.MAX_DEBT_NS - Pacer.BURST_NS, ready, each.name());
            }
        }
        final long end = START + Pacer.MAX_DEBT_NS - Pacer.BURST_NS;
        assertEquals(end, pacer.readyNs(ClinicalClass.FACE_VIDEO, end - 1));
        assertEquals(Pacer.NOW, pacer.readyNs(ClinicalClass.FACE_VIDEO, end));
    }

    @Test
    void aBacklogIsDrainedInTime() {
        pacer.setRateBps(100_000, START);
        long backlog = 40L * SIZE;
        long now = START;
        pacer.setBacklogBytes(backlog, now);
        while (backlog > 0) {
            final long ready = pacer.readyNs(ClinicalClass.GUIDED_VIDEO, now);
            if (ready == Pacer.NOW) {
                pacer.onSent(SIZE, now);
                backlog -= SIZE;
            } else {
                now = ready;
            }
        }
        assertTrue(now - START <= Pacer.MAX_QUEUE_NS, "took " + (now - START));
    }

    @Test
    void theHighestRatesDoNotOverflow() {
        pacer.setRateBps(Long.MAX_VALUE, START);
        pacer.setBacklogBytes(Long.MAX_VALUE, START);
        for (int i = 0; i < 1_000_000; i++) {
            pacer.onSent(65_535, START);
        }
        final long ready = pacer.readyNs(ClinicalClass.BACKFILL, START);
        assertTrue(ready > START && ready <= START + Pacer.MAX_DEBT_NS, "ready " + ready);
        assertEquals(Pacer.NOW, pacer.readyNs(ClinicalClass.BACKFILL, Long.MAX_VALUE / 2));
    }
}
