package org.chevet.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.chevet.relay.memory.PacketSlab;
import org.junit.jupiter.api.Test;

class StreamPartsTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;

    @Test
    void historyKeepsTheLastPacketsForAWhile() {
        final PacketSlab slab = new PacketSlab(64);
        final PacketHistory history = new PacketHistory(slab, 8, SECOND);
        for (int i = 0; i < 12; i++) {
            keep(slab, history, 100 + i, i * MS);
        }
        assertEquals(8, history.size());
        assertEquals(PacketSlab.NONE, history.find(103, 12 * MS));
        assertTrue(history.find(104, 12 * MS) >= 0);
        assertEquals(PacketSlab.NONE, history.find(104, 4 * MS + SECOND + 1));
        history.expire(5 * MS + SECOND);
        assertEquals(7, history.size());
        assertEquals(5 * MS + SECOND + 1, history.nextDeadlineNs());
        history.clear();
        slab.checkAllReleased();
        assertEquals(Long.MAX_VALUE, history.nextDeadlineNs());
    }

    @Test
    void historyGivesWayWhenTheSlabIsShort() {
        final PacketSlab slab = new PacketSlab(64);
        final PacketHistory history = new PacketHistory(slab, 64, SECOND);
        final int[] others = new int[50];
        Arrays.setAll(others, i -> slab.acquire());
        for (int i = 0; i < 1000; i++) {
            keep(slab, history, i, 0);
            assertTrue(slab.available() > 0, "packet " + i);
        }
        assertTrue(history.size() > 4 && history.size() < 14, "size " + history.size());
        history.clear();
        Arrays.stream(others).forEach(slab::release);
        slab.checkAllReleased();
    }

    @Test
    void seededHistoryFindsExactlyWhatItHolds() {
        final long seed = 5;
        final Random random = new Random(seed);
        final PacketSlab slab = new PacketSlab(512);
        final PacketHistory history = new PacketHistory(slab, 64, SECOND);
        long next = 1000;
        for (int i = 0; i < 50_000; i++) {
            next += random.nextInt(50) == 0 ? random.nextInt(3000) : random.nextInt(3);
            final long sequence = next - (random.nextInt(6) == 0 ? random.nextInt(100) : 0);
            keep(slab, history, sequence, i * MS);
            assertEquals(history.size(), slab.inUse(), "seed " + seed + " step " + i);
            assertTrue(history.size() <= 64);
        }
        history.expire(60_000 * MS);
        slab.checkAllReleased();
    }

    @Test
    void nackWaitsForReorderingThenRetriesPerRoundTrip() {
        final NackGenerator nack = new NackGenerator();
        final int[] due = new int[16];
        assertTrue(nack.onGap(65_535, 65_538, 0));
        assertEquals(0, nack.poll(due, 7 * MS));
        nack.onArrived(65_536, 7 * MS);
        assertEquals(8 * MS, nack.nextDeadlineNs());
        assertEquals(2, nack.poll(due, 8 * MS));
        assertEquals(65_535, due[0]);
        assertEquals(1, due[1]);
        assertEquals(0, nack.poll(due, 100 * MS));
        nack.onArrived(65_535, 48 * MS);
        assertEquals(40 * MS, nack.roundTripNs());
        assertEquals(1, nack.poll(due, 200 * MS));
        int tries = 2;
        long now = 200 * MS;
        while (nack.nextDeadlineNs() != Long.MAX_VALUE) {
            assertEquals(50 * MS, nack.nextDeadlineNs() - now);
            now = nack.nextDeadlineNs();
            tries += nack.poll(due, now);
        }
        assertEquals(NackGenerator.MAX_TRIES, tries);
        assertEquals(0, nack.missing());
    }

    @Test
    void nackGivesUpOnAnOutage() {
        final NackGenerator nack = new NackGenerator();
        assertTrue(nack.onGap(0, 200, 0));
        assertFalse(nack.onGap(200, 300, 0));
        assertEquals(0, nack.missing());
        assertEquals(Long.MAX_VALUE, nack.nextDeadlineNs());
    }

    @Test
    void nackSendsWhatDoesNotFitNextTime() {
        final NackGenerator nack = new NackGenerator();
        nack.onGap(0, 20, 0);
        assertEquals(16, nack.poll(new int[16], 10 * MS));
        assertEquals(4, nack.poll(new int[16], 10 * MS));
    }

    @Test
    void manyAskersOneRequestRepeatedUntilAKeyFrame() {
        final KeyFrameThrottle throttle = new KeyFrameThrottle();
        assertFalse(throttle.poll(0));
        throttle.ask();
        throttle.ask();
        assertTrue(throttle.poll(0));
        throttle.ask();
        assertFalse(throttle.poll(499 * MS));
        assertTrue(throttle.poll(500 * MS));
        throttle.onKeyFrame();
        assertFalse(throttle.poll(2000 * MS));
        throttle.ask();
        int sent = 0;
        for (long now = 2000 * MS; now < 60 * SECOND; now += 10 * MS) {
            sent += throttle.poll(now) ? 1 : 0;
        }
        assertEquals(KeyFrameThrottle.MAX_TRIES, sent);
        assertEquals(Long.MAX_VALUE, throttle.nextDeadlineNs());
    }

    @Test
    void senderClockMapsBothWays() {
        final SenderClock clock = new SenderClock();
        assertEquals(0, clock.lastReport());
        final long ntp = 0xE8_00_00_00_80_00_00_00L;
        clock.onSenderReport(ntp, -100, 10 * SECOND);
        assertEquals(0x0000_8000, clock.lastReport());
        assertEquals(3 << 15, clock.delaySinceLastReport(11 * SECOND + 500 * MS));
        assertEquals(ntp + (1L << 31), clock.ntpOf(-100 + 45_000, 90_000));
        assertEquals(-100 + 48_000, clock.timestampAt(ntp + (1L << 32), 48_000));
        assertEquals(-100 - 4800, clock.timestampAt(ntp - (1L << 32) / 10, 48_000));
    }

    @Test
    void roundTripIsMeasuredAgainstOwnMemory() {
        final RoundTrips trips = new RoundTrips();
        trips.onReportBlock(77, 0, SECOND);
        assertEquals(-1, trips.roundTripNs());
        for (int i = 1; i <= 12; i++) {
            trips.onReportSent(i, i * SECOND);
        }
        trips.onReportBlock(3, 0, 13 * SECOND);
        assertEquals(-1, trips.roundTripNs());
        trips.onReportBlock(11, 1 << 15, 11 * SECOND + 530 * MS);
        assertEquals(30 * MS, trips.roundTripNs());
        trips.onReportBlock(12, -1, 12 * SECOND);
        assertEquals(30 * MS, trips.roundTripNs());
    }

    @Test
    void sentPacketsAreFoundAgainIncludingTheMissing() {
        final PacketSlab slab = new PacketSlab(4);
        final PacketHistory history = new PacketHistory(slab, 4, SECOND);
        final SentPackets sent = new SentPackets();
        assertEquals(-1, sent.find(5));
        sent.add(70_000, 500, history, 7, 9);
        sent.add(70_003, 503, history, 7, 10);
        assertEquals(502, sent.incoming(sent.find(70_002 & 0xFFFF)));
        assertEquals(SentPackets.NO_NOTE, sent.note(sent.find(70_002 & 0xFFFF)));
        assertEquals(10, sent.note(sent.find(70_003 & 0xFFFF)));
        assertEquals(70_000, sent.outgoing(sent.find(70_000 & 0xFFFF)));
        assertEquals(-1, sent.find(70_004 & 0xFFFF));
        assertEquals(-1, sent.find(69_999 & 0xFFFF));
        final int index = sent.find(70_003 & 0xFFFF);
        assertTrue(sent.mayAnswer(index, 50 * MS, 0));
        assertFalse(sent.mayAnswer(index, 50 * MS, 49 * MS));
        assertTrue(sent.mayAnswer(index, 50 * MS, 50 * MS));
        sent.add(70_003 + SentPackets.CAPACITY, 1527, history, 8, 11);
        assertEquals(-1, sent.find(70_003 & 0xFFFF));
        assertEquals(8, sent.timestampOffset(sent.find(70_004 & 0xFFFF)));
        assertEquals(504, sent.incoming(sent.find(70_004 & 0xFFFF)));
        sent.forget();
        assertEquals(-1, sent.find(70_004 & 0xFFFF));
    }

    @Test
    void arrivalTimesReportEachPacketAndTheHoles() {
        final ArrivalTimes arrivals = new ArrivalTimes();
        assertFalse(arrivals.pending());
        arrivals.onPacket(65_535, 1);
        arrivals.onPacket(1, 3);
        assertTrue(arrivals.pending());
        assertEquals(2, arrivals.to() - arrivals.from());
        assertEquals(ArrivalTimes.NOT_RECEIVED, arrivals.arrivedNs(arrivals.from() + 1));
        assertEquals(3, arrivals.arrivedNs(arrivals.to()));
        arrivals.reported(arrivals.to());
        assertFalse(arrivals.pending());
        arrivals.onPacket(0, 4);
        assertEquals(1, arrivals.to() - arrivals.from());
        arrivals.reported(arrivals.to());
        arrivals.onPacket(4, 5);
        assertEquals(2, arrivals.to() - arrivals.from());
        arrivals.reported(arrivals.to());
        arrivals.onPacket(30_000, 6);
        assertEquals(arrivals.to(), arrivals.from());
        arrivals.onPacket(4, 7);
        assertEquals(arrivals.to(), arrivals.from());
    }

    private static void keep(final PacketSlab slab, final PacketHistory history, final long sequence,
        final long nowNs) {
        final int slot = slab.acquire();
        history.add(sequence, slot, nowNs);
        slab.release(slot);
    }
}
