package org.chevet.relay.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.chevet.codec.rtcp.RtcpCompound;
import org.chevet.codec.rtcp.TransportFeedback;
import org.chevet.codec.rtcp.TransportFeedbackWriter;
import org.junit.jupiter.api.Test;

class SendSideControlTest {
    private static final long MS = 1_000_000L;
    private static final int SIZE = 1200;
    private static final BweConfig CONFIG = new BweConfig(500_000, 30_000, 4_000_000);

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[TransportFeedbackWriter.MAX_LENGTH]);
    private final TransportFeedbackWriter writer = new TransportFeedbackWriter();
    private final RtcpCompound compound = new RtcpCompound();
    private final TransportFeedback feedback = new TransportFeedback();
    private long nowNs = 5000 * MS;
    private SendSideControl control = new SendSideControl(CONFIG, true, false, nowNs);

    private int send() {
        return control.nextTransportNumber(ClinicalClass.FACE_VIDEO, SIZE, nowNs);
    }

    /** Feedback about {@code count} packets from {@code first} on that arrived {@code gapNs} apart. */
    private void answer(final int first, final int count, final long arrivalNs, final long gapNs) {
        writer.begin(first, arrivalNs);
        for (int i = 0; i < count; i++) {
            assertTrue(writer.add((first + i) & 0xFFFF, arrivalNs + i * gapNs));
        }
        deliver();
    }

    private void deliver() {
        final int length = writer.write(bytes, 0, bytes.capacity(), 1, 2, 0);
        assertTrue(compound.wrap(bytes, 0, length));
        assertTrue(compound.next());
        assertTrue(feedback.wrap(compound));
        control.onTransportFeedback(feedback, nowNs);
    }

    /** Sends at a rate and answers every 50 ms; a queue grows by so much for each packet. */
    private void exchange(final int forMs, final int packetsPer10Ms, final long queueNsPerPacket,
        final int lossPercent) {
        final SplittableRandom random = new SplittableRandom(7);
        int since = 0;
        int first = -1;
        long queueNs = 0;
        writer.begin(0, nowNs);
        for (int t = 0; t < forMs; t += 10) {
            for (int i = 0; i < packetsPer10Ms; i++) {
                final int number = send();
                queueNs += queueNsPerPacket;
                if (random.nextInt(100) >= lossPercent) {
                    if (first < 0) {
                        first = number;
                        writer.begin(number, nowNs);
                    }
                    writer.add(number, nowNs + 20 * MS + queueNs + i * MS);
                }
            }
            nowNs += 10 * MS;
            since += 10;
            if (since == 50 && first >= 0) {
                deliver();
                first = -1;
                since = 0;
            }
        }
    }

    @Test
    void numbersRiseByOneAndWrap() {
        for (int i = 0; i < 70_000; i++) {
            assertEquals(i & 0xFFFF, send());
        }
    }

    @Test
    void startsAtTheStartRateAndVideoWaitsForIt() {
        assertEquals(CONFIG.startBps(), control.targetBps());
        int sent = 0;
        while (control.mayLeave(ClinicalClass.FACE_VIDEO, nowNs)) {
            send();
            sent++;
        }
        assertTrue(sent > 0 && sent < 4, "sent " + sent);
        assertTrue(control.mayLeave(ClinicalClass.SPEECH, nowNs));
        assertTrue(control.mayLeave(ClinicalClass.DEVICE_AUDIO, nowNs));
        final long deadlineNs = control.nextDeadlineNs();
        assertTrue(deadlineNs > nowNs && deadlineNs < nowNs + 100 * MS, "deadline in " + (deadlineNs - nowNs));
        nowNs = deadlineNs;
        control.handleTimeout(nowNs);
        assertEquals(Long.MAX_VALUE, control.nextDeadlineNs());
        assertTrue(control.mayLeave(ClinicalClass.FACE_VIDEO, nowNs));
    }

    @Test
    void whoNeverAnswersIsNotLimited() {
        for (int i = 0; i < 300; i++) {
            send();
            nowNs += 10 * MS;
        }
        assertFalse(control.isLimited());
        assertEquals(CONFIG.ceilingBps(), control.targetBps());
        for (int i = 0; i < 1000; i++) {
            assertTrue(control.mayLeave(ClinicalClass.FACE_VIDEO, nowNs));
            send();
        }
        // One that answers late is limited from then on.
        answer(1200, 50, nowNs, MS);
        assertTrue(control.isLimited());
    }

    @Test
    void aPathThatFallsSilentIsSentLessAndLess() {
        exchange(3000, 1, 0, 0);
        final long before = control.targetBps();
        for (int i = 0; i < 500; i++) {
            send();
            nowNs += 10 * MS;
        }
        assertTrue(control.targetBps() < 0.5 * before, "target " + control.targetBps() + " before " + before);
        assertTrue(control.isLimited());
        final long low = control.targetBps();
        // Nothing is sent, so nothing is missed.
        nowNs += 60_000 * MS;
        send();
        assertTrue(control.targetBps() >= 0.7 * low - 1, "target " + control.targetBps());
    }

    @Test
    void theRateGrowsWhileTheDelayStaysAndFallsWhenItGrows() {
        exchange(5000, 1, 0, 0);
        final long grown = control.targetBps();
        assertTrue(grown > CONFIG.startBps(), "target " + grown);
        assertEquals(960e3, (double) control.acknowledgedBps(), 50e3);
        exchange(1000, 1, MS, 0);
        assertTrue(control.targetBps() < 0.87 * 960_000, "target " + control.targetBps());
    }

    @Test
    void aLinkThatLosesATenthOfEverythingKeepsItsRate() {
        exchange(20_000, 1, 0, 10);
        assertTrue(control.targetBps() > 600_000, "target " + control.targetBps());
    }

    @Test
    void whatLeftTwiceTellsNothingOfTheDelay() {
        exchange(3000, 1, 0, 0);
        final long before = control.targetBps();
        for (int i = 0; i < 100; i++) {
            final int number = send();
            control.onSentAgain(number, SIZE, nowNs);
            nowNs += 10 * MS;
            // Arrivals that would look like a growing queue.
            answer(number, 1, nowNs + i * (5 * MS), 0);
        }
        assertTrue(control.targetBps() >= 0.5 * before, "target " + control.targetBps() + " before " + before);
        assertTrue(control.targetBps() <= before * 1.1);
    }

    @Test
    void theReceiversEstimateIsTakenWhereThereIsNoOther() {
        control.onReceiverEstimate(1_200_000, nowNs);
        assertEquals(500_000, control.targetBps());
        for (int i = 0; i < 20; i++) {
            for (int k = 0; k < 100; k++) {
                send();
                nowNs += 10 * MS;
            }
            control.onReceiverReport(0, 50 * MS, nowNs);
        }
        assertEquals(1_200_000, control.targetBps());
        control.onReceiverEstimate(800_000, nowNs);
        assertEquals(800_000, control.targetBps());
        for (int i = 0; i < 30; i++) {
            for (int k = 0; k < 100; k++) {
                send();
                nowNs += 10 * MS;
            }
            control.onReceiverEstimate(1_200_000, nowNs);
            control.onReceiverReport(64, 50 * MS, nowNs);
        }
        assertTrue(control.targetBps() < 800_000, "a quarter is lost, target " + control.targetBps());
        assertTrue(control.targetBps() > CONFIG.floorBps(), "target " + control.targetBps());
    }

    @Test
    void roomIsLookedForThoughNothingIsSentAnyMore() {
        control = new SendSideControl(CONFIG, true, true, nowNs);
        exchange(2000, 1, 0, 0);
        exchange(2000, 1, 2 * MS, 0);
        final long low = control.targetBps();
        assertTrue(low < 960_000, "target " + low);
        int probes = 0;
        for (int i = 0; i < 2000 && control.targetBps() <= low; i++) {
            nowNs += 10 * MS;
            if (nowNs >= control.nextDeadlineNs()) {
                control.handleTimeout(nowNs);
            }
            int first = -1;
            int count = 0;
            while (control.paddingBytes(nowNs) > 0) {
                final int number = control.nextTransportNumber(ClinicalClass.BACKFILL, 300, nowNs);
                first = first < 0 ? number : first;
                count++;
            }
            probes += count;
            if (count > 0) {
                answer(first, count, nowNs + 20 * MS, MS / 2);
            }
        }
        assertTrue(probes >= 5 && probes < 200, "packets of padding " + probes);
        assertTrue(control.targetBps() > low, "target " + control.targetBps() + " was " + low);
    }

    @Test
    void whereNothingCanBeProbedTheRateRisesByItself() {
        exchange(2000, 1, 0, 0);
        exchange(2000, 1, 2 * MS, 0);
        final long low = control.targetBps();
        nowNs += SendSideControl.IDLE_NS;
        assertTrue(nowNs >= control.nextDeadlineNs());
        control.handleTimeout(nowNs);
        assertTrue(control.targetBps() > low, "target " + control.targetBps() + " was " + low);
    }

    @Test
    void feedbackAboutNothingSentChangesNothing() {
        answer(4711, 30, nowNs, MS);
        assertEquals(CONFIG.startBps(), control.targetBps());
        for (int i = 0; i < 300; i++) {
            send();
            nowNs += 10 * MS;
        }
        assertFalse(control.isLimited());
    }

    @Test
    void anyFeedbackLeavesTheTargetWithinItsBounds() {
        for (long seed = 0; seed < 50; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            control = new SendSideControl(CONFIG, true, true, nowNs);
            for (int i = 0; i < 2000; i++) {
                nowNs += random.nextLong(20 * MS);
                if (random.nextInt(3) > 0) {
                    send();
                } else {
                    long arrivalNs = random.nextLong(1L << 52);
                    writer.begin(Math.max(0, i / 2 - random.nextInt(50)), arrivalNs);
                    for (int k = 0; k < 60; k++) {
                        arrivalNs += random.nextLong(-100 * MS, 100 * MS);
                        writer.add(Math.max(0, i / 2 - 50) + k * (1 + random.nextInt(3)), arrivalNs);
                    }
                    if (writer.statusCount() > 0) {
                        deliver();
                    }
                }
                control.onReceiverReport(random.nextInt(256), random.nextLong(5000 * MS), nowNs);
                assertTrue(control.targetBps() >= CONFIG.floorBps() && control.targetBps() <= CONFIG.ceilingBps(),
                    "seed " + seed + " target " + control.targetBps());
            }
        }
    }

    @Test
    void nothingIsAllocatedForPacketsAndFeedback() {
        control = new SendSideControl(CONFIG, true, true, nowNs);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 400; i++) {
                step(i);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        // The measuring call itself allocates a little now and then.
        assertTrue(best < 1000, best + " bytes for 400 feedbacks");
    }

    private void step(final int round) {
        int first = -1;
        for (int i = 0; i < 10; i++) {
            control.mayLeave(ClinicalClass.FACE_VIDEO, nowNs);
            control.paddingBytes(nowNs);
            final int number = send();
            if (first < 0) {
                first = number;
                writer.begin(number, nowNs);
            }
            if (i == 0 || (i + round) % 7 > 0) {
                writer.add(number, nowNs + (round % 50) * MS);
            }
            nowNs += 5 * MS;
            control.handleTimeout(nowNs);
        }
        final int length = writer.write(bytes, 0, bytes.capacity(), 1, 2, 0);
        if (compound.wrap(bytes, 0, length) && compound.next() && feedback.wrap(compound)) {
            control.onTransportFeedback(feedback, nowNs);
        }
        control.onReceiverReport(round & 0xFF, 40 * MS, nowNs);
    }
}
